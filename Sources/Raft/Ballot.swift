/// The answers to one round of (pre-)vote requests.
package struct Ballot: Equatable, Sendable {
    package enum Outcome: Sendable { case pending, won, lost }

    private var answers: [Bool?]

    package init(voters: VoterSet) { answers = Array(repeating: nil, count: voters.count) }

    /// The first answer of a voter counts; a repeated message changes nothing.
    package mutating func record(_ granted: Bool, at position: Int) {
        if answers[position] == nil { answers[position] = granted }
    }

    package func outcome(in voters: VoterSet) -> Outcome {
        if answers.count(where: { $0 == true }) >= voters.quorum { return .won }
        // Lost as soon as the voters that have not refused are too few.
        if answers.count(where: { $0 != false }) < voters.quorum { return .lost }
        return .pending
    }
}
