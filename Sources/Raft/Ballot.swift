/// The answers to one round of (pre-)vote requests, by positions in the roster.
package struct Ballot: Equatable, Sendable {
    package enum Outcome: Sendable { case pending, won, lost }

    private var answers: [Bool?]

    package init(members: Int) { answers = Array(repeating: nil, count: members) }

    /// The first answer of a member counts; a repeated message changes nothing.
    package mutating func record(_ granted: Bool, at position: Int) {
        if answers[position] == nil { answers[position] = granted }
    }

    package func outcome(in quorum: Quorum) -> Outcome {
        if quorum.isReached({ answers[$0] == true }) { return .won }
        // Lost as soon as those that have not refused are too few.
        return quorum.isReached({ answers[$0] != false }) ? .pending : .lost
    }
}
