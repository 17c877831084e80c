import Bytes
public import Raft

/// What a snapshot is of: the first block of its file.
///
/// Numbers are little-endian:
///
///        cluster id: length, 2 bytes, then ASCII
///        id, 8 bytes
///        index of the checkpoint, 8 bytes; term of that entry, 8 bytes
///        length of the membership, 4 bytes; the membership, as `Membership.encode` gives it
///        applied index, 8 bytes; term of that entry, 8 bytes
///        time of the last entry that had one, microseconds since 1970 UTC, 8 bytes
///        version of the tables' schema, 4 bytes
public struct LedgerSnapshotHeader: Equatable, Sendable {
    /// 1...64 bytes.
    public let clusterID: String
    /// Names this one file.
    public let id: UInt64
    /// The checkpoint's, and so the snapshot's as consensus sees it.
    public let index: LogIndex
    /// The term of the entry at `index`.
    public let term: Term
    /// As of `index`.
    public let membership: Membership
    /// The last entry that the tables include; never below `index`.
    public let appliedIndex: LogIndex
    public let appliedTerm: Term
    /// The time of the last applied entry that had one, microseconds since 1970 UTC.
    public let lastEntryMicroseconds: Int64
    /// Of the tables.
    public let schemaVersion: Int

    func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 256)
        writer.writeString(clusterID)
        writer.write(id)
        writer.write(index.rawValue)
        writer.write(term.rawValue)
        writer.writeBlock(membership.encode())
        writer.write(appliedIndex.rawValue)
        writer.write(appliedTerm.rawValue)
        writer.write(lastEntryMicroseconds)
        writer.write(UInt32(schemaVersion))
        return writer.bytes
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> LedgerSnapshotHeader {
        var reader = ByteReader(bytes)
        let clusterID = try reader.readString()
        let id = try reader.read(UInt64.self)
        let index = LogIndex(try reader.read())
        let term = Term(try reader.read())
        guard let membership = Membership(decoding: [UInt8](try reader.readBlock())) else {
            throw MalformedBytes(offset: reader.offset, reason: "the bytes before are no membership")
        }
        let header = LedgerSnapshotHeader(
            clusterID: clusterID, id: id, index: index, term: term, membership: membership,
            appliedIndex: LogIndex(try reader.read()), appliedTerm: Term(try reader.read()),
            lastEntryMicroseconds: try reader.read(), schemaVersion: Int(try reader.read(UInt32.self)))
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
        guard 1...64 ~= clusterID.utf8.count, header.appliedIndex >= index else {
            throw MalformedBytes(offset: 0, reason: "a header that no writer would have written")
        }
        return header
    }
}
