import Bytes
import Detection
import Postgres
import Raft

/// What one batch does to the database, inside the transaction that the caller has begun.
enum ApplyStatements {
    enum Way {
        /// Straight into the table: fast, and fails if an id is already there.
        case copy
        /// Through a temporary table, leaving out ids that are already there; the earliest entry wins.
        case staging
    }

    static func apply(
        _ batch: ApplyBatch, at position: AppliedPosition, _ way: Way, _ connection: PostgresConnection
    ) throws(PostgresError) -> AppliedPosition {
        if let moment = batch.expireKeysBefore {
            try connection.query("DELETE FROM idempotency_keys WHERE accepted_at < $1", [.timestamp(moment)])
        }
        var inserted = 0
        if batch.transactions > 0 {
            switch way {
            case .copy: inserted = try copy(batch, into: "transactions", connection)
            case .staging: inserted = try insertThroughStaging(batch, connection)
            }
        }
        try upsertKeys(batch, connection)
        try insertLabels(batch, connection)
        try insertChanges(batch, connection)
        if batch.alerts > 0 { try insertAlerts(batch, way, connection) }
        if batch.reviews > 0 { try writeReviews(batch, connection) }
        if batch.streamMoves > 0 { try writeStreams(batch, connection) }
        return try advance(batch, from: position, inserted: inserted, connection)
    }

    private static let columns = LedgerTable.transactions.columnList

    private static func copy(
        _ batch: ApplyBatch, into table: String, _ connection: PostgresConnection
    ) throws(PostgresError) -> Int {
        var entry = batch.entries.startIndex
        var group = 0
        var position: Int32 = 0
        return try connection.copyIn("COPY \(table) (\(columns)) FROM STDIN (FORMAT binary)") { encoder in
            guard entry < batch.entries.endIndex else { return false }
            let current = batch.entries[entry]
            guard group < current.groups.count else {
                entry += 1
                group = 0
                position = 0
                return true
            }
            let index = Int64(bitPattern: current.index.rawValue)
            let models = current.models
            for record in current.groups[group].records {
                encode(
                    record, index: index, position: position, acceptedAt: current.time ?? 0, models, into: &encoder)
                position += 1
            }
            group += 1
            return true
        }
    }

    private static func encode(
        _ record: LedgerRecord, index: Int64, position: Int32, acceptedAt: Int64, _ models: JudgingModels,
        into encoder: inout BinaryCopyEncoder
    ) {
        encoder.beginRow(fields: 19)
        encoder.appendUUID(record.id.rawValue)
        encoder.append(index)
        encoder.append(position)
        encoder.appendTimestamp(acceptedAt)
        encoder.appendTimestamp(record.occurredAtMicroseconds)
        encoder.append(Int64(bitPattern: record.userKey))
        encode(record.decision, into: &encoder)
        encoder.append(record.score)
        encoder.appendJSON(record.reasons)
        encoder.append(Int64(bitPattern: record.fingerprint))
        encoder.append(record.body)
        encode(record.scores, models, into: &encoder)
    }

    private static func encode(
        _ scores: RecordScores, _ models: JudgingModels, into encoder: inout BinaryCopyEncoder
    ) {
        if let model = scores.model, let id = models.active {
            encoder.append(Int64(bitPattern: id.rawValue))
            encoder.append(model.rules)
            encoder.append(model.forest)
            encoder.append(model.transformer)
            encoder.append(model.probability)
        } else {
            for _ in 0..<5 { encoder.appendNull() }
        }
        if let shadow = scores.shadow, let id = models.shadow {
            encoder.append(Int64(bitPattern: id.rawValue))
            encoder.append(shadow.probability)
            encode(shadow.decision, into: &encoder)
        } else {
            for _ in 0..<3 { encoder.appendNull() }
        }
    }

    static func encode(_ decision: Decision, into encoder: inout BinaryCopyEncoder) {
        switch decision {
        case .approve: encoder.append("approve" as StaticString)
        case .review: encoder.append("review" as StaticString)
        case .block: encoder.append("block" as StaticString)
        }
    }

    private static func insertThroughStaging(
        _ batch: ApplyBatch, _ connection: PostgresConnection
    ) throws(PostgresError) -> Int {
        try connection.execute(
            "CREATE TEMPORARY TABLE apply_staging (LIKE transactions, ordinal bigserial) ON COMMIT DROP")
        _ = try copy(batch, into: "apply_staging", connection)
        // Not prepared: the temporary table is another one each time.
        try connection.execute("ALTER TABLE apply_staging ADD PRIMARY KEY (ordinal)")
        return try connection.query(
            """
            INSERT INTO transactions (\(columns)) SELECT \(columns) FROM apply_staging ORDER BY ordinal
            ON CONFLICT (id) DO NOTHING
            """
        ).affectedRows
    }

