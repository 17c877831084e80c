import Detection
import Postgres
import Raft

/// The statements behind queries and look-ups. Each is one statement, so that the answer and the applied index that
/// comes with it are from one snapshot.
enum TransactionQueries {
    /// An answer, and where the database stood when it gave it.
    struct Answer<Value: Sendable>: Sendable {
        let value: Value
        let applied: LogIndex
    }

    /// Of the transaction `t` and its label `n`: 21 of them.
    static let columns = """
        t.id, t.log_index, t.accepted_at, t.occurred_at, t.decision, t.score, t.reasons, t.fingerprint, t.body,
        t.model_id, t.rules_score, t.forest_score, t.transformer_score, t.probability, t.shadow_model_id,
        t.shadow_probability, t.shadow_decision, n.verdict, n.source, n.labelled_at, n.log_index
        """
    /// The newest label of the transaction `t`.
    static let newestLabel = """
        LEFT JOIN LATERAL (
            SELECT * FROM labels WHERE transaction_id = t.id ORDER BY log_index DESC, position DESC LIMIT 1
        ) n ON true
        """

    static func transaction(
        _ id: TransactionID, _ connection: PostgresConnection
    ) throws(PostgresError) -> Answer<StoredTransaction?> {
        let result = try connection.query(
            "SELECT l.applied_index, \(columns) FROM ledger l LEFT JOIN transactions t ON t.id = $1 \(newestLabel)",
            [.uuid(id.rawValue)])
        return Answer(
            value: result.isNull(0, 1) ? nil : try stored(result, 0), applied: index(try result.int8(0, 0)))
    }

    static func page(
        _ filter: TransactionFilter, limit: Int, after cursor: TransactionCursor?, _ connection: PostgresConnection
    ) throws(PostgresError) -> StoredTransactionPage {
        var conditions: [String] = []
        var parameters: [PostgresParameter] = []
        func add(_ condition: (Int) -> String, _ parameter: PostgresParameter) {
            parameters.append(parameter)
            conditions.append(condition(parameters.count))
        }
        if let userKey = filter.userKey { add({ "user_key = $\($0)" }, .int8(Int64(bitPattern: userKey))) }
        if let decision = filter.decision {
            // The label stands in the text: only so does the planner know that a partial index covers it.
            conditions.append("decision = '\(decision.name)'")
        }
        if let from = filter.fromMicroseconds { add({ "occurred_at >= $\($0)" }, .timestamp(from)) }
        if let to = filter.toMicroseconds { add({ "occurred_at < $\($0)" }, .timestamp(to)) }
        if let cursor {
            parameters += [.timestamp(cursor.occurredAtMicroseconds), .uuid(cursor.id.rawValue)]
            conditions.append("(occurred_at, id) < ($\(parameters.count - 1), $\(parameters.count))")
        }
        // One more than wanted tells whether there is a next page.
        parameters.append(.int8(Int64(limit + 1)))
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let result = try connection.query(
            """
            SELECT l.applied_index, \(columns) FROM ledger l LEFT JOIN LATERAL (
                SELECT * FROM transactions \(condition) ORDER BY occurred_at DESC, id DESC LIMIT $\(parameters.count)
            ) t ON true \(newestLabel) ORDER BY t.occurred_at DESC, t.id DESC
            """, parameters)
        let applied = index(try result.int8(0, 0))
        var transactions: [StoredTransaction] = []
        if !result.isNull(0, 1) {
            for row in 0..<min(result.rowCount, limit) { transactions.append(try stored(result, row)) }
        }
        let next = transactions.last.flatMap { last in
            result.rowCount > limit
                ? TransactionCursor(occurredAtMicroseconds: last.occurredAtMicroseconds, id: last.id) : nil
        }
        return StoredTransactionPage(transactions: transactions, next: next, applied: applied)
    }

    static func known(
        ids: [TransactionID], keys: [IdempotencyKey], _ connection: PostgresConnection
    ) throws(PostgresError) -> KnownDuplicates {
        let result = try connection.query(
            """
            SELECT 0::int4, NULL::uuid, NULL::uuid, applied_index, NULL::int4, NULL::timestamptz FROM ledger
            UNION ALL SELECT 1, id, NULL, fingerprint, NULL, NULL FROM transactions WHERE id = ANY($1)
            UNION ALL SELECT 2, key, first_id, fingerprint, count, accepted_at FROM idempotency_keys
                WHERE key = ANY($2)
            """, [.uuidArray(ids.map(\.rawValue)), .uuidArray(keys.map(\.digest))])
        var known = KnownDuplicates()
        for row in 0..<result.rowCount {
            let number = UInt64(bitPattern: try result.int8(row, 3))
            switch try result.int4(row, 0) {
            case 0: known.through = LogIndex(number)
            case 1: known.ids[TransactionID(rawValue: try result.uuid(row, 1))] = number
            default:
                known.keys[IdempotencyKey(digest: try result.uuid(row, 1))] = KnownKey(
                    first: TransactionID(rawValue: try result.uuid(row, 2)), count: Int(try result.int4(row, 4)),
                    fingerprint: number, acceptedAtMicroseconds: try result.timestamp(row, 5))
            }
        }
        return known
    }

