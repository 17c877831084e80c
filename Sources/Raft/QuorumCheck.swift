/// How a leader knows that it still leads: it sends its heartbeats in rounds, and one that a quorum has answered proves
/// that it led when the round began. Reads wait for that proof (ReadIndex, dissertation §6.4).
///
/// Each round has a number of its own. Its answers confirm the reads that came before it began, and no others: those that
/// come meanwhile wait for the next round, so that a late answer can't vouch for them.
struct QuorumCheck: Equatable, Sendable {
    private struct Round: Equatable, Sendable {
        var answers: Ballot
        var ticksLeft: Int
    }

    private var lastNumber: UInt64 = 0
    /// The round whose answers are awaited.
    private var current: Round?
    private var confirming: [PendingRead] = []
    private var waiting: [PendingRead] = []

    /// The reads that are not answered yet.
    var readCount: Int { confirming.count + waiting.count }
    /// The round that heartbeats carry now; zero if none is out.
    var round: UInt64 { current == nil ? 0 : lastNumber }
    var isOverdue: Bool { current.map { $0.ticksLeft <= 0 } ?? false }
    /// Whether reads wait for a round that has not begun.
    var isRoundNeeded: Bool { !waiting.isEmpty }

    mutating func add(_ read: PendingRead) { waiting.append(read) }

    /// Begins a round for all that waits, unless one is out.
    /// - Parameter position: the leader's own, where it is a member.
    /// - Parameter patienceTicks: how long its answers may take.
    mutating func beginRound(self position: Int?, members: Int, patienceTicks: Int) -> Bool {
        guard current == nil else { return false }
        lastNumber += 1
        var answers = Ballot(members: members)
        if let position { answers.record(true, at: position) }
        current = Round(answers: answers, ticksLeft: patienceTicks)
        swap(&confirming, &waiting)
        return true
    }

    /// Takes the round that is out for none: it was asked of others than those whose word counts now.
    mutating func abandonRound() {
        waiting = confirming + waiting
        confirming = []
        current = nil
    }

    mutating func tick() { current?.ticksLeft -= 1 }

    /// The reads that this answer completes: all of the round, or none.
    mutating func confirm(round answered: UInt64, from position: Int, quorum: Quorum) -> [PendingRead] {
        guard answered != 0, answered == round else { return [] }
        current?.answers.record(true, at: position)
        guard current?.answers.outcome(in: quorum) == .won else { return [] }
        current = nil
        defer { confirming = [] }
        return confirming
    }

    mutating func removeReads() -> [PendingRead] {
        defer {
            confirming = []
            waiting = []
        }
        return confirming + waiting
    }
}
