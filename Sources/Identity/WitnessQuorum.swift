internal import Raft

/// How many must be heard so that nothing is missed. `BootClaim` has the argument.
enum WitnessQuorum {
    /// To start again: a majority of the witnesses.
    static func isSatisfied(_ witnesses: [NodeID], by heard: Set<NodeID>) -> Bool {
        count(witnesses, in: heard) >= majority(of: witnesses.count)
    }

    /// A later life of a witness stands in for it: it has lost what the earlier one had recorded, but before it spoke it
    /// learnt what others remember.
    private static func count(_ witnesses: [NodeID], in heard: Set<NodeID>) -> Int {
        witnesses.count { witness in
            heard.contains(witness) || heard.contains { $0.number == witness.number && $0.life != 0 }
        }
    }

    /// To renew while running: a majority of the witnesses; but one of two in a cluster of up to three, so that it is
    /// left able to renew when one node is away.
    static func isRenewed(_ witnesses: [NodeID], by heard: Set<NodeID>, members: Int) -> Bool {
        let needed = witnesses.count <= 2 && members <= 3 ? min(1, witnesses.count) : majority(of: witnesses.count)
        return witnesses.isEmpty || count(witnesses, in: heard) >= needed
    }

    /// To found late, beside founders who are there already: so many others that whoever could have witnessed an earlier
    /// beginning of this node under life 0 is among them.
    static func lateFounders(of founders: Int) -> Int {
        let others = founders - 1
        // The fewest that can have witnessed a founder's first boot: a majority of those who made the majority with it.
        let witnesses = majority(of: max(1, majority(of: founders) - 1))
        return others - witnesses + 1
    }

    static func majority(of count: Int) -> Int { count / 2 + 1 }
}
