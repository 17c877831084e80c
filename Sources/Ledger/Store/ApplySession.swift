import Logging
import Postgres
import Raft

/// Where a database stands in the log.
struct AppliedPosition: Equatable {
    var index: LogIndex
    /// The time of the last entry that had one, microseconds since 1970 UTC.
    var lastEntryMicroseconds: Int64
    /// Rows in the table of transactions.
    var transactions: Int
}

/// A connection over which this node alone may write to its database.
struct ApplySession {
    /// "Redoubt" in ASCII: one applier per database.
    private static let advisoryLock: Int64 = 0x52_6564_6F75_6274
    static let minimumServerVersion = 150_000

    let connection: PostgresConnection
    var position: AppliedPosition

    /// Connects, takes the lock, brings the schema up to date and checks whose database it is; claims a fresh one.
    init(
        configuration: PostgresConfiguration, interrupter: PostgresInterrupter, identity: LedgerStoreIdentity,
        logger: Logger
    ) throws(ApplyFailure) {
        connection = try ApplyFailure.retrying { () throws(PostgresError) in
            try PostgresConnection(configuration, interrupter: interrupter)
        }
        guard connection.serverVersion >= Self.minimumServerVersion else {
            throw .fatal(
                .unsupportedServer(version: connection.serverVersion, minimum: Self.minimumServerVersion))
        }
        // Before the lock, which a foreign owner that is alive would hold for ever.
        try Self.refuseForeign(connection, identity)
        try Self.takeLock(connection, logger: logger)
        try LedgerSchema.migrate(connection, for: identity)
        position = try Self.position(connection, of: identity)
    }

    private static func takeLock(_ connection: PostgresConnection, logger: Logger) throws(ApplyFailure) {
        let refusal = try ApplyFailure.retrying { () throws(PostgresError) -> String? in
            let result = try connection.query(
                """
                SELECT pg_is_in_recovery(), current_setting('fsync') = 'on',
                    NOT pg_is_in_recovery() AND pg_try_advisory_lock($1)
                """, [.int8(advisoryLock)])
            if try result.bool(0, 0) { return "the server is a standby or still recovering" }
            if try !result.bool(0, 1) {
                logger.warning("PostgreSQL runs with fsync = off: a power cut may damage it beyond replay")
            }
            return try result.bool(0, 2) ? nil : "another session applies to this database"
        }
        if let refusal { throw .retry(PostgresError(.connectFailed, refusal)) }
    }

    private static func refuseForeign(
        _ connection: PostgresConnection, _ identity: LedgerStoreIdentity
    ) throws(ApplyFailure) {
        let owner = try ApplyFailure.retrying { () throws(PostgresError) -> LedgerStoreIdentity? in
            guard try connection.query("SELECT to_regclass('ledger') IS NOT NULL").bool(0, 0) else { return nil }
            let row = try connection.query("SELECT cluster_id, node_id FROM ledger")
            return row.rowCount == 0 ? nil : try Self.owner(row)
        }
        if let owner, owner != identity { throw .fatal(.foreignDatabase(expected: identity, found: owner)) }
    }

    private static func owner(_ row: PostgresResult) throws(PostgresError) -> LedgerStoreIdentity {
        LedgerStoreIdentity(clusterID: try row.text(0, 0), nodeID: NodeID(UInt64(bitPattern: try row.int8(0, 1))))
    }

    private static func position(
        _ connection: PostgresConnection, of identity: LedgerStoreIdentity
    ) throws(ApplyFailure) -> AppliedPosition {
        let (found, position) = try ApplyFailure.retrying { () throws(PostgresError) in
            let row = try connection.query(
                "SELECT cluster_id, node_id, applied_index, last_entry_at, transactions FROM ledger")
            let found = try Self.owner(row)
            let position = AppliedPosition(
                index: LogIndex(UInt64(bitPattern: try row.int8(0, 2))),
                lastEntryMicroseconds: try row.timestamp(0, 3), transactions: Int(try row.int8(0, 4)))
            return (found, position)
        }
        guard found == identity else { throw .fatal(.foreignDatabase(expected: identity, found: found)) }
        return position
    }
}
