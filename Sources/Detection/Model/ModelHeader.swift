import Bytes

/// What is to be known of a model without using it.
public struct ModelHeader: Sendable, Equatable {
    /// 16 hexadecimal digits over all of the model's content: equal models have equal ids.
    public internal(set) var id = ""
    /// For people; at most 200 bytes.
    public var name: String
    /// Microseconds since 1970, as the two below.
    public var createdAtMicroseconds: Int64
    /// It learnt from payments from this time on...
    public var trainedFromMicroseconds: Int64
    /// ... and before this one.
    public var trainedToMicroseconds: Int64
    /// Payments it learnt from.
    public var rows: Int
    /// Those of them known to be fraud.
    public var frauds: Int
    /// What its training drew its chance from; at most 100.
    public var seeds: [UInt64]
    /// How well it did on payments that it had not learnt from, by the metric's name; at most 200.
    public var metrics: [String: Double]

    public init(
        name: String, createdAtMicroseconds: Int64, trainedFromMicroseconds: Int64, trainedToMicroseconds: Int64,
        rows: Int, frauds: Int, seeds: [UInt64], metrics: [String: Double]
    ) {
        precondition(name.utf8.count <= Self.maximumName, "a model's name is at most 200 bytes long")
        precondition(seeds.count <= Self.maximumSeeds && metrics.count <= Self.maximumMetrics, "a header out of bounds")
        precondition(rows >= 0 && frauds >= 0, "a number of rows is not below zero")
        self.name = name
        self.createdAtMicroseconds = createdAtMicroseconds
        self.trainedFromMicroseconds = trainedFromMicroseconds
        self.trainedToMicroseconds = trainedToMicroseconds
        self.rows = rows
        self.frauds = frauds
        self.seeds = seeds
        self.metrics = metrics
    }

    private static let maximumName = 200
    private static let maximumSeeds = 100
    private static let maximumMetrics = 200

    /// Without the id, which is made of the bytes.
    func encode(into writer: inout ByteWriter) {
        writer.writeString(name)
        for time in [createdAtMicroseconds, trainedFromMicroseconds, trainedToMicroseconds] { writer.write(time) }
        writer.write(UInt64(rows))
        writer.write(UInt64(frauds))
        writer.write(UInt32(seeds.count))
        for seed in seeds { writer.write(seed) }
        writer.write(UInt32(metrics.count))
        for (name, value) in metrics.sorted(by: { $0.key < $1.key }) {
            writer.writeString(name)
            writer.write(value)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        name = try reader.readString()
        createdAtMicroseconds = try reader.read()
        trainedFromMicroseconds = try reader.read()
        trainedToMicroseconds = try reader.read()
        rows = Int(clamping: try reader.read(UInt64.self))
        frauds = Int(clamping: try reader.read(UInt64.self))
        let seedCount = try reader.readCount(elementsOfAtLeast: 8)
        guard name.utf8.count <= Self.maximumName, seedCount <= Self.maximumSeeds else {
            throw MalformedBytes(offset: reader.offset, reason: "a model's header out of bounds")
        }
        seeds = []
        for _ in 0..<seedCount { seeds.append(try reader.read()) }
        let metricCount = try reader.readCount(elementsOfAtLeast: 10)
        guard metricCount <= Self.maximumMetrics else {
            throw MalformedBytes(offset: reader.offset, reason: "\(metricCount) metrics are too many")
        }
        metrics = [:]
        for _ in 0..<metricCount {
            let name = try reader.readString()
            let value = try reader.readDouble()
            guard value.isFinite else { throw MalformedBytes(offset: reader.offset, reason: "a metric is no number") }
            metrics[name] = value
        }
    }
}
