import Bytes
import Logging
import Postgres
import Raft
import Threads

/// Makes snapshots on a thread and over a connection of its own, so that applying and reading go on meanwhile. One at a
/// time.
final class SnapshotExporter: Sendable {
    private struct Job: Sendable {
        /// Tells it from other jobs.
        let number: UInt64
        let path: String
        let checkpoint: LedgerCheckpoint
        let id: UInt64
        let interrupter = PostgresInterrupter()
        let continuation: CheckedContinuation<LedgerSnapshotReceipt, any Error>
    }

    private struct State: Sendable {
        var job: Job?
        var isTaken = false
        /// Why the job is given up.
        var stopReason: (any Error)?
        var isClosing = false
    }

    private let monitor = Monitor(State())
    private let thread: DedicatedThread

    init(identity: LedgerStoreIdentity, options: LedgerStoreOptions, logger: Logger) {
        let configuration = PostgresConfiguration(
            connectionString: options.connectionString, applicationName: "redoubt snapshot \(identity.nodeID)",
            responseTimeoutMilliseconds: options.applyTimeoutMilliseconds,
            statementTimeoutMilliseconds: options.exportTimeoutMilliseconds,
            sessionSettings: [
                "default_transaction_read_only": "on", "idle_in_transaction_session_timeout": "0",
                // From the beginning of the table: rows keep the order in which they were applied.
                "synchronize_seqscans": "off",
            ])
        let timeout = options.exportTimeoutMilliseconds
        let pace = options.pace
        let monitor = monitor
        thread = DedicatedThread(name: "snapshot") {
            while let job = Self.next(monitor) {
                let outcome = Result {
                    try Self.export(job, configuration, identity, pace, timeoutMilliseconds: timeout)
                }
                let reason = monitor.update { state in
                    defer { state = State(isClosing: state.isClosing) }
                    return state.stopReason
                }
                switch outcome {
                case .success(let receipt):
                    logger.info(
                        "snapshot made",
                        metadata: [
                            "path": "\(receipt.path)", "index": "\(receipt.header.index)",
                            "applied": "\(receipt.appliedIndex)", "bytes": "\(receipt.byteCount)",
                        ])
                    job.continuation.resume(returning: receipt)
                case .failure(let error):
                    let error = reason ?? Self.translate(error, timeoutMilliseconds: timeout)
                    logger.warning("no snapshot", metadata: ["path": "\(job.path)", "error": "\(error)"])
                    job.continuation.resume(throwing: error)
                }
            }
        }
    }

    private static func next(_ monitor: Monitor<State>) -> Job? {
        let next = monitor.wait { state -> Job?? in
            if state.isClosing { return .some(nil) }
            guard let job = state.job, !state.isTaken else { return nil }
            state.isTaken = true
            return .some(job)
        }
        return next ?? nil
    }

    // MARK: From other threads

