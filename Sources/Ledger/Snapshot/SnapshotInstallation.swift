import Postgres
import Raft
import Threads

/// Replaces a database's content by that of a snapshot, in one transaction: whatever happens, it has the old content or
/// the new.
struct SnapshotInstallation {
    let path: String
    /// As `LedgerSnapshot.load` found the file.
    let snapshot: LedgerSnapshot
    let identity: LedgerStoreIdentity
    /// The server may take so long to commit.
    let commitTimeoutMilliseconds: Int
    let pace: Pace
    /// Asked between blocks; true breaks it off.
    let isStopped: () -> Bool

    /// Readers hold a table no longer than this, and exports are given up.
    private static let lockTimeoutMilliseconds = 30_000

    /// Throws `PostgresError`, or `LedgerSnapshotError` if the file is no longer what it was; the content is the old one
    /// then, unless the connection was lost: then it may be the new one.
    func install(_ connection: PostgresConnection) throws -> AppliedPosition {
        try connection.begin()
        do {
            try fill(connection)
        } catch {
            if (error as? PostgresError)?.isConnectionLost != true { try connection.rollBack() }
            throw error
        }
        // Depending on its settings, the server makes whole tables durable now.
        let patience = connection.responseTimeoutMilliseconds
        connection.responseTimeoutMilliseconds = max(patience, commitTimeoutMilliseconds)
        defer { connection.responseTimeoutMilliseconds = patience }
        try connection.commit()
        return AppliedPosition(
            index: snapshot.header.appliedIndex, lastEntryMicroseconds: snapshot.header.lastEntryMicroseconds,
            transactions: snapshot.transactions)
    }

    private func fill(_ connection: PostgresConnection) throws {
        // The log from before the snapshot is given up next: what is committed here must be on the server's disk.
        try connection.execute(
            "SET LOCAL synchronous_commit = local; SET LOCAL lock_timeout = \(Self.lockTimeoutMilliseconds)")
        let reader = try SnapshotReader(path: path)
        guard try reader.header() == snapshot.header else { throw changed("it is another than was checked") }
        while try reader.next(of: .checkpoint) != nil { try stopIfAsked() }
        for table in LedgerTable.allCases {
            try connection.execute("TRUNCATE \(table.rawValue)")
            let taken = try connection.copyIn(
                // Nobody can have a snapshot from before that may still look: the table is locked.
                "COPY \(table.rawValue) (\(table.columnList)) FROM STDIN (FORMAT binary, FREEZE)"
            ) {
                try stopIfAsked()
                let block = try reader.next(of: table.section)
                pace.spend(block?.count ?? 0)
                return block
            }
            let expected = snapshot.rows[table]
            guard taken == expected else {
                throw changed("the database took \(taken) of \(expected ?? 0) rows of \(table.rawValue)")
            }
        }
        _ = try reader.finish()
        try writeLedgerRow(connection)
    }

    private func writeLedgerRow(_ connection: PostgresConnection) throws(PostgresError) {
        let header = snapshot.header
        let updated = try connection.query(
            """
            UPDATE ledger SET applied_index = $1, applied_term = $2, last_entry_at = $3, transactions = $4
            WHERE cluster_id = $5 AND node_id = $6
            """,
            [
                .int8(Int64(bitPattern: header.appliedIndex.rawValue)),
                .int8(Int64(bitPattern: header.appliedTerm.rawValue)), .timestamp(header.lastEntryMicroseconds),
                .int8(Int64(snapshot.transactions)), .text(identity.clusterID),
                .int8(Int64(bitPattern: identity.nodeID.rawValue)),
            ]
        ).affectedRows
        guard updated == 1 else {
            throw PostgresError(.unexpectedResult, "the database no longer belongs to node \(identity.nodeID)")
        }
    }

    private func stopIfAsked() throws {
        if isStopped() { throw LedgerSnapshotError.interrupted(reason: "nobody waits for the snapshot any more") }
    }

    private func changed(_ reason: String) -> LedgerSnapshotError { .damaged(path: path, reason: reason) }
}
