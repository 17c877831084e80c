import Postgres
import Raft

/// The tables of a node, as a list of steps that only grows. A step that has been released is never changed.
package enum LedgerSchema {
    package struct Migration: Sendable {
        package let version: Int
        package let script: String
    }

    static var latestVersion: Int { migrations.count }

    package static let migrations: [Migration] = [
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
                """),
        Migration(
            version: 2,
            script: """
                CREATE TYPE verdict AS ENUM ('legitimate', 'fraud');

                -- Made anew instead of altered: rows get their place within their entry, and stay in the order of the
                -- log, which the block range index lives on. They have been inserted in that order.
                CREATE TABLE transactions_of_version_2 (
                    id uuid NOT NULL,
                    log_index bigint NOT NULL,
                    -- Within the entry, from 0.
                    position integer NOT NULL,
                    accepted_at timestamptz NOT NULL,
                    occurred_at timestamptz NOT NULL,
                    user_key bigint NOT NULL,
                    decision decision NOT NULL,
                    score real NOT NULL,
                    reasons jsonb NOT NULL,
                    fingerprint bigint NOT NULL,
                    body bytea NOT NULL,
                    -- Null: rules alone decided.
                    model_id bigint,
                    rules_score real,
                    forest_score real,
                    transformer_score real,
                    probability real,
                    -- Null: no model was in shadow.
                    shadow_model_id bigint,
                    shadow_probability real,
                    shadow_decision decision
                );
                ALTER TABLE transactions_of_version_2 ALTER COLUMN body SET STORAGE EXTERNAL;
                INSERT INTO transactions_of_version_2
                    SELECT id, log_index, row_number() OVER (PARTITION BY log_index ORDER BY ctid) - 1, accepted_at,
                        occurred_at, user_key, decision, score, reasons, fingerprint, body
                    FROM transactions ORDER BY log_index, ctid;
                DROP TABLE transactions;
                ALTER TABLE transactions_of_version_2 RENAME TO transactions;
                ALTER TABLE transactions ADD CONSTRAINT transactions_pkey PRIMARY KEY (id);
                CREATE INDEX transactions_user_key ON transactions (user_key, occurred_at, id);
                CREATE INDEX transactions_occurred_at ON transactions (occurred_at, id);
                CREATE INDEX transactions_decision ON transactions (decision, occurred_at, id)
                    WHERE decision <> 'approve';
                -- For reading the history in the order of the log: next to no cost for a row that comes.
                CREATE INDEX transactions_log_index ON transactions USING brin (log_index) WITH (pages_per_range = 32);

                CREATE TABLE labels (
                    transaction_id uuid NOT NULL,
                    log_index bigint NOT NULL,
                    position integer NOT NULL,
                    verdict verdict NOT NULL,
                    -- What the label before said of the same transaction.
                    previous verdict,
                    source text NOT NULL,
                    labelled_at timestamptz NOT NULL,
                    CONSTRAINT labels_pkey PRIMARY KEY (log_index, position)
                );
                CREATE INDEX labels_transaction_id ON labels (transaction_id, log_index, position);

                -- Rules, lists and models as they were at each entry. Never sealed: rules and models name nobody, and
                -- the values of lists are sealed within.
                CREATE TABLE detection_changes (
                    log_index bigint PRIMARY KEY,
                    changed_at timestamptz NOT NULL,
                    author text NOT NULL,
                    change bytea NOT NULL
                );
                """),
        Migration(
            version: 3,
            script: """
                -- How far each partition of each topic has been taken: moved by the entries that bring the records.
                -- Compared byte by byte, so that the order is the same on every server.
                CREATE TABLE stream_offsets (
                    topic text COLLATE "C" NOT NULL,
                    partition integer NOT NULL,
                    cluster_id text COLLATE "C" NOT NULL,
                    next_offset bigint NOT NULL,
                    log_index bigint NOT NULL,
                    CONSTRAINT stream_offsets_pkey PRIMARY KEY (topic, partition)
                ) WITH (fillfactor = 50);

                -- Records of streams that could not be taken.
                CREATE TABLE dead_letters (
                    log_index bigint NOT NULL,
                    -- Among the dead letters of the entry, from 0.
                    position integer NOT NULL,
                    topic text COLLATE "C" NOT NULL,
                    partition integer NOT NULL,
                    stream_offset bigint NOT NULL,
                    created_at timestamptz NOT NULL,
                    reason text COLLATE "C" NOT NULL,
                    detail text NOT NULL,
                    -- Not null: the record is a payment whose id belongs to another.
                    transaction_id uuid,
                    -- Sealed.
                    content bytea NOT NULL,
                    CONSTRAINT dead_letters_pkey PRIMARY KEY (log_index, position)
                );
                ALTER TABLE dead_letters ALTER COLUMN content SET STORAGE EXTERNAL;

                CREATE TYPE alert_state AS ENUM ('open', 'assigned', 'confirmed', 'dismissed');

                -- Payments that were not approved, and where they stand.
                CREATE TABLE alerts (
                    -- The transaction's.
                    id uuid NOT NULL,
                    log_index bigint NOT NULL,
                    -- Among the alerts of the entry, from 0.
                    position integer NOT NULL,
                    user_key bigint NOT NULL,
                    decision decision NOT NULL,
                    score real NOT NULL,
                    created_at timestamptz NOT NULL,
                    state alert_state NOT NULL,
                    assignee text,
                    -- Reviews so far, and the number of the newest.
                    revision integer NOT NULL,
                    last_review uuid
                );
                -- Those from before there were alerts.
                INSERT INTO alerts
                    SELECT id, log_index, row_number() OVER (PARTITION BY log_index ORDER BY position) - 1, user_key,
                        decision, score, accepted_at, 'open', NULL, 0, NULL
                    FROM transactions WHERE decision <> 'approve' ORDER BY log_index, position;
                ALTER TABLE alerts ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);
                CREATE UNIQUE INDEX alerts_log_index ON alerts (log_index, position);
                -- Times rise with the log, so this order is that of the log.
                CREATE INDEX alerts_created_at ON alerts (created_at, log_index, position);
                CREATE INDEX alerts_state ON alerts (state, created_at, log_index, position);
                CREATE INDEX alerts_user_key ON alerts (user_key, created_at, log_index, position);

                CREATE TABLE alert_reviews (
                    log_index bigint NOT NULL,
                    -- Within the entry, from 0.
                    position integer NOT NULL,
                    transaction_id uuid NOT NULL,
                    revision integer NOT NULL,
                    reviewed_at timestamptz NOT NULL,
                    author text NOT NULL,
                    action text NOT NULL,
                    -- Afterwards.
                    state alert_state NOT NULL,
                    assignee text,
                    number uuid NOT NULL,
                    -- Sealed.
                    note bytea,
                    CONSTRAINT alert_reviews_pkey PRIMARY KEY (log_index, position)
                );
                CREATE UNIQUE INDEX alert_reviews_revision ON alert_reviews (transaction_id, revision);
                """),
    ]

    /// Brings the database to the latest version, and makes a fresh one this node's. All of it in one transaction: readers find
    /// no table that is half-made, and no ledger without its row. Harmless to repeat.
    static func migrate(_ connection: PostgresConnection, for owner: LedgerStoreIdentity) throws(ApplyFailure) {
        let found = try ApplyFailure.retrying { () throws(PostgresError) in
            try connection.transaction { () throws(PostgresError) in try migrateAll(connection, for: owner) }
        }
        guard found <= latestVersion else { throw .fatal(.newerSchema(found: found, known: latestVersion)) }
    }

    /// The version that the database had.
    private static func migrateAll(
        _ connection: PostgresConnection, for owner: LedgerStoreIdentity
    ) throws(PostgresError) -> Int {
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
            """)
        let found = Int(try connection.query("SELECT coalesce(max(version), 0) FROM schema_migrations").int4(0, 0))
        guard found < latestVersion else { return found }
        for migration in migrations where migration.version > found {
            try connection.execute(migration.script)
            try connection.query(
                "INSERT INTO schema_migrations (version) VALUES ($1)", [.int4(Int32(migration.version))])
        }
        try connection.query(
            "INSERT INTO ledger (cluster_id, node_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [.text(owner.clusterID), .int8(Int64(bitPattern: owner.nodeID.rawValue))])
        return found
    }
}