    /// Writes the file at `path`. Throws `LedgerSnapshotError`, or `CancellationError`; the file is then not there.
    func export(to path: String, checkpoint: LedgerCheckpoint, id: UInt64) async throws -> LedgerSnapshotReceipt {
        let number = UInt64.random(in: .min ... .max)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = Job(
                    number: number, path: path, checkpoint: checkpoint, id: id, continuation: continuation)
                let refusal = monitor.update { state -> (any Error)? in
                    if state.isClosing { return LedgerStoreError.closed }
                    if state.job != nil { return LedgerSnapshotError.busy }
                    if Task.isCancelled { return CancellationError() }
                    state.job = job
                    return nil
                }
                if let refusal { continuation.resume(throwing: refusal) }
            }
        } onCancel: {
            stop(CancellationError()) { $0.number == number }
        }
    }

    /// Gives up the export under way.
    func stop(_ reason: any Error) { stop(reason) { _ in true } }

    private func stop(_ reason: any Error, if concerns: (Job) -> Bool) {
        monitor.update { state in
            guard let job = state.job, concerns(job) else { return }
            state.stopReason = state.stopReason ?? reason
            job.interrupter.interrupt()
        }
    }

    /// Gives up the export under way and begins no more.
    func close() {
        stop(LedgerStoreError.closed)
        let untaken = monitor.update { state -> Job? in
            state.isClosing = true
            return state.isTaken ? nil : state.job
        }
        untaken?.continuation.resume(throwing: LedgerStoreError.closed)
        thread.join()
    }

    // MARK: On the thread

    private static func export(
        _ job: Job, _ configuration: PostgresConfiguration, _ identity: LedgerStoreIdentity, _ pace: Pace,
        timeoutMilliseconds: Int
    ) throws -> LedgerSnapshotReceipt {
        let started = ContinuousClock.now
        let connection = try PostgresConnection(configuration, interrupter: job.interrupter)
        try connection.begin(.readOnlySnapshot)
        // Before the snapshot is taken: an installation's TRUNCATE would empty the tables under it.
        try connection.execute(
            "LOCK TABLE ledger, \(LedgerTable.allCases.map(\.rawValue).joined(separator: ", ")) IN ACCESS SHARE MODE")
        let (header, recorded) = try header(of: job, identity, connection)
        let writer = try SnapshotWriter(path: job.path, pace: pace)
        try writer.append(header.encode(), to: .header)
        try job.checkpoint.forEachPiece { piece throws(LedgerSnapshotError) in
            try writer.append(piece, to: .checkpoint)
        }
        var counts: [LedgerTable: Int] = [:]
        for table in LedgerTable.allCases {
            counts[table] = try copy(table, connection, to: writer, job.interrupter) {
                guard ContinuousClock.now - started < .milliseconds(timeoutMilliseconds) else {
                    throw LedgerSnapshotError.timedOut(milliseconds: timeoutMilliseconds)
                }
            }
        }
        let (transactions, keys) = (counts[.transactions]!, counts[.idempotencyKeys]!)
        // What is wrong here must not spread.
        guard transactions == recorded else {
            throw LedgerSnapshotError.rowsMiscounted(counted: transactions, recorded: recorded)
        }
        var rowCounts = ByteWriter(reservingCapacity: 8 * LedgerTable.allCases.count)
        for table in LedgerTable.allCases { rowCounts.write(UInt64(counts[table]!)) }
        try writer.append(rowCounts.bytes, to: .rowCounts)
        try writer.finish()
        return LedgerSnapshotReceipt(
            path: job.path, header: header, transactions: transactions, idempotencyKeys: keys,
            byteCount: writer.byteCount, duration: ContinuousClock.now - started)
    }

    /// Looks where the database stands; the second is the number of transactions that were applied.
    private static func header(
        of job: Job, _ identity: LedgerStoreIdentity, _ connection: PostgresConnection
    ) throws -> (LedgerSnapshotHeader, Int) {
        let row = try connection.query(
            """
            SELECT applied_index, applied_term, last_entry_at, transactions, cluster_id,
                (SELECT max(version) FROM schema_migrations)
            FROM ledger
            """)
        let checkpoint = job.checkpoint
        let header = LedgerSnapshotHeader(
            clusterID: try row.text(0, 4), id: job.id, index: checkpoint.index, term: checkpoint.term,
            membership: checkpoint.membership, appliedIndex: LogIndex(UInt64(bitPattern: try row.int8(0, 0))),
            appliedTerm: Term(UInt64(bitPattern: try row.int8(0, 1))),
            lastEntryMicroseconds: try row.timestamp(0, 2), schemaVersion: Int(try row.int4(0, 5)))
        for found in [header.clusterID, checkpoint.clusterID] where found != identity.clusterID {
            throw LedgerSnapshotError.otherCluster(path: job.path, found: found, expected: identity.clusterID)
        }
        guard header.appliedIndex >= header.index else {
            throw LedgerSnapshotError.databaseBehind(applied: header.appliedIndex, checkpoint: header.index)
        }
        return (header, Int(try row.int8(0, 3)))
    }

    private static func translate(_ error: any Error, timeoutMilliseconds: Int) -> any Error {
        guard let error = error as? PostgresError else { return error }
        return error.sqlState == .queryCanceled
            ? LedgerSnapshotError.timedOut(milliseconds: timeoutMilliseconds) : .database(error)
    }

    private static func copy(
        _ table: LedgerTable, _ connection: PostgresConnection, to writer: SnapshotWriter,
        _ interrupter: PostgresInterrupter, checkTime: () throws -> Void
    ) throws -> Int {
        var failure: (any Error)?
        do {
            return try connection.copyOut(
                "COPY \(table.rawValue) (\(table.columnList)) TO STDOUT (FORMAT binary)"
            ) { bytes in
                guard failure == nil else { return }
                do {
                    try checkTime()
                    try writer.append(bytes, to: table.section)
                } catch {
                    failure = error
                    // The server need not send the rest.
                    interrupter.interrupt()
                }
            }
        } catch {
            throw failure ?? error
        }
    }
}
