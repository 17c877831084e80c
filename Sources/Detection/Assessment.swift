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

/// What was said of one payment, by whom, and why.
public struct Assessment: Sendable, Equatable {
    public let decision: Decision
    /// 0...1; higher is worse. The calibrated probability of fraud, or without a model the rules' points.
    public let score: Float
    /// Never empty: where no rule fired, one reason says so. Without a model one says that, too.
    public let reasons: [Reason]
    /// What each engine said; nil without a model: rules alone decided.
    public let scores: Scores?
    /// Rules in shadow mode that fired; they changed nothing.
    public let shadowHits: [ShadowHit]

    /// What each engine said of a payment.
    public struct Scores: Sendable, Equatable {
        /// The points of the rules that read no model, 0...1.
        public var rules: Float
        /// 0...1.
        public var forest: Float
        /// 0...1: the transformer alone, as a probability.
        public var transformer: Float
        /// 0...1: the fusion of all, calibrated.
        public var probability: Float

        public init(rules: Float, forest: Float, transformer: Float, probability: Float) {
            self.rules = rules
            self.forest = forest
            self.transformer = transformer
            self.probability = probability
        }
    }

    public init(
        decision: Decision, score: Float, reasons: [Reason], scores: Scores? = nil, shadowHits: [ShadowHit] = []
    ) {
        self.decision = decision
        self.score = score
        self.reasons = reasons
        self.scores = scores
        self.shadowHits = shadowHits
    }

    /// "hybrid", or "rules" where there was no model.
    public var engine: String { scores == nil ? "rules" : "hybrid" }
}
