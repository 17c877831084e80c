public import Bytes

/// All that was learnt: forest, transformer, fusion, calibration and thresholds as one value with a name, made at one time
/// and replaced as a whole. Immutable.
public struct DetectionModel: Sendable, Equatable {
    public let header: ModelHeader
    /// Over the features, in their order.
    public let forest: IsolationForest
    public let transformer: Transformer
    /// Over `FusionColumns`.
    public let fusion: BoostedTrees
    public let calibration: Calibration
    public let thresholds: DecisionThresholds

    /// Bytes of an artifact.
    public static let maximumBytes = 4 << 20

    /// The header's id is made here.
    public init(
        header: ModelHeader, forest: IsolationForest, transformer: Transformer, fusion: BoostedTrees,
        calibration: Calibration, thresholds: DecisionThresholds
    ) {
        precondition(forest.columnCount == Feature.count, "the forest looks at the features")
        precondition(fusion.columnCount == FusionColumns.count, "the fusion looks at its columns")
        var header = header
        header.id = ""
        let content = Self.content(header, forest, transformer, fusion, calibration, thresholds)
        header.id = Self.identity(content)
        self.header = header
        self.forest = forest
        self.transformer = transformer
        self.fusion = fusion
        self.calibration = calibration
        self.thresholds = thresholds
    }

    /// Bytes in memory, of what is used to judge.
    package var byteCount: Int {
        forest.byteCount + fusion.byteCount + transformer.parameters.count * MemoryLayout<Float>.stride
    }
}

// MARK: - The artifact

extension DetectionModel {
    /// "RDBTMDL" and the format's version.
    private static let magic: [UInt8] = Array("RDBTMDL".utf8) + [1]

    /// The artifact: magic (8 bytes), checksum of the content (8), content: fingerprint of the columns (8), header, forest,
    /// transformer, fusion, calibration, thresholds. Equal models give equal bytes.
    public func encode() -> [UInt8] {
        let content = Self.content(header, forest, transformer, fusion, calibration, thresholds)
        var writer = ByteWriter(reservingCapacity: content.count + 16)
        writer.append(Self.magic)
        writer.write(RuleNames.fingerprint(content))
        writer.append(content)
        precondition(writer.count <= Self.maximumBytes, "a model has at most 4 MB")
        return writer.bytes
    }

    /// Reads what `encode` wrote. Survives any bytes: damage, another format and a model for other columns are told.
    public init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        guard bytes.count <= Self.maximumBytes else {
            throw MalformedBytes(offset: 0, reason: "\(bytes.count) bytes; a model has at most \(Self.maximumBytes)")
        }
        guard bytes.starts(with: Self.magic.dropLast()) else {
            throw MalformedBytes(offset: 0, reason: "these are not the bytes of a model")
        }
        guard bytes.count >= 16, bytes.starts(with: Self.magic) else {
            throw MalformedBytes(offset: 7, reason: "a model's format that this program doesn't know")
        }
        let result = bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return Result { () throws(MalformedBytes) in try Self(from: &reader) }
        }
        self = try result.get()
    }

    private init(from reader: inout ByteReader) throws(MalformedBytes) {
        _ = try reader.take(Self.magic.count)
        let checksum = try reader.read(UInt64.self)
        let content = reader.bytes[reader.offset...]
        guard checksum == RuleNames.fingerprint(content) else {
            throw MalformedBytes(offset: Self.magic.count, reason: "the checksum differs: the model is damaged")
        }
        guard try reader.read(UInt64.self) == FusionColumns.fingerprint else {
            throw MalformedBytes(offset: reader.offset - 8, reason: "the model was trained on other features")
        }
        var header = try ModelHeader(from: &reader)
        forest = try IsolationForest(from: &reader)
        transformer = try Transformer(from: &reader)
        fusion = try BoostedTrees(from: &reader)
        calibration = try Calibration(from: &reader)
        thresholds = try DecisionThresholds(from: &reader)
        guard forest.columnCount == Feature.count, fusion.columnCount == FusionColumns.count, reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "the model's parts don't fit together")
        }
        header.id = Self.identity(Array(content))
        self.header = header
    }

    private static func content(
        _ header: ModelHeader, _ forest: IsolationForest, _ transformer: Transformer, _ fusion: BoostedTrees,
        _ calibration: Calibration, _ thresholds: DecisionThresholds
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(FusionColumns.fingerprint)
        header.encode(into: &writer)
        forest.encode(into: &writer)
        transformer.encode(into: &writer)
        fusion.encode(into: &writer)
        calibration.encode(into: &writer)
        thresholds.encode(into: &writer)
        return writer.bytes
    }

    private static func identity(_ content: [UInt8]) -> String {
        let digits = String(RuleNames.fingerprint(content), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
