import Bytes
public import Raft

/// At which entries of the log the registry changed lately.
///
/// A leader changes the registry before it knows the index of the entry, so the indexes stand apart from what they are of:
/// they are noted when the entry is committed, on every node alike.
public struct SettledChanges: Sendable, Equatable {
    private static let kept = 1024

    private var revisions: [UInt64] = []
    private var indexes: [LogIndex] = []

    /// Nil: not committed yet, or too long ago.
    public func index(of revision: UInt64) -> LogIndex? {
        revisions.lastIndex(of: revision).map { indexes[$0] }
    }

    mutating func note(_ revision: UInt64, at index: LogIndex) {
        revisions.append(revision)
        indexes.append(index)
        if revisions.count > Self.kept {
            revisions.removeFirst()
            indexes.removeFirst()
        }
    }

    init() {}

    func encode(into writer: inout ByteWriter) {
        writer.write(UInt32(revisions.count))
        for (revision, index) in zip(revisions, indexes) {
            writer.write(revision)
            writer.write(index.rawValue)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let count = try reader.readCount(elementsOfAtLeast: 16)
        guard count <= Self.kept else { throw MalformedBytes(offset: reader.offset, reason: "\(count) changes") }
        for _ in 0..<count {
            revisions.append(try reader.read())
            indexes.append(LogIndex(try reader.read()))
        }
    }
}
