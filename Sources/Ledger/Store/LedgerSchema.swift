import Postgres

/// The tables of a node, as a list of steps that only grows. A step that has been released is never changed.
enum LedgerSchema {
    struct Migration {
        let version: Int
        let script: String
    }

    static var latestVersion: Int { migrations.count }

    static let migrations: [Migration] = [
        Migration(
            version: 1,
            script: """
                CREATE TYPE decision AS ENUM ('approve', 'review', 'block');

                CREATE TABLE transactions (
                    id uuid NOT NULL,
                    log_index bigint NOT NULL,
                    accepted_at timestamptz NOT NULL,
                    occurred_at timestamptz NOT NULL,
                    user_key bigint NOT NULL,
                    decision decision NOT NULL,
                    score real NOT NULL,
                    reasons jsonb NOT NULL,
                    fingerprint bigint NOT NULL,
                    body bytea NOT NULL,
                    CONSTRAINT transactions_pkey PRIMARY KEY (id)
                );
                -- Sealed bodies don't compress: trying costs time on every row.
                ALTER TABLE transactions ALTER COLUMN body SET STORAGE EXTERNAL;
                CREATE INDEX transactions_user_key ON transactions (user_key, occurred_at, id);
                CREATE INDEX transactions_occurred_at ON transactions (occurred_at, id);
                CREATE INDEX transactions_decision ON transactions (decision, occurred_at, id)
                    WHERE decision <> 'approve';

                CREATE TABLE idempotency_keys (
                    key uuid PRIMARY KEY,
                    first_id uuid NOT NULL,
                    count integer NOT NULL,
                    fingerprint bigint NOT NULL,
                    accepted_at timestamptz NOT NULL
                );
                -- Keys come in the order of their time: a block range index finds the old ones at next to no cost.
                CREATE INDEX idempotency_keys_accepted_at ON idempotency_keys USING brin (accepted_at);

                -- One row, written by every transaction of the applier: room in its page keeps the updates in place.
                CREATE TABLE ledger (
                    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
                    cluster_id text NOT NULL,
                    node_id bigint NOT NULL,
                    applied_index bigint NOT NULL DEFAULT 0,
                    applied_term bigint NOT NULL DEFAULT 0,
                    last_entry_at timestamptz NOT NULL DEFAULT 'epoch',
                    transactions bigint NOT NULL DEFAULT 0
                ) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0);

                CREATE FUNCTION txn(id uuid) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
                    SELECT 'txn_' || string_agg(
                        substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substring(bits FROM n * 5 + 1 FOR 5)::int + 1, 1),
                        '' ORDER BY n)
                    FROM (SELECT B'00' || ('x' || replace(id::text, '-', ''))::bit(128) AS bits) AS number,
                        generate_series(0, 25) AS n
                $$;
                """)
    ]

    /// Brings the database to the latest version, each step in a transaction of its own. Harmless to repeat.
    static func migrate(_ connection: PostgresConnection) throws(ApplyFailure) {
        let found = try ApplyFailure.retrying { () throws(PostgresError) in
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
                """)
            let result = try connection.query("SELECT coalesce(max(version), 0) FROM schema_migrations")
            return Int(try result.int4(0, 0))
        }
        guard found <= latestVersion else { throw .fatal(.newerSchema(found: found, known: latestVersion)) }
        for migration in migrations where migration.version > found {
            try ApplyFailure.retrying { () throws(PostgresError) in
                try connection.transaction { () throws(PostgresError) in
                    try connection.execute(migration.script)
                    try connection.query(
                        "INSERT INTO schema_migrations (version) VALUES ($1)", [.int4(Int32(migration.version))])
                }
            }
        }
    }
}