    /// What is known of payments that are to be labelled.
    static func payments(
        _ ids: [TransactionID], _ connection: PostgresConnection
    ) throws(PostgresError) -> KnownPayments {
        let result = try connection.query(
            """
            SELECT applied_index, NULL::uuid, NULL::int8, NULL::bytea, NULL::decision, NULL::int8, NULL::int8,
                NULL::decision, NULL::verdict, NULL::text, NULL::text, NULL::int4, NULL::uuid FROM ledger
            UNION ALL SELECT NULL, t.id, t.user_key, t.body, t.decision, t.model_id, t.shadow_model_id,
                t.shadow_decision, n.verdict, a.state::text, a.assignee, a.revision, a.last_review
                FROM transactions t \(newestLabel) LEFT JOIN alerts a ON a.id = t.id WHERE t.id = ANY($1)
            """, [.uuidArray(ids.map(\.rawValue))])
        var known = KnownPayments()
        for row in 0..<result.rowCount {
            guard result.isNull(row, 0) else {
                known.through = index(try result.int8(row, 0))
                continue
            }
            let shadow = try modelID(result, row, 6)
            let judged = JudgedPayment(
                model: try modelID(result, row, 5), isFlagged: try decision(try result.text(row, 4)) != .approve,
                shadowModel: shadow,
                isFlaggedByShadow: shadow == nil ? false : try decision(try result.text(row, 7)) != .approve)
            known.payments[TransactionID(rawValue: try result.uuid(row, 1))] = KnownPayment(
                userKey: UInt64(bitPattern: try result.int8(row, 2)), body: try result.bytea(row, 3), judged: judged,
                verdict: result.isNull(row, 8) ? nil : try verdict(try result.text(row, 8)),
                alert: result.isNull(row, 9) ? nil : try AlertQueries.standing(result, row, 9))
        }
        return known
    }

    /// `columns`, from the second one of the result on.
    static func stored(_ result: PostgresResult, _ row: Int) throws(PostgresError) -> StoredTransaction {
        StoredTransaction(
            id: TransactionID(rawValue: try result.uuid(row, 1)), logIndex: index(try result.int8(row, 2)),
            acceptedAtMicroseconds: try result.timestamp(row, 3), occurredAtMicroseconds: try result.timestamp(row, 4),
            decision: try decision(try result.text(row, 5)), score: try result.float4(row, 6),
            reasons: try result.jsonb(row, 7), fingerprint: UInt64(bitPattern: try result.int8(row, 8)),
            body: try result.bytea(row, 9), judging: try scores(result, row, 10), label: try label(result, row, 18))
    }

    /// The eight columns of models and scores, from `column` on.
    static func scores(
        _ result: PostgresResult, _ row: Int, _ column: Int
    ) throws(PostgresError) -> StoredScores {
        let active = try modelID(result, row, column)
        let shadow = try modelID(result, row, column + 5)
        var scores = RecordScores.none
        if active != nil {
            scores.model = RecordScores.ModelScores(
                rules: try result.float4(row, column + 1), forest: try result.float4(row, column + 2),
                transformer: try result.float4(row, column + 3), probability: try result.float4(row, column + 4))
        }
        if shadow != nil {
            scores.shadow = RecordScores.ShadowScore(
                probability: try result.float4(row, column + 6),
                decision: try decision(try result.text(row, column + 7)))
        }
        return StoredScores(models: JudgingModels(active: active, shadow: shadow), scores: scores)
    }

    private static func modelID(
        _ result: PostgresResult, _ row: Int, _ column: Int
    ) throws(PostgresError) -> ModelID? {
        guard !result.isNull(row, column) else { return nil }
        return ModelID(rawValue: UInt64(bitPattern: try result.int8(row, column)))
    }

    private static func label(
        _ result: PostgresResult, _ row: Int, _ column: Int
    ) throws(PostgresError) -> StoredLabel? {
        guard !result.isNull(row, column) else { return nil }
        return StoredLabel(
            verdict: try verdict(try result.text(row, column)), source: try result.text(row, column + 1),
            labelledAtMicroseconds: try result.timestamp(row, column + 2),
            logIndex: index(try result.int8(row, column + 3)))
    }

    static func verdict(_ name: String) throws(PostgresError) -> Verdict {
        guard let verdict = Verdict(name: name) else {
            throw PostgresError(.unexpectedResult, "the database holds the unknown verdict \(name)")
        }
        return verdict
    }

    static func index(_ value: Int64) -> LogIndex { LogIndex(UInt64(bitPattern: value)) }

    static func decision(_ name: String) throws(PostgresError) -> Decision {
        guard let decision = Decision(name: name) else {
            throw PostgresError(.unexpectedResult, "the database holds the unknown decision \(name)")
        }
        return decision
    }
}
