/// The answers to one round of (pre-)vote requests, by positions in the roster.
package struct Ballot: Equatable, Sendable {
    package enum Outcome: Sendable { case pending, won, lost }

    private var answers: [Bool?]

    package init(members: Int) { answers = Array(repeating: nil, count: members) }

    /// What was granted stays granted. Who refused may think better of it when a pre-candidate asks again: a leader that
    /// it still heard then may be lost now. A vote once refused is not granted in its term.
    package mutating func record(_ granted: Bool, at position: Int) {
        if answers[position] != true { answers[position] = granted }
    }

    package func outcome(in quorum: Quorum) -> Outcome {
        if quorum.isReached({ answers[$0] == true }) { return .won }
        // Lost as soon as those that have not refused are too few.
        return quorum.isReached({ answers[$0] != false }) ? .pending : .lost
    }
}
