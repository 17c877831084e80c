import Bytes

/// How far the ledger has come in one partition.
public struct StreamPosition: Sendable, Equatable {
    /// As in `StreamRange`.
    public let clusterID: String
    /// Everything before it has been taken.
    public let nextOffset: Int64

    public init(clusterID: String, nextOffset: Int64) {
        precondition(StreamRange.isValid(clusterID: clusterID) && nextOffset >= 0, "no place in a stream")
        self.clusterID = clusterID
        self.nextOffset = nextOffset
    }
}

/// Why a stretch of a stream was not taken. Nothing has changed.
public enum StreamRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The ledger goes on elsewhere: what lies before `next` has been taken, what lies at and after it has not.
    case offsetConflict(next: Int64)
    /// The ledger knows another stream under this name: the topic is in another cluster now, or is another one. Only an
    /// operator can say what that means.
    case streamChanged(clusterID: String, next: Int64)
    /// So many partitions are known, which is the limit.
    case tooManyStreams(limit: Int)

    public var description: String {
        switch self {
        case .offsetConflict(let next): "the ledger goes on at offset \(next)"
        case .streamChanged(let clusterID, let next):
            "the ledger has taken the stream of cluster \"\(clusterID)\" up to offset \(next)"
        case .tooManyStreams(let limit): "\(limit) partitions are known, which is the limit"
        }
    }
}

/// How far the ledger has come in each partition. Part of the replicated fold: offsets move in the entry that brings the
/// records, so a record counts once, whoever brings it and however often.
public struct StreamOffsets: Sendable, Equatable {
    public static let partitionsKept = 4_096

    private var positions: [StreamPartition: StreamPosition] = [:]

    /// How to take back one step.
    struct Undo: Sendable {
        let partition: StreamPartition
        let previous: StreamPosition?
    }

    init() {}

    public var count: Int { positions.count }

    public subscript(partition: StreamPartition) -> StreamPosition? { positions[partition] }

    /// In order of topic and partition.
    public var all: [(partition: StreamPartition, position: StreamPosition)] {
        positions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Why this stretch can't be taken next; nil: it can. A partition that is not known begins where its first stretch
    /// says.
    func refusal(of range: StreamRange) -> StreamRefusal? {
        guard let known = positions[range.partition] else {
            return positions.count < Self.partitionsKept ? nil : .tooManyStreams(limit: Self.partitionsKept)
        }
        guard known.clusterID == range.clusterID else {
            return .streamChanged(clusterID: known.clusterID, next: known.nextOffset)
        }
        return known.nextOffset == range.expectedOffset ? nil : .offsetConflict(next: known.nextOffset)
    }

    /// Moves behind a stretch that nothing speaks against.
    mutating func advance(_ range: StreamRange) -> Undo {
        precondition(refusal(of: range) == nil, "a stretch of \(range.partition) out of place")
        return set(range.partition, StreamPosition(clusterID: range.clusterID, nextOffset: range.nextOffset))
    }

    /// Makes an operator's change; the undo is nil if nothing has changed.
    mutating func make(_ change: StreamChange) -> (outcome: StreamChangeOutcome, undo: Undo?) {
        let previous = positions[change.partition]
        guard previous != change.position else { return (.unchanged, nil) }
        if previous == nil, positions.count >= Self.partitionsKept {
            return (.refused(.tooManyStreams(limit: Self.partitionsKept)), nil)
        }
        return (.changed(previous: previous), set(change.partition, change.position))
    }

    mutating func undo(_ undo: Undo) { positions[undo.partition] = undo.previous }

    private mutating func set(_ partition: StreamPartition, _ position: StreamPosition?) -> Undo {
        let previous = positions[partition]
        positions[partition] = position
        return Undo(partition: partition, previous: previous)
    }
}

extension StreamOffsets {
    /// Equal content gives equal bytes.
    func encode(into writer: inout ByteWriter) {
        writer.write(UInt32(positions.count))
        for (partition, position) in all {
            partition.encode(into: &writer)
            position.encode(into: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let count = try reader.readCount(elementsOfAtLeast: 18)
        guard count <= Self.partitionsKept else {
            throw MalformedBytes(offset: reader.offset, reason: "\(count) partitions")
        }
        for _ in 0..<count {
            let partition = try StreamPartition(from: &reader)
            positions[partition] = try StreamPosition(from: &reader)
        }
        guard positions.count == count else { throw MalformedBytes(offset: reader.offset, reason: "a partition twice") }
    }
}

extension StreamPosition {
    func encode(into writer: inout ByteWriter) {
        writer.writeString(clusterID)
        writer.write(nextOffset)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let clusterID = try reader.readClusterID()
        let start = reader.offset
        let next = try reader.read(Int64.self)
        guard next >= 0 else { throw MalformedBytes(offset: start, reason: "offset \(next)") }
        self.init(clusterID: clusterID, nextOffset: next)
    }
}