    /// A key that comes again (it had expired) replaces what was known of it; within a batch the last one stands.
    private static func upsertKeys(_ batch: ApplyBatch, _ connection: PostgresConnection) throws(PostgresError) {
        var last: [IdempotencyKey: (LedgerKey, time: Int64)] = [:]
        for entry in batch.entries {
            for group in entry.groups {
                if let key = group.key { last[key.key] = (key, entry.time ?? 0) }
            }
        }
        guard !last.isEmpty else { return }
        let keys = Array(last.values)
        try connection.query(
            """
            INSERT INTO idempotency_keys (key, first_id, count, fingerprint, accepted_at)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int4[], $4::int8[], $5::timestamptz[])
            ON CONFLICT (key) DO UPDATE SET first_id = excluded.first_id, count = excluded.count,
                fingerprint = excluded.fingerprint, accepted_at = excluded.accepted_at
            """,
            [
                .uuidArray(keys.map { $0.0.key.digest }), .uuidArray(keys.map { $0.0.first.rawValue }),
                .int4Array(keys.map { Int32(clamping: $0.0.count) }),
                .int8Array(keys.map { Int64(bitPattern: $0.0.fingerprint) }), .timestampArray(keys.map(\.time)),
            ])
    }

    private static func insertLabels(_ batch: ApplyBatch, _ connection: PostgresConnection) throws(PostgresError) {
        guard batch.labels > 0 else { return }
        var entry = batch.entries.startIndex
        _ = try connection.copyIn(
            "COPY labels (\(LedgerTable.labels.columnList)) FROM STDIN (FORMAT binary)"
        ) { encoder in
            guard entry < batch.entries.endIndex else { return false }
            let current = batch.entries[entry]
            entry += 1
            for (position, label) in current.labels.enumerated() {
                encoder.beginRow(fields: 7)
                encoder.appendUUID(label.id.rawValue)
                encoder.append(Int64(bitPattern: current.index.rawValue))
                encoder.append(Int32(position))
                encoder.append(label.verdict.name)
                if let previous = label.previous { encoder.append(previous.name) } else { encoder.appendNull() }
                encoder.append(label.source)
                encoder.appendTimestamp(label.labelledAtMicroseconds)
            }
            return true
        }
    }

    private static func insertChanges(_ batch: ApplyBatch, _ connection: PostgresConnection) throws(PostgresError) {
        guard batch.changes > 0 else { return }
        for entry in batch.entries {
            guard case .change(let author, let change) = entry.content else { continue }
            var writer = ByteWriter(reservingCapacity: change.byteCount)
            change.encode(into: &writer)
            try connection.query(
                "INSERT INTO detection_changes (log_index, changed_at, author, change) VALUES ($1, $2, $3, $4)",
                [
                    .int8(Int64(bitPattern: entry.index.rawValue)), .timestamp(entry.time ?? 0), .text(author),
                    .bytea(writer.bytes),
                ])
        }
    }

    private static func advance(
        _ batch: ApplyBatch, from position: AppliedPosition, inserted: Int, _ connection: PostgresConnection
    ) throws(PostgresError) -> AppliedPosition {
        guard let first = batch.entries.first, let last = batch.entries.last else { return position }
        precondition(first.index == position.index.next, "entry \(first.index) does not follow \(position.index)")
        let result = try connection.query(
            """
            UPDATE ledger SET applied_index = $1, applied_term = $2, last_entry_at = $3, transactions = transactions + $4
            WHERE applied_index = $5 RETURNING transactions
            """,
            [
                .int8(Int64(bitPattern: last.index.rawValue)), .int8(Int64(bitPattern: last.term.rawValue)),
                .timestamp(batch.lastTime), .int8(Int64(inserted)), .int8(Int64(bitPattern: position.index.rawValue)),
            ])
        guard result.rowCount == 1 else {
            throw PostgresError(
                .unexpectedResult, "the database no longer stands at entry \(position.index): someone else wrote to it")
        }
        return AppliedPosition(
            index: last.index, lastEntryMicroseconds: batch.lastTime, transactions: Int(try result.int8(0, 0)))
    }
}
