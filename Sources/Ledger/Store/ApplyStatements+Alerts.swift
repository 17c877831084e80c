import Detection
import Postgres
import Raft

/// Payments that were not approved, and what was made of them.
extension ApplyStatements {
    static func insertAlerts(
        _ batch: ApplyBatch, _ way: Way, _ connection: PostgresConnection
    ) throws(PostgresError) {
        switch way {
        case .copy: try copyAlerts(batch, into: "alerts", connection)
        case .staging:
            try connection.execute("CREATE TEMPORARY TABLE alert_staging (LIKE alerts) ON COMMIT DROP")
            try copyAlerts(batch, into: "alert_staging", connection)
            // A payment that was left out, for its id was there already, is no alert.
            let columns = LedgerTable.alerts.columnList
            try connection.execute(
                """
                INSERT INTO alerts (\(columns)) SELECT \(columns) FROM alert_staging s WHERE EXISTS (
                    SELECT 1 FROM transactions t WHERE t.id = s.id AND t.log_index = s.log_index)
                ORDER BY log_index, position ON CONFLICT (id) DO NOTHING
                """)
        }
    }

    private static func copyAlerts(
        _ batch: ApplyBatch, into table: String, _ connection: PostgresConnection
    ) throws(PostgresError) {
        var entry = batch.entries.startIndex
        _ = try connection.copyIn("COPY \(table) (\(LedgerTable.alerts.columnList)) FROM STDIN (FORMAT binary)") {
            encoder in
            guard entry < batch.entries.endIndex else { return false }
            let current = batch.entries[entry]
            entry += 1
            var position: Int32 = 0
            for record in current.groups.lazy.flatMap(\.records) where record.decision != .approve {
                encoder.beginRow(fields: 11)
                encoder.appendUUID(record.id.rawValue)
                encoder.append(Int64(bitPattern: current.index.rawValue))
                encoder.append(position)
                encoder.append(Int64(bitPattern: record.userKey))
                encode(record.decision, into: &encoder)
                encoder.append(record.score)
                encoder.appendTimestamp(current.time ?? 0)
                encode(.new, into: &encoder)
                position += 1
            }
            return true
        }
    }

    /// State, assignee, revision and number of the newest review.
    private static func encode(_ standing: AlertStanding, into encoder: inout BinaryCopyEncoder) {
        encoder.append(standing.state.name)
        if let assignee = standing.assignee { encoder.append(assignee) } else { encoder.appendNull() }
        encoder.append(Int32(bitPattern: standing.revision))
        if let number = standing.lastReview { encoder.appendUUID(number) } else { encoder.appendNull() }
    }

    static func writeReviews(_ batch: ApplyBatch, _ connection: PostgresConnection) throws(PostgresError) {
        var last: [TransactionID: AlertStanding] = [:]
        for entry in batch.entries {
            guard case .reviews(let reviews) = entry.content else { continue }
            for review in reviews { last[review.id] = review.standing }
        }
        try copyReviews(batch, connection)
        let rows = Array(last)
        // An empty text stands for nobody: arrays hold no nulls, and nobody has an empty name.
        try connection.query(
            """
            UPDATE alerts a SET state = r.state::alert_state, assignee = nullif(r.assignee, ''), revision = r.revision,
                last_review = r.number
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int4[], $5::uuid[])
                AS r (id, state, assignee, revision, number)
            WHERE a.id = r.id
            """,
            [
                .uuidArray(rows.map(\.key.rawValue)), .textArray(rows.map(\.value.state.name)),
                .textArray(rows.map { $0.value.assignee ?? "" }),
                .int4Array(rows.map { Int32(bitPattern: $0.value.revision) }),
                .uuidArray(rows.map { $0.value.lastReview ?? 0 }),
            ])
    }

    private static func copyReviews(_ batch: ApplyBatch, _ connection: PostgresConnection) throws(PostgresError) {
        var entry = batch.entries.startIndex
        _ = try connection.copyIn(
            "COPY alert_reviews (\(LedgerTable.alertReviews.columnList)) FROM STDIN (FORMAT binary)"
        ) { encoder in
            guard entry < batch.entries.endIndex else { return false }
            let current = batch.entries[entry]
            entry += 1
            guard case .reviews(let reviews) = current.content else { return true }
            for (position, review) in reviews.enumerated() {
                let standing = review.standing
                encoder.beginRow(fields: 11)
                encoder.append(Int64(bitPattern: current.index.rawValue))
                encoder.append(Int32(position))
                encoder.appendUUID(review.id.rawValue)
                encoder.append(Int32(bitPattern: standing.revision))
                encoder.appendTimestamp(current.time ?? 0)
                encoder.append(review.author)
                encoder.append(review.action.name)
                encoder.append(standing.state.name)
                if let assignee = standing.assignee { encoder.append(assignee) } else { encoder.appendNull() }
                encoder.appendUUID(standing.lastReview ?? 0)
                if let note = review.note { encoder.append(note) } else { encoder.appendNull() }
            }
            return true
        }
    }
}
