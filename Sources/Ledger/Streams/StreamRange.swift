import Bytes

/// Where the records of a group come from: a stretch of one partition. Offsets within it may be missing (transaction
/// markers, compaction), so what fits where is told by `expectedOffset`, never by counting.
public struct StreamRange: Sendable, Equatable {
    public let partition: StreamPartition
    /// Which stream of that name it is: the Kafka cluster's id, or whatever else becomes another one when the topic does.
    /// 1...`maximumClusterIDBytes` bytes.
    public let clusterID: String
    /// Where the source went on from: the next offset after all that it has given before.
    public let expectedOffset: Int64
    /// Of the first and the last record, whatever became of them. `expectedOffset` <= `firstOffset` <= `lastOffset`.
    public let firstOffset: Int64
    public let lastOffset: Int64

    public static let maximumClusterIDBytes = 128

    public init(
        partition: StreamPartition, clusterID: String, expectedOffset: Int64, firstOffset: Int64, lastOffset: Int64
    ) {
        precondition(
            Self.isValid(clusterID: clusterID)
                && Self.areValid(expected: expectedOffset, first: firstOffset, last: lastOffset),
            "no stretch of \(partition): \(firstOffset) to \(lastOffset) after \(expectedOffset)")
        self.partition = partition
        self.clusterID = clusterID
        self.expectedOffset = expectedOffset
        self.firstOffset = firstOffset
        self.lastOffset = lastOffset
    }

    /// Where the next stretch must go on.
    public var nextOffset: Int64 { lastOffset + 1 }

    public static func isValid(clusterID: String) -> Bool { 1...maximumClusterIDBytes ~= clusterID.utf8.count }

    public static func areValid(expected: Int64, first: Int64, last: Int64) -> Bool {
        0 <= expected && expected <= first && first <= last && last < .max
    }
}

extension StreamRange {
    func encode(into writer: inout ByteWriter) {
        partition.encode(into: &writer)
        writer.writeString(clusterID)
        writer.write(expectedOffset)
        writer.write(firstOffset)
        writer.write(lastOffset)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let partition = try StreamPartition(from: &reader)
        let clusterID = try reader.readClusterID()
        let expected = try reader.read(Int64.self)
        let first = try reader.read(Int64.self)
        let last = try reader.read(Int64.self)
        guard Self.areValid(expected: expected, first: first, last: last) else {
            throw MalformedBytes(offset: start, reason: "offsets \(first) to \(last) after \(expected)")
        }
        self.init(
            partition: partition, clusterID: clusterID, expectedOffset: expected, firstOffset: first, lastOffset: last)
    }
}

extension ByteReader {
    mutating func readClusterID() throws(MalformedBytes) -> String {
        let start = offset
        let clusterID = try readString()
        guard StreamRange.isValid(clusterID: clusterID) else {
            throw MalformedBytes(offset: start, reason: "a stream's cluster id of \(clusterID.utf8.count) bytes")
        }
        return clusterID
    }
}
