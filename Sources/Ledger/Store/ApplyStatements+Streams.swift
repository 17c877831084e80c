import Postgres
import Raft

/// How far streams have come, and what could not be taken of them.
extension ApplyStatements {
    static func writeStreams(_ batch: ApplyBatch, _ connection: PostgresConnection) throws(PostgresError) {
        let moves = StreamMoves(batch)
        if !moves.forgotten.isEmpty {
            try connection.query(
                """
                DELETE FROM stream_offsets s USING unnest($1::text[], $2::int4[]) AS f (topic, partition)
                WHERE s.topic = f.topic AND s.partition = f.partition
                """,
                [.textArray(moves.forgotten.map(\.topic)), .int4Array(moves.forgotten.map(\.number))])
        }
        if !moves.reached.isEmpty {
            let rows = moves.reached
            try connection.query(
                """
                INSERT INTO stream_offsets (topic, partition, cluster_id, next_offset, log_index)
                SELECT * FROM unnest($1::text[], $2::int4[], $3::text[], $4::int8[], $5::int8[])
                ON CONFLICT (topic, partition) DO UPDATE SET cluster_id = excluded.cluster_id,
                    next_offset = excluded.next_offset, log_index = excluded.log_index
                """,
                [
                    .textArray(rows.map(\.partition.topic)), .int4Array(rows.map(\.partition.number)),
                    .textArray(rows.map(\.position.clusterID)), .int8Array(rows.map(\.position.nextOffset)),
                    .int8Array(rows.map { Int64(bitPattern: $0.index.rawValue) }),
                ])
        }
        if batch.deadLetters > 0 { try insertDeadLetters(batch, connection) }
    }

    private static func insertDeadLetters(
        _ batch: ApplyBatch, _ connection: PostgresConnection
    ) throws(PostgresError) {
        var entry = batch.entries.startIndex
        _ = try connection.copyIn(
            "COPY dead_letters (\(LedgerTable.deadLetters.columnList)) FROM STDIN (FORMAT binary)"
        ) { encoder in
            guard entry < batch.entries.endIndex else { return false }
            let current = batch.entries[entry]
            entry += 1
            var position: Int32 = 0
            for group in current.groups {
                guard let source = group.source else { continue }
                for letter in group.deadLetters {
                    encoder.beginRow(fields: 10)
                    encoder.append(Int64(bitPattern: current.index.rawValue))
                    encoder.append(position)
                    encoder.append(source.partition.topic)
                    encoder.append(source.partition.number)
                    encoder.append(letter.offset)
                    encoder.appendTimestamp(current.time ?? 0)
                    encoder.append(letter.reason)
                    encoder.append(letter.detail)
                    if let id = letter.transactionID {
                        encoder.appendUUID(id.rawValue)
                    } else {
                        encoder.appendNull()
                    }
                    encoder.append(letter.content)
                    position += 1
                }
            }
            return true
        }
    }
}

/// Where a batch leaves the streams that it moves: each partition once.
private struct StreamMoves {
    private var last: [StreamPartition: (position: StreamPosition?, index: LogIndex)] = [:]

    init(_ batch: ApplyBatch) {
        for entry in batch.entries {
            for source in entry.groups.lazy.compactMap(\.source) {
                last[source.partition] = (
                    StreamPosition(clusterID: source.clusterID, nextOffset: source.nextOffset), entry.index
                )
            }
            if case .stream(let change) = entry.content { last[change.partition] = (change.position, entry.index) }
        }
    }

    var forgotten: [StreamPartition] { last.compactMap { $1.position == nil ? $0 : nil } }

    var reached: [(partition: StreamPartition, position: StreamPosition, index: LogIndex)] {
        last.compactMap { partition, place in
            place.position.map { (partition, $0, place.index) }
        }
    }
}
