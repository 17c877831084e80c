internal import Raft

/// A directory that is empty: what it has heard from the founders of its configuration.
struct UnbornPhase: Sendable {
    let number: UInt64
    let clusterID: String
    let founding: Membership
    let mayFound: Bool
    var nonce: UInt64
    /// Founders that were seen empty, be it by their own asks, since this one began to look.
    var empty: Set<UInt64> = []
    /// Who says that the cluster exists, and never heard of this number.
    var strangers: Set<NodeID> = []
    var ticks = 0

    var others: Set<UInt64> { Set(founding.members.map(\.number)).subtracting([number]) }
    var node: NodeID { NodeID(number: number) }

    var waitingFor: String {
        let missing = others.subtracting(empty).subtracting(strangers.map(\.number)).sorted()
        return "this node's data directory is empty; waiting to hear from "
            + (missing.isEmpty ? "any node" : missing.map { "n\($0)" }.joined(separator: ", "))
    }
}

extension BootClaim {
    mutating func step(_ unborn: UnbornPhase, _ event: Event, into effects: inout [Effect]) {
        var unborn = unborn
        switch event {
        case .tick:
            unborn.ticks += 1
            if unborn.ticks % options.askTicks == 0 { for peer in peers.sorted() { ask(peer, unborn, &effects) } }
        case .connected(let peer): ask(peer, unborn, &effects)
        case .asked(let ask, let peer):
            // Who asks with an empty directory is empty, whatever it will be when it answers.
            if case .unborn(let number, _) = ask.subject, number == peer.number { unborn.empty.insert(number) }
        case .answered(let answer, let peer):
            guard answer.nonce == unborn.nonce else { return }
            switch answer.verdict {
            // A later life says so until it is granted; that a cluster exists is then certain.
            case .unborn: if peer.life == 0 { unborn.empty.insert(peer.number) }
            case .exists(let known?, _):
                join("\(peer) knows this node as \(known), but its data directory is empty", [peer], &effects)
                return
            case .exists(nil, isFounder: false):
                join("\(peer) is of a cluster that n\(unborn.number) has not founded", [peer], &effects)
                return
            case .exists(nil, isFounder: true): unborn.strangers.insert(peer)
            case .welcome, .stale, .otherLife: break
            }
        case .lost, .membershipChanged: break
        }
        phase = .unborn(unborn)
        decide(unborn, into: &effects)
    }

    mutating func decide(_ unborn: UnbornPhase, into effects: inout [Effect]) {
        let others = unborn.others
        let empty = unborn.empty.intersection(others)
        let strangers = unborn.strangers.filter { !empty.contains($0.number) }
        let founders = empty.union(strangers.map(\.number)).intersection(others)
        let isPatienceOver = unborn.ticks >= options.patienceTicks
        guard unborn.mayFound else {
            let needed = isPatienceOver ? 1 : WitnessQuorum.majority(of: others.count)
            if unborn.strangers.count >= needed {
                join("n\(unborn.number) has lost its log", unborn.strangers.sorted(), &effects)
            }
            return
        }
        if founders.count == others.count
            || strangers.isEmpty && isPatienceOver
                && empty.count + 1 >= WitnessQuorum.majority(of: others.count + 1)
            || !strangers.isEmpty && founders.count >= WitnessQuorum.lateFounders(of: others.count + 1)
        {
            found(unborn, witnesses: empty.map { NodeID(number: $0) } + strangers, &effects)
        } else if !strangers.isEmpty, isPatienceOver {
            join(
                "too few founders can say whether n\(unborn.number) has lived before", unborn.strangers.sorted(),
                &effects)
        }
    }

    private func ask(_ peer: NodeID, _ unborn: UnbornPhase, _ effects: inout [Effect]) {
        effects.append(.ask(peer, .unborn(number: unborn.number, nonce: unborn.nonce)))
    }

    private mutating func found(_ unborn: UnbornPhase, witnesses: [NodeID], _ effects: inout [Effect]) {
        let record = BootRecord(node: unborn.node, boot: 1, nonce: nextNonce(), witnesses: witnesses)
        let identity = NodeIdentity(clusterID: unborn.clusterID, record: record, founding: unborn.founding)
        membership = unborn.founding
        effects.append(.founded(identity))
        claim(identity, into: &effects)
    }

    private mutating func join(_ reason: String, _ witnesses: [NodeID], _ effects: inout [Effect]) {
        phase = .ended(.joining)
        effects.append(.joinAsNewLife(reason: reason, witnesses: witnesses))
    }
}
