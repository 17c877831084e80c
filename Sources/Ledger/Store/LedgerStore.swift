public import Logging
public import Postgres
public import Raft
import Threads

/// The PostgreSQL side of the ledger: owns the apply thread, the read pool, the digest thread and the snapshot thread.
///
/// Entries go into the database in order, each exactly once: the applied index is written in the same database
/// transaction as the rows. A database that is gone is waited for; nothing else of the node depends on it.
public final class LedgerStore: Sendable {
    public static let pageLimits = 1...1_000
    /// One may hold 64 KiB.
    public static let deadLetterPageLimits = 1...100

    let signal: Monitor<ApplySignal>
    let status: StoreStatus
    let exporter: SnapshotExporter
    private let digests: DigestWorker
    private let pool: PostgresPool
    private let interrupter = PostgresInterrupter()
    private let connectionString: String
    private let thread: DedicatedThread
    /// How long a transaction under way may take at closing before it is broken off.
    private static let closeGraceMilliseconds = 2_000

    /// Starts to connect in the background, for as long as it takes; `waitUntilReady` tells when it has.
    ///
    /// Throws `PostgresError` if the connection string is not valid.
    public init(
        identity: LedgerStoreIdentity, options: LedgerStoreOptions, logger: Logger,
        events: LedgerStoreEvents = LedgerStoreEvents(), source: @escaping LedgerSource
    ) throws(PostgresError) {
        let reading = PostgresConfiguration(
            connectionString: options.connectionString, applicationName: "redoubt read \(identity.nodeID)",
            responseTimeoutMilliseconds: options.readTimeoutMilliseconds + 5_000,
            statementTimeoutMilliseconds: options.readTimeoutMilliseconds,
            sessionSettings: [
                "default_transaction_read_only": "on",
                // Every query has an index to go by. A plan made while the tables were small must not outlive that.
                "enable_seqscan": "off", "plan_cache_mode": "force_custom_plan",
            ])
        try reading.validate()
        connectionString = options.connectionString
        pool = PostgresPool(
            name: "pg-read", size: options.readConnections, configuration: reading,
            queueLimit: options.readQueueLimit, queueTimeoutMilliseconds: options.readTimeoutMilliseconds,
            logger: logger)
        let status = StoreStatus(waiterLimit: options.waiterLimit)
        let digests = DigestWorker(identity: identity, options: options, logger: logger)
        self.status = status
        self.digests = digests
        let exporter = SnapshotExporter(identity: identity, options: options, logger: logger)
        self.exporter = exporter
        let signal = Monitor(ApplySignal())
        if let path = options.firstSnapshotPath {
            let request = InstallationRequest(number: 0, path: path, accept: { _ in }, continuation: nil)
            signal.withLock { $0.installation = request }
        }
        self.signal = signal
        let interrupter = interrupter
        thread = DedicatedThread(name: "pg-apply") {
            Applier(
                identity: identity, options: options, source: source, events: events, logger: logger,
                signal: signal, status: status, digests: digests, exporter: exporter, interrupter: interrupter
            ).run()
            signal.update { $0.isFinished = true }
        }
    }

    // MARK: Progress

    /// Entries through `index` are committed and may be applied. Cheap, from any thread.
    public func commitAdvanced(to index: LogIndex) {
        let advanced = signal.update { signal -> Bool in
            guard index > signal.committed else { return false }
            signal.committed = index
            return true
        }
        if advanced { status.update { $0.committed = max($0.committed, index) } }
    }

    /// All of it from one moment.
    public var progress: LedgerStoreProgress { status.current }
    public var state: LedgerStoreState { progress.state }
    public var appliedIndex: LogIndex { progress.applied }
    /// The highest entry that the database can't lose any more; the log may be compacted through here.
    public var flushedIndex: LogIndex { progress.flushed }

    /// Waits until the database is connected and ours. Throws the fatal error if it never will be.
    public func waitUntilReady(deadline: ContinuousClock.Instant) async throws {
        try await status.readyWaiters.wait(
            for: .zero, deadline: deadline, outcome: { [status] _ in status.readyOutcome() },
            lateness: { [status] in .notAppliedInTime(index: .zero, applied: status.current.applied) })
    }

    /// Waits until `index` is applied. Throws `notAppliedInTime`, `tooManyWaiters`, or why nothing is applied any more.
    public func waitUntilApplied(_ index: LogIndex, deadline: ContinuousClock.Instant) async throws {
        _ = try await status.appliedWaiters.wait(
            for: index, deadline: deadline, outcome: { [status] index in status.appliedOutcome(index) },
            lateness: { [status] in .notAppliedInTime(index: index, applied: status.current.applied) })
    }

    // MARK: Queries

