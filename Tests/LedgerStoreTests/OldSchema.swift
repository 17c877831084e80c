import Detection
import Ledger
import Postgres

/// A database as the first version of the program left it.
enum OldSchema {
    static func make(_ connection: PostgresConnection) throws {
        try connection.execute(
            """
            CREATE TABLE schema_migrations (
                version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
            INSERT INTO schema_migrations (version) VALUES (1);
            """)
        try connection.execute(LedgerSchema.migrations[0].script)
    }

    /// What `TestCommands.command` of as many entries, each with its own key, would have put there.
    static func fill(_ connection: PostgresConnection, entries: Int, perEntry: Int) throws {
        for entry in 0..<entries {
            for number in entry * perEntry..<(entry + 1) * perEntry {
                let record = TestCommands.record(number)
                try connection.query(
                    """
                    INSERT INTO transactions VALUES ($1, $2, $3, $4, $5, '\(record.decision.name)', $6, $7, $8, $9)
                    """,
                    [
                        .uuid(record.id.rawValue), .int8(Int64(entry + 1)), .timestamp(TestCommands.start),
                        .timestamp(record.occurredAtMicroseconds), .int8(Int64(bitPattern: record.userKey)),
                        .float4(record.score), .jsonb(record.reasons), .int8(Int64(bitPattern: record.fingerprint)),
                        .bytea(record.body),
                    ])
            }
            try connection.query(
                "INSERT INTO idempotency_keys VALUES ($1, $2, $3, $4, $5)",
                [
                    .uuid(TestCommands.key(entry).digest), .uuid(TestCommands.id(entry * perEntry).rawValue),
                    .int4(Int32(perEntry)), .int8(Int64(entry)), .timestamp(TestCommands.start),
                ])
        }
        try connection.query(
            """
            INSERT INTO ledger (cluster_id, node_id, applied_index, applied_term, last_entry_at, transactions)
            VALUES ('test', 1, $1, 1, $2, $3)
            """, [.int8(Int64(entries)), .timestamp(TestCommands.start), .int8(Int64(entries * perEntry))])
    }
}
