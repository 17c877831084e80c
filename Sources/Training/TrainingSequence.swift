/// One user's payments in the order of their arrival, and what is known of them.
public struct TrainingSequence: Sendable, Equatable {
    /// Genuine, fraud, or not known (or not to be learnt from): context only.
    public enum Label: UInt8, Sendable {
        case genuine = 0
        case fraud = 1
        case unknown = 2
    }

    /// Anything that tells the users apart; folds go by it.
    public var user: UInt64
    public var tokens: [SIMD16<Int8>]
    /// One for each token.
    public var labels: [Label]

    public init(user: UInt64, tokens: [SIMD16<Int8>] = [], labels: [Label] = []) {
        precondition(tokens.count == labels.count, "every token has a label")
        self.user = user
        self.tokens = tokens
        self.labels = labels
    }

    public mutating func append(_ token: SIMD16<Int8>, _ label: Label) {
        tokens.append(token)
        labels.append(label)
    }
}
