package import Bytes

/// The probabilities from which a payment is for review, or blocked.
public struct DecisionThresholds: Sendable, Equatable {
    public let review: Float
    public let block: Float

    /// Above 0, `review` at most `block`. What is above 1 is never reached.
    public init(review: Float, block: Float) {
        precondition(Self.areValid(review, block), "thresholds out of order or bounds")
        self.review = review
        self.block = block
    }

    public func decision(_ probability: Float) -> Decision {
        if probability >= block { return .block }
        return probability >= review ? .review : .approve
    }

    private static func areValid(_ review: Float, _ block: Float) -> Bool {
        0 < review && review <= block && block <= 2
    }
}

// MARK: - How they are chosen

extension DecisionThresholds {
    /// What mistakes and work cost, in any one unit: the thresholds at which a calibrated probability makes each decision
    /// the cheapest.
    ///
    /// To approve costs `missedFraud` with the payment's probability of fraud, to block costs `falseBlock` with the rest of it, to
    /// review costs `review` always and finds the truth.
    public struct Costs: Sendable, Equatable {
        public var missedFraud: Double
        public var falseBlock: Double
        public var review: Double

        public init(missedFraud: Double, falseBlock: Double, review: Double) {
            precondition(min(missedFraud, falseBlock, review) > 0, "a cost is above zero")
            self.missedFraud = missedFraud
            self.falseBlock = falseBlock
            self.review = review
        }
    }

    public init(costs: Costs) {
        let reviewFrom = costs.review / costs.missedFraud
        let blockFrom = 1 - costs.review / costs.falseBlock
        // A review that is never worth its cost leaves one threshold, where approving and blocking cost the same.
        let either = costs.falseBlock / (costs.falseBlock + costs.missedFraud)
        let (review, block) = reviewFrom < blockFrom ? (reviewFrom, blockFrom) : (either, either)
        self.init(review: max(Float(review), .leastNormalMagnitude), block: max(Float(block), .leastNormalMagnitude))
    }

    /// So that at most `alertsPerDay` payments a day are for review or blocked, on average over the `days` in which payments had
    /// these probabilities; those from `block` on, or the review threshold if that is higher, are blocked.
    ///
    /// - Parameter weights: payments that each of the probabilities stands for; nil: one.
    public init(alertsPerDay: Double, probabilities: [Float], weights: [Float]? = nil, days: Double, block: Float = 0.9)
    {
        precondition(alertsPerDay >= 0 && days > 0 && 0 < block && block <= 2, "a budget out of bounds")
        precondition(weights.map { $0.count == probabilities.count } ?? true, "a probability has a weight")
        let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
        var left = alertsPerDay * days
        var review = Float.leastNormalMagnitude
        for position in order {
            left -= Double(weights?[position] ?? 1)
            guard left < 0 else { continue }
            // The first that is one too many, and all equal to it, stay below.
            review = probabilities[position].nextUp
            break
        }
        review = min(max(review, .leastNormalMagnitude), 2)
        self.init(review: review, block: max(review, block))
    }
}

extension DecisionThresholds {
    package func encode(into writer: inout ByteWriter) {
        writer.write(review)
        writer.write(block)
    }

    package init(from reader: inout ByteReader) throws(MalformedBytes) {
        let review = try reader.readFloat()
        let block = try reader.readFloat()
        guard Self.areValid(review, block) else {
            throw MalformedBytes(offset: reader.offset, reason: "thresholds out of order or bounds")
        }
        self.init(review: review, block: block)
    }
}
