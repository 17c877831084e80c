/// The reads of a leader, between their arrival and the proof that it still led when they arrived (ReadIndex,
/// dissertation §6.4).
///
/// A round is a broadcast of heartbeats under a number of its own. Its answers confirm the reads that came before it
/// began, and no others: those that come meanwhile wait for the next round, so that a late answer can't vouch for them.
/// Where there are no reads, rounds go on all the same: what they prove then is that this leader still leads.
package struct ReadQueue: Equatable, Sendable {
    package enum Origin: Equatable, Sendable {
        case local
        case member(NodeID)
    }

    package struct Read: Equatable, Sendable {
        package let origin: Origin
        package let tag: UInt64
        /// What was committed when the read arrived.
        package let index: LogIndex

        package init(origin: Origin, tag: UInt64, index: LogIndex) {
            self.origin = origin
            self.tag = tag
            self.index = index
        }
    }

    private var lastRound: UInt64 = 0
    private var isRoundOut = false
    /// Since the round that is out began, and how long its answers may take.
    private var roundTicks = 0
    private var patienceTicks = 0
    private var confirming: [Read] = []
    private var confirmations: Ballot
    private var waiting: [Read] = []

    package init() { confirmations = Ballot(members: 0) }

    package var count: Int { confirming.count + waiting.count }
    /// The round that heartbeats carry now; zero if none is out.
    package var round: UInt64 { isRoundOut ? lastRound : 0 }
    package var isRoundOverdue: Bool { isRoundOut && roundTicks >= patienceTicks }

    package mutating func add(_ read: Read) { waiting.append(read) }

    package var isAnyWaiting: Bool { !waiting.isEmpty }

    /// Begins a round for all that waits, unless one is out. `position` is the leader's own, where it is a member.
    package mutating func beginRound(self position: Int?, members: Int, patienceTicks: Int) -> Bool {
        guard !isRoundOut else { return false }
        lastRound += 1
        isRoundOut = true
        roundTicks = 0
        self.patienceTicks = patienceTicks
        swap(&confirming, &waiting)
        confirmations = Ballot(members: members)
        if let position { confirmations.record(true, at: position) }
        return true
    }

    /// Takes the round that is out for none: it was asked of others than those whose word counts now.
    package mutating func abandonRound() {
        waiting = confirming + waiting
        confirming = []
        isRoundOut = false
    }

    package mutating func tick() {
        if isRoundOut { roundTicks += 1 }
    }

    /// The reads that this answer completes: all of the round, or none.
    package mutating func confirm(round answered: UInt64, from position: Int, quorum: Quorum) -> [Read] {
        guard answered != 0, answered == round else { return [] }
        confirmations.record(true, at: position)
        guard confirmations.outcome(in: quorum) == .won else { return [] }
        isRoundOut = false
        defer { confirming = [] }
        return confirming
    }

    package mutating func removeAll() -> [Read] {
        defer {
            confirming = []
            waiting = []
        }
        return confirming + waiting
    }
}
