import Bytes
public import Detection
public import Postgres
public import Raft

/// A transaction, a label or a change, as the log brought it.
public enum HistoryItem: Sendable, Equatable {
    case transaction(HistoryTransaction)
    case label(HistoryLabel)
    case change(HistoryChange)
}

public struct HistoryTransaction: Sendable, Equatable {
    public let id: TransactionID
    public let logIndex: LogIndex
    /// Microseconds since 1970 UTC.
    public let acceptedAtMicroseconds: Int64
    public let userKey: UInt64
    public let decision: Decision
    /// 0...1.
    public let score: Float
    public let judging: StoredScores
    /// Sealed, as in `LedgerRecord`.
    public let body: [UInt8]
}

public struct HistoryLabel: Sendable, Equatable {
    /// The transaction's.
    public let id: TransactionID
    public let logIndex: LogIndex
    public let verdict: Verdict
    public let previous: Verdict?
    public let labelledAtMicroseconds: Int64
    /// Of the transaction.
    public let userKey: UInt64
    /// Of the transaction, sealed.
    public let body: [UInt8]
}

public struct HistoryChange: Sendable, Equatable {
    public let logIndex: LogIndex
    public let changedAtMicroseconds: Int64
    public let author: String
    public let change: RegistryChange
}

/// Reads all that a node's database holds, in the order of the log, over a connection of its own. Blocks; confined to one
/// thread. Rows never change, so what comes meanwhile does not disturb.
public final class LedgerHistory {
    private let connection: PostgresConnection
    /// The last entry that the database had applied at the beginning: nothing after it is read.
    public let through: LogIndex
    /// Transactions up to there.
    public let transactions: Int

    /// Log entries read at once: as many as hold about so many rows.
    private static let rowsAtOnce = 5_000
    private static let entriesAtOnce: UInt64 = 65_536

    /// Throws if the database can't be reached, or holds no ledger.
    public init(
        connectionString: String, interrupter: PostgresInterrupter = PostgresInterrupter()
    ) throws(PostgresError) {
        connection = try PostgresConnection(
            PostgresConfiguration(
                connectionString: connectionString, applicationName: "redoubt history",
                responseTimeoutMilliseconds: 600_000, statementTimeoutMilliseconds: 590_000,
                // The block range index gives the pages of a stretch of the log.
                sessionSettings: ["enable_seqscan": "off", "plan_cache_mode": "force_custom_plan"]),
            interrupter: interrupter)
        // Pages that the index does not cover yet would be looked through for every stretch.
        try connection.query("SELECT brin_summarize_new_values('transactions_log_index')")
        let row = try connection.query("SELECT applied_index, transactions FROM ledger")
        guard row.rowCount == 1 else { throw PostgresError(.unexpectedResult, "the database holds no ledger") }
        through = TransactionQueries.index(try row.int8(0, 0))
        transactions = Int(try row.int8(0, 1))
    }

    /// How far somebody has read.
    public struct Place: Sendable {
        fileprivate var done: UInt64
        fileprivate var entries: UInt64 = 16

        /// Before the first entry after `index`.
        public init(after index: LogIndex = .zero) { done = index.rawValue }
    }

    /// The next few thousand things after `place`, which moves on, in the order in which the log has them; nil at the end.
    public func next(_ place: inout Place) throws -> [HistoryItem]? {
        guard place.done < through.rawValue else { return nil }
        let last = min(through.rawValue, place.done + place.entries)
        let items = try stretch(after: place.done, through: last)
        place.done = last
        // The next stretch shall hold about as many rows as are wanted at once.
        if items.count < Self.rowsAtOnce / 2 {
            place.entries = min(Self.entriesAtOnce, place.entries * 2)
        } else if items.count > Self.rowsAtOnce * 2 {
            place.entries = max(1, place.entries / 2)
        }
        return items
    }

    /// Gives everything after the entry `after`, in the order in which the log has it.
    public func read(after: LogIndex = .zero, _ body: (HistoryItem) throws -> Void) throws {
        var place = Place(after: after)
        while let items = try next(&place) {
            for item in items { try body(item) }
        }
    }