    /// What the database knows of these ids and keys, and the index at which it knew it (`through`).
    public func lookUp(ids: [TransactionID], keys: [IdempotencyKey]) async throws -> KnownDuplicates {
        try await pool.run { try TransactionQueries.known(ids: ids, keys: keys, $0) }
    }

    /// What the database knows of payments that are to be labelled, once it has applied `atLeast`.
    public func payments(
        _ ids: [TransactionID], atLeast: LogIndex, deadline: ContinuousClock.Instant
    ) async throws -> KnownPayments {
        try await read(atLeast: atLeast, deadline: deadline) { connection in
            let known = try TransactionQueries.payments(ids, connection)
            return (known, known.through)
        }
    }

    /// The transaction, as the database has it.
    ///
    /// - Parameters:
    ///   - atLeast: the answer includes all entries through here, even if the database crashes and falls back meanwhile.
    ///   - deadline: for reaching that index.
    public func transaction(
        _ id: TransactionID, atLeast: LogIndex = .zero, deadline: ContinuousClock.Instant = .now
    ) async throws -> StoredTransaction? {
        try await read(atLeast: atLeast, deadline: deadline) { connection in
            let answer = try TransactionQueries.transaction(id, connection)
            return (answer.value, answer.applied)
        }
    }

    /// The transactions that pass the filter by `occurred_at`, then id, newest first; `atLeast` as for one transaction.
    ///
    /// Throws `invalidLimit` unless `limit` is in `pageLimits`.
    public func transactions(
        _ filter: TransactionFilter = TransactionFilter(), limit: Int, after cursor: TransactionCursor? = nil,
        atLeast: LogIndex = .zero, deadline: ContinuousClock.Instant = .now
    ) async throws -> StoredTransactionPage {
        guard Self.pageLimits.contains(limit) else {
            throw LedgerStoreError.invalidLimit(limit, allowed: Self.pageLimits)
        }
        return try await read(atLeast: atLeast, deadline: deadline) { connection in
            let page = try TransactionQueries.page(filter, limit: limit, after: cursor, connection)
            return (page, page.applied)
        }
    }

    /// The dead letters behind `position`, in the order of the log; `atLeast` as for one transaction.
    ///
    /// Throws `invalidLimit` unless `limit` is in `deadLetterPageLimits`.
    public func deadLetters(
        after position: OutboxPosition = .start, limit: Int, atLeast: LogIndex = .zero,
        deadline: ContinuousClock.Instant = .now
    ) async throws -> StoredDeadLetters {
        guard Self.deadLetterPageLimits.contains(limit) else {
            throw LedgerStoreError.invalidLimit(limit, allowed: Self.deadLetterPageLimits)
        }
        return try await read(atLeast: atLeast, deadline: deadline) { connection in
            let letters = try StreamQueries.deadLetters(after: position, limit: limit, connection)
            return (letters, letters.applied)
        }
    }

    /// How far each stream has come, in order of topic and partition.
    public func streamOffsets(
        atLeast: LogIndex = .zero, deadline: ContinuousClock.Instant = .now
    ) async throws -> [StoredStreamOffset] {
        try await read(atLeast: atLeast, deadline: deadline) { connection in
            try StreamQueries.offsets(connection)
        }
    }

    /// Everything that the database holds, in the order of the log. Blocks; `interrupter` breaks it off.
    public func openHistory(interrupter: PostgresInterrupter) throws(PostgresError) -> LedgerHistory {
        try LedgerHistory(connectionString: connectionString, interrupter: interrupter)
    }

    /// Reads once the index is applied; and again if the database that answers has lost it meanwhile.
    func read<Value: Sendable>(
        atLeast: LogIndex, deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable (PostgresConnection) throws -> (Value, applied: LogIndex)
    ) async throws -> Value {
        while true {
            if atLeast > .zero { try await waitUntilApplied(atLeast, deadline: deadline) }
            let (value, applied) = try await pool.run(body)
            if applied >= atLeast { return value }
            // The apply thread has yet to notice.
            guard ContinuousClock.now < deadline else {
                throw LedgerStoreError.notAppliedInTime(index: atLeast, applied: applied)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The content's digest at a `Command.verify` entry; waits for it until `deadline`. The last 16 are kept.
    public func digest(at index: LogIndex, deadline: ContinuousClock.Instant) async throws -> ContentDigest {
        try await digests.digest(at: index, deadline: deadline)
    }

    /// Ends all threads and connections; what is not applied yet is applied after the next start. Blocks for a few
    /// seconds at most.
    public func close() {
        signal.update { $0.isClosing = true }
        let isFinished = signal.wait(timeoutMilliseconds: Self.closeGraceMilliseconds) { $0.isFinished ? true : nil }
        if isFinished == nil { interrupter.interrupt() }
        thread.join()
        digests.join()
        exporter.close()
        pool.close()
    }
}
