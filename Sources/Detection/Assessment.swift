/// What is to be done with a payment.
public enum Decision: UInt8, Sendable, CaseIterable {
    case approve = 0
    case review = 1
    case block = 2

    /// As the API and the database spell it.
    public var name: String {
        switch self {
        case .approve: "approve"
        case .review: "review"
        case .block: "block"
        }
    }

    public init?(name: some StringProtocol) {
        guard let decision = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = decision
    }
}

/// Why a payment scored as it did: one rule that fired, in words and numbers. Never holds a user's id.
public struct Reason: Sendable, Equatable {
    /// Stable, for programs: "amount_over_limit".
    public let code: String
    /// For people.
    public let text: String
    /// What this alone adds to the score, 0...1.
    public let points: Double

    public init(code: String, text: String, points: Double) {
        self.code = code
        self.text = text
        self.points = points
    }
}

/// The verdict on one payment.
public struct Assessment: Sendable, Equatable {
    public let decision: Decision
    /// 0...1; higher is worse.
    public let score: Float
    /// Never empty: where no rule fired, one reason says so.
    public let reasons: [Reason]

    public init(decision: Decision, score: Float, reasons: [Reason]) {
        self.decision = decision
        self.score = score
        self.reasons = reasons
    }
}
