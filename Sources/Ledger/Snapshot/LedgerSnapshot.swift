import Glibc
public import Raft
package import Threads

/// All that a node needs to go on without the log's beginning: a checkpoint of the fold, and the tables as the database
/// of the node that made it had them, at the same place of the log or after it.
///
/// One file. Numbers are little-endian:
///
///     0  magic, "RDBTSNAP"
///     8  version, 3, 4 bytes
///    12  blocks
///
/// A block:
///
///     0  length of the content, 4 bytes: 1...262,144
///     4  section, 1 byte
///     5  zero, 3 bytes
///     8  CRC-32C of the 8 bytes before and of the content, 4 bytes
///    12  the content
///
/// The sections, in this order; one that is longer than a block goes on in the next:
///
///     1  header: one block, as `LedgerSnapshotHeader` says
///     2  checkpoint: the file of a `LedgerCheckpoint`
///     3  transactions: the table in PostgreSQL's binary COPY format, columns as in `LedgerTable`
///     4  idempotency keys, likewise
///     5  labels, likewise
///     6  changes of rules, lists and models, likewise
///     7  how far streams have been taken, likewise
///     8  dead letters, likewise
///     9  alerts, likewise
///    10  reviews of alerts, likewise
///    11  row counts: one block; rows of each table in the order above, 8 bytes each
///    12  end: one block; SHA-256 of all bytes of the file before this block, 32 bytes; nothing follows
public struct LedgerSnapshot: Equatable, Sendable {
    public let header: LedgerSnapshotHeader
    /// At the header's index, of its term and membership.
    public let checkpoint: LedgerCheckpoint
    let rows: [LedgerTable: Int]
    /// Of the file.
    public let byteCount: Int

    public var transactions: Int { rows[.transactions] ?? 0 }
    public var idempotencyKeys: Int { rows[.idempotencyKeys] ?? 0 }

    // MARK: Names

    /// A file's name: indexes sort as text does.
    public static func fileName(index: LogIndex, id: UInt64) -> String {
        let digits = String(index.rawValue)
        let name = String(id, radix: 16)
        return "ledger-\(String(repeating: "0", count: 20 - digits.utf8.count))\(digits)-"
            + "\(String(repeating: "0", count: 16 - name.utf8.count))\(name).snapshot"
    }

    /// Deletes what interrupted exports left in a directory. Not while one is under way.
    public static func removeLeftovers(in directory: String) throws(LedgerSnapshotError) {
        do throws(CheckpointError) {
            for name in try CheckpointFile.names(in: directory)
            where name.hasPrefix("ledger-") && name.hasSuffix(".snapshot" + SnapshotWriter.temporarySuffix) {
                try CheckpointFile.remove("\(directory)/\(name)")
            }
        } catch {
            throw LedgerSnapshotError(error)
        }
    }

    // MARK: Reading

    /// Reads the whole file and checks every byte of it. Blocks for as long as that takes; keeps the checkpoint, and no
    /// more than one block of the tables, in memory.
    ///
    /// - Parameter isStopped: asked between blocks; true ends it with `interrupted`.
    package static func load(
        path: String, clusterID: String, pace: Pace = .unlimited, isStopped: () -> Bool = { false }
    ) throws(LedgerSnapshotError) -> LedgerSnapshot {
        let reader = try SnapshotReader(path: path)
        func stopIfAsked() throws(LedgerSnapshotError) {
            if isStopped() { throw .interrupted(reason: "nobody waits for the snapshot any more") }
        }
        let header = try reader.header()
        try header.check(path: path, clusterID: clusterID)
        var bytes: [UInt8] = []
        while let content = try reader.next(of: .checkpoint) {
            try stopIfAsked()
            bytes.append(contentsOf: content)
            pace.spend(content.count)
        }
        let checkpoint = try decodeCheckpoint(bytes, path: path)
        guard checkpoint.clusterID == header.clusterID, checkpoint.index == header.index,
            checkpoint.term == header.term, checkpoint.membership == header.membership
        else { throw .damaged(path: path, reason: "its checkpoint is another than its header says") }
        for table in LedgerTable.allCases {
            while let content = try reader.next(of: table.section) {
                try stopIfAsked()
                pace.spend(content.count)
            }
        }
        let rows = try reader.finish()
        return LedgerSnapshot(
            header: header, checkpoint: checkpoint, rows: rows, byteCount: reader.offset)
    }

    /// What the file says of itself; the rest of it is not looked at.
    public static func header(path: String, clusterID: String) throws(LedgerSnapshotError) -> LedgerSnapshotHeader {
        let header = try SnapshotReader(path: path).header()
        try header.check(path: path, clusterID: clusterID)
        return header
    }

    private static func decodeCheckpoint(
        _ bytes: [UInt8], path: String
    ) throws(LedgerSnapshotError) -> LedgerCheckpoint {
        do throws(CheckpointError) {
            return try LedgerCheckpoint.decode(bytes, path: path)
        } catch {
            throw LedgerSnapshotError(error)
        }
    }
}

extension LedgerSnapshotHeader {
    fileprivate func check(path: String, clusterID expected: String) throws(LedgerSnapshotError) {
        guard clusterID == expected else {
            throw .otherCluster(path: path, found: clusterID, expected: expected)
        }
        guard schemaVersion == LedgerSchema.latestVersion else {
            throw .otherSchema(path: path, found: schemaVersion, expected: LedgerSchema.latestVersion)
        }
    }
}
