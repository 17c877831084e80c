public import Detection
public import Ledger

/// A label as a client gives it.
public struct LabelRequest: Sendable, Equatable {
    public let transactionID: TransactionID
    public let verdict: Verdict
    /// Who says so: 1...64 bytes without control characters.
    public let source: String
    /// When it was found out, microseconds since 1970 UTC; nil: now.
    public let labelledAtMicroseconds: Int64?

    public init(
        transactionID: TransactionID, verdict: Verdict, source: String, labelledAtMicroseconds: Int64? = nil
    ) {
        self.transactionID = transactionID
        self.verdict = verdict
        self.source = source
        self.labelledAtMicroseconds = labelledAtMicroseconds
    }
}

/// What became of labels: they are committed on a majority, and count on every node from their place in the log on.
public struct LabelReceipt: Sendable, Equatable {
    /// One for each label, in order.
    public let outcomes: [LabelOutcome]
    /// The log index at or below which all of them are committed.
    public let commitIndex: UInt64

    public init(outcomes: [LabelOutcome], commitIndex: UInt64) {
        self.outcomes = outcomes
        self.commitIndex = commitIndex
    }
}

/// The newest label of a stored transaction.
public struct LabelView: Sendable, Equatable {
    public let verdict: Verdict
    public let source: String
    public let labelledAtMicroseconds: Int64
    public let logIndex: UInt64

    public init(verdict: Verdict, source: String, labelledAtMicroseconds: Int64, logIndex: UInt64) {
        self.verdict = verdict
        self.source = source
        self.labelledAtMicroseconds = labelledAtMicroseconds
        self.logIndex = logIndex
    }
}

/// What the engines said of a stored transaction; nil: there was none of that kind. All are 0...1.
public struct DetectionScores: Sendable, Equatable {
    /// The model that decided with the rules; nil: rules alone did.
    public let modelID: String?
    public let rules: Float?
    public let forest: Float?
    public let transformer: Float?
    public let probability: Float?
    /// The model that scored beside it.
    public let shadowModelID: String?
    public let shadow: Float?

    public init(
        modelID: String?, rules: Float?, forest: Float?, transformer: Float?, probability: Float?,
        shadowModelID: String?, shadow: Float?
    ) {
        self.modelID = modelID
        self.rules = rules
        self.forest = forest
        self.transformer = transformer
        self.probability = probability
        self.shadowModelID = shadowModelID
        self.shadow = shadow
    }
}

extension DetectionScores {
    /// Nil if no model said anything.
    init?(_ stored: StoredScores) {
        guard stored.models != .none else { return nil }
        let model = stored.scores.model
        self.init(
            modelID: stored.models.active?.description, rules: model?.rules, forest: model?.forest,
            transformer: model?.transformer, probability: model?.probability,
            shadowModelID: stored.models.shadow?.description, shadow: stored.scores.shadow?.probability)
    }
}
