import Bytes
public import Raft

/// A place among what entries of the log brought of one kind (alerts, dead letters): the entry, and the place within it.
/// Written "index.ordinal".
public struct OutboxPosition: Hashable, Sendable {
    public let index: LogIndex
    /// From 0.
    public let ordinal: UInt32

    public init(index: LogIndex, ordinal: UInt32) {
        self.index = index
        self.ordinal = ordinal
    }

    /// Before everything.
    public static let start = OutboxPosition(index: .zero, ordinal: 0)

    /// Behind everything of this entry and of those before it.
    public static func end(of index: LogIndex) -> OutboxPosition { OutboxPosition(index: index, ordinal: .max) }
}

extension OutboxPosition: Comparable {
    public static func < (left: OutboxPosition, right: OutboxPosition) -> Bool {
        (left.index, left.ordinal) < (right.index, right.ordinal)
    }
}

extension OutboxPosition: CustomStringConvertible {
    public var description: String { "\(index.rawValue).\(ordinal)" }

    /// Reads what `description` writes; nil for anything else: a position has one way to be written.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = UInt64(parts[0]), let ordinal = UInt32(parts[1]),
            "\(index).\(ordinal)" == text
        else { return nil }
        self.init(index: LogIndex(index), ordinal: ordinal)
    }
}

extension OutboxPosition {
    func encode(into writer: inout ByteWriter) {
        writer.write(index.rawValue)
        writer.write(ordinal)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let index = LogIndex(try reader.read())
        self.init(index: index, ordinal: try reader.read())
    }
}
