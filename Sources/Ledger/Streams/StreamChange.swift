public import Bytes

/// What an operator says of a partition, when the stream under it is not what it was.
public struct StreamChange: Sendable, Equatable {
    public let partition: StreamPartition
    /// The ledger goes on there; nil: it forgets the partition, and takes whatever comes of it next.
    public let position: StreamPosition?

    public init(partition: StreamPartition, position: StreamPosition?) {
        self.partition = partition
        self.position = position
    }
}

/// What became of it. Final once the entry that carries it is committed.
public enum StreamChangeOutcome: Sendable, Equatable {
    /// Nil: the partition was not known.
    case changed(previous: StreamPosition?)
    /// It was so already.
    case unchanged
    case refused(StreamRefusal)
}

extension StreamChange {
    /// Part of the log's format.
    public func encode(into writer: inout ByteWriter) {
        partition.encode(into: &writer)
        writer.write(position)
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let partition = try StreamPartition(from: &reader)
        self.init(partition: partition, position: try reader.readStreamPosition())
    }
}

extension StreamChangeOutcome {
    private enum Tag: UInt8 {
        case changed = 0
        case unchanged = 1
        case refused = 2
    }

    /// For the way back to the node that was asked.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .changed(let previous):
            writer.write(Tag.changed.rawValue)
            writer.write(previous)
        case .unchanged: writer.write(Tag.unchanged.rawValue)
        case .refused(let refusal):
            writer.write(Tag.refused.rawValue)
            refusal.encode(into: &writer)
        }
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .changed: self = .changed(previous: try reader.readStreamPosition())
        case .unchanged: self = .unchanged
        case .refused: self = .refused(try StreamRefusal(from: &reader))
        case nil: throw MalformedBytes(offset: start, reason: "an unknown outcome of a stream's change")
        }
    }
}

extension StreamRefusal {
    private enum Tag: UInt8 {
        case offsetConflict = 0
        case streamChanged = 1
        case tooManyStreams = 2
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .offsetConflict(let next):
            writer.write(Tag.offsetConflict.rawValue)
            writer.write(next)
        case .streamChanged(let clusterID, let next):
            writer.write(Tag.streamChanged.rawValue)
            writer.writeString(clusterID)
            writer.write(next)
        case .tooManyStreams(let limit):
            writer.write(Tag.tooManyStreams.rawValue)
            writer.write(UInt32(limit))
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .offsetConflict: self = .offsetConflict(next: try reader.read())
        case .streamChanged:
            let clusterID = try reader.readClusterID()
            self = .streamChanged(clusterID: clusterID, next: try reader.read())
        case .tooManyStreams: self = .tooManyStreams(limit: Int(try reader.read(UInt32.self)))
        case nil: throw MalformedBytes(offset: start, reason: "an unknown refusal of a stream")
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ position: StreamPosition?) {
        write(UInt8(position == nil ? 0 : 1))
        position?.encode(into: &self)
    }
}

extension ByteReader {
    fileprivate mutating func readStreamPosition() throws(MalformedBytes) -> StreamPosition? {
        let start = offset
        switch try read(UInt8.self) {
        case 0: return nil
        case 1: return try StreamPosition(from: &self)
        default: throw MalformedBytes(offset: start, reason: "neither there nor not there")
        }
    }
}
