import Detection
import Postgres
import Raft

/// The statements behind queries of alerts; each is one statement, as in `TransactionQueries`.
enum AlertQueries {
    /// Of the alert `a`, behind those of its transaction.
    private static let columns = "a.log_index, a.position, a.created_at, a.user_key, \(standingColumns)"
    private static let standingColumns = "a.state::text, a.assignee, a.revision, a.last_review"
    private static let firstColumn = 22
    /// Of the review `r`, behind those.
    private static let firstReviewColumn = 30
    private static let withTransaction =
        "LEFT JOIN transactions t ON t.id = a.id \(TransactionQueries.newestLabel)"

    static func after(
        _ position: OutboxPosition, limit: Int, _ connection: PostgresConnection
    ) throws(PostgresError) -> StoredAlerts {
        // One more than wanted tells whether there are more.
        let result = try connection.query(
            """
            SELECT l.applied_index, \(TransactionQueries.columns), \(columns) FROM ledger l LEFT JOIN LATERAL (
                SELECT * FROM alerts WHERE (log_index, position) > ($1, $2) ORDER BY log_index, position LIMIT $3
            ) a ON true \(withTransaction) ORDER BY a.log_index, a.position
            """,
            [.int8(position.index.databaseValue), .int4(Int32(clamping: position.ordinal)), .int8(Int64(limit + 1))])
        return StoredAlerts(
            alerts: try alerts(result, limit: limit), applied: TransactionQueries.index(try result.int8(0, 0)),
            hasMore: result.rowCount > limit)
    }

    static func alert(
        _ id: TransactionID, _ connection: PostgresConnection
    ) throws(PostgresError) -> TransactionQueries.Answer<StoredAlertHistory?> {
        let result = try connection.query(
            """
            SELECT l.applied_index, \(TransactionQueries.columns), \(columns), r.revision, r.reviewed_at, r.author, r.action,
                r.state::text, r.assignee, r.number, r.note, r.log_index
            FROM ledger l LEFT JOIN alerts a ON a.id = $1 \(withTransaction) LEFT JOIN LATERAL (
                SELECT * FROM alert_reviews WHERE transaction_id = a.id ORDER BY revision DESC LIMIT $2
            ) r ON true ORDER BY r.revision
            """, [.uuid(id.rawValue), .int8(Int64(StoredAlertHistory.reviewsKept))])
        let applied = TransactionQueries.index(try result.int8(0, 0))
        guard let alert = try alerts(result, limit: 1).first else {
            return TransactionQueries.Answer(value: nil, applied: applied)
        }
        var reviews: [StoredReview] = []
        for row in 0..<result.rowCount where !result.isNull(row, firstReviewColumn) {
            reviews.append(try review(result, row, firstReviewColumn))
        }
        return TransactionQueries.Answer(value: StoredAlertHistory(alert: alert, reviews: reviews), applied: applied)
    }

    static func page(
        _ filter: AlertFilter, limit: Int, after cursor: AlertCursor?, _ connection: PostgresConnection
    ) throws(PostgresError) -> StoredAlertPage {
        var conditions: [String] = []
        var parameters: [PostgresParameter] = []
        func add(_ condition: (Int) -> String, _ parameter: PostgresParameter) {
            parameters.append(parameter)
            conditions.append(condition(parameters.count))
        }
        if let state = filter.state { conditions.append("state = '\(state.name)'") }
        if let decision = filter.decision { conditions.append("decision = '\(decision.name)'") }
        if let userKey = filter.userKey { add({ "user_key = $\($0)" }, .int8(Int64(bitPattern: userKey))) }
        if let from = filter.fromMicroseconds { add({ "created_at >= $\($0)" }, .timestamp(from)) }
        if let to = filter.toMicroseconds { add({ "created_at < $\($0)" }, .timestamp(to)) }
        if let cursor {
            parameters += [
                .timestamp(cursor.createdAtMicroseconds), .int8(cursor.position.index.databaseValue),
                .int4(Int32(clamping: cursor.position.ordinal)),
            ]
            let last = parameters.count
            conditions.append("(created_at, log_index, position) < ($\(last - 2), $\(last - 1), $\(last))")
        }
        // One more than wanted tells whether there is a next page.
        parameters.append(.int8(Int64(limit + 1)))
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let result = try connection.query(
            """
            SELECT l.applied_index, \(TransactionQueries.columns), \(columns) FROM ledger l LEFT JOIN LATERAL (
                SELECT * FROM alerts \(condition) ORDER BY created_at DESC, log_index DESC, position DESC
                LIMIT $\(parameters.count)
            ) a ON true \(withTransaction) ORDER BY a.created_at DESC, a.log_index DESC, a.position DESC
            """, parameters)
        let alerts = try alerts(result, limit: limit)
        let next = alerts.last.flatMap { last in
            result.rowCount > limit
                ? AlertCursor(createdAtMicroseconds: last.createdAtMicroseconds, position: last.position) : nil
        }
        return StoredAlertPage(
            alerts: alerts, next: next, applied: TransactionQueries.index(try result.int8(0, 0)))
    }

    /// State, assignee, revision and number of the newest review, from `column` on.
    static func standing(
        _ result: PostgresResult, _ row: Int, _ column: Int
    ) throws(PostgresError) -> AlertStanding {
        AlertStanding(
            state: try state(try result.text(row, column)),
            assignee: result.isNull(row, column + 1) ? nil : try result.text(row, column + 1),
            revision: UInt32(bitPattern: try result.int4(row, column + 2)),
            lastReview: result.isNull(row, column + 3) ? nil : try result.uuid(row, column + 3))
    }

    private static func alerts(_ result: PostgresResult, limit: Int) throws(PostgresError) -> [StoredAlert] {
        var alerts: [StoredAlert] = []
        for row in 0..<min(result.rowCount, limit) where !result.isNull(row, firstColumn) {
            alerts.append(
                StoredAlert(
                    position: OutboxPosition(
                        index: TransactionQueries.index(try result.int8(row, firstColumn)),
                        ordinal: UInt32(bitPattern: try result.int4(row, firstColumn + 1))),
                    createdAtMicroseconds: try result.timestamp(row, firstColumn + 2),
                    userKey: UInt64(bitPattern: try result.int8(row, firstColumn + 3)),
                    standing: try standing(result, row, firstColumn + 4),
                    transaction: try TransactionQueries.stored(result, row)))
        }
        return alerts
    }

    private static func review(
        _ result: PostgresResult, _ row: Int, _ column: Int
    ) throws(PostgresError) -> StoredReview {
        StoredReview(
            revision: UInt32(bitPattern: try result.int4(row, column)),
            reviewedAtMicroseconds: try result.timestamp(row, column + 1), author: try result.text(row, column + 2),
            action: try result.text(row, column + 3), state: try state(try result.text(row, column + 4)),
            assignee: result.isNull(row, column + 5) ? nil : try result.text(row, column + 5),
            number: try result.uuid(row, column + 6),
            note: result.isNull(row, column + 7) ? nil : try result.bytea(row, column + 7),
            logIndex: TransactionQueries.index(try result.int8(row, column + 8)))
    }

    private static func state(_ name: String) throws(PostgresError) -> AlertState {
        guard let state = AlertState(name: name) else {
            throw PostgresError(.unexpectedResult, "the database holds the unknown state \(name) of an alert")
        }
        return state
    }
}
