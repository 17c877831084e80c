import Postgres
public import Raft

/// A record of a stream that could not be taken, as the database holds it.
public struct StoredDeadLetter: Sendable, Equatable {
    /// Among all dead letters.
    public let position: OutboxPosition
    public let partition: StreamPartition
    /// The time of the entry, microseconds since 1970 UTC.
    public let createdAtMicroseconds: Int64
    public let letter: DeadLetter
}

/// Dead letters in the order of the log.
public struct StoredDeadLetters: Sendable, Equatable {
    public let letters: [StoredDeadLetter]
    /// There are more behind the last one.
    public let hasMore: Bool
    /// The database stood at this entry when it answered.
    public let applied: LogIndex
}

/// How far a stream has come, as the database holds it.
public struct StoredStreamOffset: Sendable, Equatable {
    public let partition: StreamPartition
    public let position: StreamPosition
    /// The entry that moved it there.
    public let logIndex: LogIndex

    public init(partition: StreamPartition, position: StreamPosition, logIndex: LogIndex) {
        self.partition = partition
        self.position = position
        self.logIndex = logIndex
    }
}

/// The statements behind queries of streams; each is one statement, as in `TransactionQueries`.
enum StreamQueries {
    static func deadLetters(
        after position: OutboxPosition, limit: Int, _ connection: PostgresConnection
    ) throws(PostgresError) -> StoredDeadLetters {
        // One more than wanted tells whether there are more.
        let result = try connection.query(
            """
            SELECT l.applied_index, d.log_index, d.position, d.topic, d.partition, d.stream_offset, d.created_at, d.reason,
                d.detail, d.transaction_id, d.content
            FROM ledger l LEFT JOIN LATERAL (
                SELECT * FROM dead_letters WHERE (log_index, position) > ($1, $2) ORDER BY log_index, position LIMIT $3
            ) d ON true ORDER BY d.log_index, d.position
            """,
            [.int8(position.index.databaseValue), .int4(Int32(clamping: position.ordinal)), .int8(Int64(limit + 1))])
        var letters: [StoredDeadLetter] = []
        if !result.isNull(0, 1) {
            for row in 0..<min(result.rowCount, limit) { letters.append(try letter(result, row)) }
        }
        return StoredDeadLetters(
            letters: letters, hasMore: result.rowCount > limit, applied: TransactionQueries.index(try result.int8(0, 0))
        )
    }

    private static func letter(_ result: PostgresResult, _ row: Int) throws(PostgresError) -> StoredDeadLetter {
        StoredDeadLetter(
            position: OutboxPosition(
                index: TransactionQueries.index(try result.int8(row, 1)), ordinal: UInt32(try result.int4(row, 2))),
            partition: StreamPartition(topic: try result.text(row, 3), number: try result.int4(row, 4)),
            createdAtMicroseconds: try result.timestamp(row, 6),
            letter: DeadLetter(
                offset: try result.int8(row, 5), reason: try result.text(row, 7), detail: try result.text(row, 8),
                transactionID: result.isNull(row, 9) ? nil : TransactionID(rawValue: try result.uuid(row, 9)),
                content: try result.bytea(row, 10)))
    }

    static func offsets(_ connection: PostgresConnection) throws(PostgresError) -> ([StoredStreamOffset], LogIndex) {
        let result = try connection.query(
            """
            SELECT l.applied_index, s.topic, s.partition, s.cluster_id, s.next_offset, s.log_index
            FROM ledger l LEFT JOIN stream_offsets s ON true ORDER BY s.topic, s.partition
            """)
        var offsets: [StoredStreamOffset] = []
        for row in 0..<result.rowCount where !result.isNull(row, 1) {
            offsets.append(
                StoredStreamOffset(
                    partition: StreamPartition(topic: try result.text(row, 1), number: try result.int4(row, 2)),
                    position: StreamPosition(clusterID: try result.text(row, 3), nextOffset: try result.int8(row, 4)),
                    logIndex: TransactionQueries.index(try result.int8(row, 5))))
        }
        return (offsets, TransactionQueries.index(try result.int8(0, 0)))
    }
}

extension LogIndex {
    /// As the database has it.
    var databaseValue: Int64 { Int64(bitPattern: rawValue) }
}
