import Bytes
public import Detection

/// What the engines said of one payment, beside the score that came of it. Only where a model judged, live or in shadow.
public struct RecordScores: Sendable, Equatable {
    /// Of the active model; nil: rules alone decided.
    public var model: ModelScores?
    /// Of the model in shadow; nil: there was none.
    public var shadow: ShadowScore?

    public struct ModelScores: Sendable, Equatable {
        /// 0...1.
        public var rules: Float
        /// 0...1.
        public var forest: Float
        /// 0...1.
        public var transformer: Float
        /// 0...1, calibrated.
        public var probability: Float

        public init(rules: Float, forest: Float, transformer: Float, probability: Float) {
            self.rules = rules
            self.forest = forest
            self.transformer = transformer
            self.probability = probability
        }
    }

    public struct ShadowScore: Sendable, Equatable {
        /// 0...1, calibrated.
        public var probability: Float
        /// What would have been decided.
        public var decision: Decision

        public init(probability: Float, decision: Decision) {
            self.probability = probability
            self.decision = decision
        }
    }

    public init(model: ModelScores?, shadow: ShadowScore?) {
        self.model = model
        self.shadow = shadow
    }

    public static let none = RecordScores(model: nil, shadow: nil)
}

extension RecordScores {
    private static let hasModel: UInt8 = 1
    private static let hasShadow: UInt8 = 2

    func encode(into writer: inout ByteWriter) {
        writer.write((model == nil ? 0 : Self.hasModel) | (shadow == nil ? 0 : Self.hasShadow))
        if let model {
            writer.write(model.rules)
            writer.write(model.forest)
            writer.write(model.transformer)
            writer.write(model.probability)
        }
        if let shadow {
            writer.write(shadow.probability)
            writer.write(shadow.decision.rawValue)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let flags = try reader.read(UInt8.self)
        guard flags < 4 else { throw MalformedBytes(offset: start, reason: "unknown flags of scores") }
        if flags & Self.hasModel != 0 {
            let rules = try readScore(&reader)
            let forest = try readScore(&reader)
            let transformer = try readScore(&reader)
            model = ModelScores(
                rules: rules, forest: forest, transformer: transformer, probability: try readScore(&reader))
        } else {
            model = nil
        }
        if flags & Self.hasShadow != 0 {
            let probability = try readScore(&reader)
            shadow = ShadowScore(probability: probability, decision: try Decision(from: &reader))
        } else {
            shadow = nil
        }
    }
}

extension Decision {
    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let number = try reader.read(UInt8.self)
        guard let decision = Decision(rawValue: number) else {
            throw MalformedBytes(offset: start, reason: "decision \(number) is unknown")
        }
        self = decision
    }
}

/// Which models judged the payments of an entry.
public struct JudgingModels: Sendable, Equatable {
    public let active: ModelID?
    public let shadow: ModelID?

    public init(active: ModelID?, shadow: ModelID?) {
        self.active = active
        self.shadow = shadow
    }

    public static let none = JudgingModels(active: nil, shadow: nil)
}