    /// Rules, lists and models as they are at the end.
    public func registry() throws -> DetectionRegistry {
        var registry = DetectionRegistry()
        for item in try changes([.int8(0), .int8(Int64(bitPattern: through.rawValue))]) {
            guard case .change(let change) = item else { continue }
            let outcome = registry.apply(
                change.change, author: change.author, timeMicroseconds: change.changedAtMicroseconds)
            guard case .changed = outcome else { throw LedgerError.impossibleChange(index: change.logIndex) }
        }
        return registry
    }

    /// An entry brings rows of one kind, so the order of entries and of places within them is all.
    private func stretch(after: UInt64, through: UInt64) throws -> [HistoryItem] {
        let range: [PostgresParameter] = [.int8(Int64(bitPattern: after)), .int8(Int64(bitPattern: through))]
        var parts: [[HistoryItem]] = [try transactions(range), try labels(range), try changes(range)]
        parts.removeAll(where: \.isEmpty)
        guard parts.count > 1 else { return parts.first ?? [] }
        // Stable: within a part the order is right already.
        let all = parts.flatMap { $0 }.enumerated()
        return all.sorted { ($0.element.logIndex, $0.offset) < ($1.element.logIndex, $1.offset) }.map(\.element)
    }

    private func transactions(_ range: [PostgresParameter]) throws(PostgresError) -> [HistoryItem] {
        let result = try connection.query(
            """
            SELECT id, log_index, accepted_at, user_key, decision, score, body, model_id, rules_score, forest_score,
                transformer_score, probability, shadow_model_id, shadow_probability, shadow_decision
            FROM transactions WHERE log_index > $1 AND log_index <= $2 ORDER BY log_index, position
            """, range)
        var items: [HistoryItem] = []
        items.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            items.append(
                .transaction(
                    HistoryTransaction(
                        id: TransactionID(rawValue: try result.uuid(row, 0)),
                        logIndex: TransactionQueries.index(try result.int8(row, 1)),
                        acceptedAtMicroseconds: try result.timestamp(row, 2),
                        userKey: UInt64(bitPattern: try result.int8(row, 3)),
                        decision: try TransactionQueries.decision(try result.text(row, 4)),
                        score: try result.float4(row, 5), judging: try TransactionQueries.scores(result, row, 7),
                        body: try result.bytea(row, 6))))
        }
        return items
    }

    private func labels(_ range: [PostgresParameter]) throws(PostgresError) -> [HistoryItem] {
        let result = try connection.query(
            """
            SELECT n.transaction_id, n.log_index, n.verdict, n.previous, n.labelled_at, t.user_key, t.body
            FROM labels n JOIN transactions t ON t.id = n.transaction_id
            WHERE n.log_index > $1 AND n.log_index <= $2 ORDER BY n.log_index, n.position
            """, range)
        var items: [HistoryItem] = []
        items.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            items.append(
                .label(
                    HistoryLabel(
                        id: TransactionID(rawValue: try result.uuid(row, 0)),
                        logIndex: TransactionQueries.index(try result.int8(row, 1)),
                        verdict: try TransactionQueries.verdict(try result.text(row, 2)),
                        previous: result.isNull(row, 3) ? nil : try TransactionQueries.verdict(try result.text(row, 3)),
                        labelledAtMicroseconds: try result.timestamp(row, 4),
                        userKey: UInt64(bitPattern: try result.int8(row, 5)), body: try result.bytea(row, 6))))
        }
        return items
    }

    private func changes(_ range: [PostgresParameter]) throws -> [HistoryItem] {
        let result = try connection.query(
            """
            SELECT log_index, changed_at, author, change FROM detection_changes
            WHERE log_index > $1 AND log_index <= $2 ORDER BY log_index
            """, range)
        var items: [HistoryItem] = []
        for row in 0..<result.rowCount {
            let change = try result.bytea(row, 3).withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                return try RegistryChange(from: &reader)
            }
            items.append(
                .change(
                    HistoryChange(
                        logIndex: TransactionQueries.index(try result.int8(row, 0)),
                        changedAtMicroseconds: try result.timestamp(row, 1), author: try result.text(row, 2),
                        change: change)))
        }
        return items
    }
}

extension HistoryItem {
    public var logIndex: LogIndex {
        switch self {
        case .transaction(let transaction): transaction.logIndex
        case .label(let label): label.logIndex
        case .change(let change): change.logIndex
        }
    }
}
