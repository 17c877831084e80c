import Bytes
import Logging
import Metrics
import Postgres
import Raft
import Threads

/// What other threads tell the apply thread.
struct ApplySignal: Sendable {
    var committed: LogIndex = .zero
    var installation: InstallationRequest?
    var isClosing = false
    /// Nothing that is asked for now will be looked at.
    var isOver = false
    var isFinished = false
}

/// The loop of the apply thread: takes committed entries from the log and writes them into the database.
/// Confined to that thread.
final class Applier {
    private let configuration: PostgresConfiguration
    private let identity: LedgerStoreIdentity
    private let options: LedgerStoreOptions
    private let source: LedgerSource
    private let events: LedgerStoreEvents
    private let logger: Logger
    private let signal: Monitor<ApplySignal>
    private let status: StoreStatus
    private let digests: DigestWorker
    private let exporter: SnapshotExporter
    private let installer: SnapshotInstaller
    private let interrupter: PostgresInterrupter
    private var flush: FlushTracker
    private var wasReady = false

    private let rowsCounter = Counter(label: "redoubt_apply_rows_total")
    private let batchCounter = Counter(label: "redoubt_apply_database_transactions_total")
    private let conflictCounter = Counter(label: "redoubt_apply_conflicts_total")
    private let reconnectCounter = Counter(label: "redoubt_apply_reconnections_total")
    private let batchTimer = Timer(label: "redoubt_apply_database_transaction_seconds")
    private let lagGauge = Gauge(label: "redoubt_apply_lag_entries")

    /// An idle connection is looked at this often, to notice a server that went away.
    private static let idleCheckMilliseconds = 1_000
    private static let readBytes = 4 << 20

    init(
        identity: LedgerStoreIdentity, options: LedgerStoreOptions, source: @escaping LedgerSource,
        events: LedgerStoreEvents, logger: Logger, signal: Monitor<ApplySignal>, status: StoreStatus,
        digests: DigestWorker, exporter: SnapshotExporter, interrupter: PostgresInterrupter
    ) {
        configuration = PostgresConfiguration(
            connectionString: options.connectionString, applicationName: "redoubt apply \(identity.nodeID)",
            responseTimeoutMilliseconds: options.applyTimeoutMilliseconds,
            sessionSettings: [
                // The cluster's log is the durable truth: what the server loses in a crash is applied again.
                "synchronous_commit": "off", "lock_timeout": "0", "idle_in_transaction_session_timeout": "0",
                "idle_session_timeout": "0", "default_transaction_isolation": "read committed",
                "default_transaction_read_only": "off",
            ])
        self.identity = identity
        self.options = options
        self.source = source
        self.events = events
        self.logger = logger
        self.signal = signal
        self.status = status
        self.digests = digests
        self.exporter = exporter
        installer = SnapshotInstaller(identity: identity, options: options, signal: signal, logger: logger)
        self.interrupter = interrupter
        flush = FlushTracker(pollMilliseconds: options.flushPollMilliseconds)
    }

    /// Returns when the store is closed or can't go on.
    func run() {
        var attempts = 0
        while !isClosing {
            do throws(ApplyFailure) {
                // A file that is no good is refused without waiting for the database.
                _ = try installer.prepared()
                var session = try ApplySession(
                    configuration: configuration, interrupter: interrupter, identity: identity, logger: logger)
                // Before anyone hears of content that is to be replaced: the log may not reach back to it.
                let installed = try installIfAsked(&session)
                attempts = 0
                opened(session)
                if let installed { try installer.conclude(.success(installed)) }
                try apply(&session)
            } catch {
                switch error {
                case .fatal(let error):
                    fail(error)
                    return
                case .retry(let error):
                    attempts += 1
                    lost(error, attempts: attempts)
                    backOff(attempts)
                }
            }
        }
        set(.closed)
        finish(.closed)
    }

    private var isClosing: Bool { signal.withLock { $0.isClosing } }

    // MARK: States

    private func opened(_ session: ApplySession) {
        let position = session.position
        if flush.sessionBegan(at: position.index) {
            logger.error(
                "the database lost what it had reported as flushed",
                metadata: ["applied": "\(position.index)", "flushed": "\(status.current.flushed)"])
        }
        if wasReady {
            status.update { $0.statistics.reconnections += 1 }
            reconnectCounter.increment()
        }
        wasReady = true
        logger.info(
            "database ready",
            metadata: ["applied": "\(position.index)", "transactions": "\(position.transactions)"])
        becameReady(at: position)
    }

    private func becameReady(at position: AppliedPosition) {
        status.update { progress in
            progress.applied = position.index
            progress.flushed = flush.flushed
            progress.transactions = position.transactions
            progress.state = .ready
        }
        events.onState(.ready)
        status.resumeReady()
        status.resumeApplied(through: position.index)
        // Perhaps by an earlier session, of which nobody has heard.
        status.noteAlerts(through: position.index)
        events.onApplied(position.index)
    }

    private func lost(_ error: PostgresError, attempts: Int) {
        guard !isClosing else { return }
        let since: Int64? =
            switch status.current.state {
            case .ready, .installing: microsecondsSince1970()
            case .lost(let since, _): since
            case .connecting, .failed, .closed: nil
            }
        logger.warning(
            "database not available, trying again", metadata: ["attempt": "\(attempts)", "error": "\(error)"])
        if let since {
            set(.lost(sinceMicroseconds: since, reason: error.description))
        } else {
            set(.connecting(attempts: attempts, reason: error.description))
        }
    }

    private func fail(_ error: LedgerStoreError) {
        logger.critical("the ledger can't be applied", metadata: ["error": "\(error)"])
        set(.failed(error))
        finish(error)
        events.onFatal(error)
    }

    private func finish(_ error: LedgerStoreError) {
        status.appliedWaiters.failAll(error)
        status.readyWaiters.failAll(error)
        status.alertWaiters.failAll(error)
        digests.stop(error)
        installer.end(error)
    }

    private func set(_ state: LedgerStoreState) {
        status.update { $0.state = state }
        events.onState(state)
    }

    private func backOff(_ attempts: Int) {
        let ceiling = min(
            options.reconnectMaxMilliseconds, options.reconnectMinMilliseconds << min(attempts - 1, 10))
        let pause = Int.random(in: max(1, ceiling / 2)...max(1, ceiling))
        _ = signal.wait(timeoutMilliseconds: pause) { $0.isClosing ? true : nil }
    }

    // MARK: The loop

    private func apply(_ session: inout ApplySession) throws(ApplyFailure) {
        while true {
            let applied = session.position.index
            let isBehind = flush.isBehind(applied)
            let pause = isBehind ? options.flushPollMilliseconds : Self.idleCheckMilliseconds
            let isDue = signal.wait(timeoutMilliseconds: pause) { signal in
                signal.isClosing || signal.installation != nil || signal.committed > applied ? true : nil
            }
            if isClosing { return }
            if signal.withLock({ $0.installation != nil }) {
                let installed = try installIfAsked(&session)
                becameReady(at: session.position)
                if let installed { try installer.conclude(.success(installed)) }
            } else if isDue != nil {
                gather()
                try applyNext(&session)
            } else if !session.connection.isUsable {
                throw .retry(
                    PostgresError(.connectionLost, "the server closed the connection", isConnectionLost: true))
            }
            try pollFlush(session)
        }
    }

    /// Puts the content of a snapshot in the place of the database's own, if somebody asked for that. Nil if nothing has
    /// changed; else the request is still to be answered.
    private func installIfAsked(_ session: inout ApplySession) throws(ApplyFailure) -> LedgerSnapshot? {
        guard let snapshot = try installer.prepared() else { return nil }
        set(.installing(through: snapshot.header.appliedIndex))
        digests.giveUp()
        exporter.stop(LedgerSnapshotError.interrupted(reason: "another snapshot is being installed"))
        guard let position = try installer.install(snapshot, session.connection) else { return nil }
        session.position = position
        flush.replaced(at: position.index)
        digests.contentWasReplaced(through: position.index)
        events.onFlushed(position.index)
        return snapshot
    }

    /// Larger transactions cost the server less; but nobody shall wait for that.
    private func gather() {
        guard options.gatherMilliseconds > 0, status.appliedWaiters.isEmpty else { return }
        _ = signal.wait(timeoutMilliseconds: options.gatherMilliseconds) { $0.isClosing ? true : nil }
    }

    private func applyNext(_ session: inout ApplySession) throws(ApplyFailure) {
        let (batch, damage) = try readBatch(after: session.position)
        if !batch.isEmpty { try write(batch, &session) }
        if let damage { throw .fatal(damage) }
    }

    /// Reads what is committed, up to the bounds of a batch. An entry that can't be decoded ends it: those before
    /// are still good.
    private func readBatch(
        after position: AppliedPosition
    ) throws(ApplyFailure) -> (batch: ApplyBatch, damage: LedgerStoreError?) {
        var batch = ApplyBatch(previousTime: position.lastEntryMicroseconds)
        var last = position.index
        let committed = signal.withLock { $0.committed }
        while last < committed, batch.rows < options.transactionRowLimit,
            batch.payloadBytes < options.transactionByteLimit, batch.verifyID == nil
        {
            for entry in try entries(from: last.next, through: committed, after: batch) {
                precondition(entry.index == last.next, "the log gave entry \(entry.index) after \(last)")
                do throws(MalformedBytes) {
                    guard try batch.append(entry) else { return (batch, nil) }
                } catch {
                    return (batch, .applyFailed(index: entry.index, reason: error.description))
                }
                last = entry.index
                if batch.verifyID != nil || batch.rows >= options.transactionRowLimit { break }
            }
        }
        return (batch, nil)
    }

    private func entries(
        from: LogIndex, through: LogIndex, after batch: ApplyBatch
    ) throws(ApplyFailure) -> [LedgerEntry] {
        let maxBytes = min(Self.readBytes, options.transactionByteLimit - batch.payloadBytes)
        do {
            let entries = try source(from, through, maxBytes)
            guard !entries.isEmpty else {
                throw LedgerStoreError.logUnreadable(from: from, reason: "it has no such entry")
            }
            return entries
        } catch let error as LedgerStoreError {
            throw .fatal(error)
        } catch {
            throw .fatal(.logUnreadable(from: from, reason: "\(error)"))
        }
    }

    // MARK: Writing

    /// Writes the batch, or, if the database refuses it, what comes before the entry that it refuses.
    private func write(_ batch: ApplyBatch, _ session: inout ApplySession) throws(ApplyFailure) {
        do throws(PostgresError) {
            try commit(batch, .copy, &session)
        } catch  where error.sqlState == .uniqueViolation && !error.isConnectionLost {
            conflictCounter.increment()
            status.update { $0.statistics.conflicts += 1 }
            logger.warning(
                "transaction ids that are in the database already are left out",
                metadata: [
                    "first": "\(batch.entries[0].index)", "last": "\(batch.entries[batch.entries.count - 1].index)",
                    "detail": "\(error.detail ?? "")",
                ])
            do throws(PostgresError) {
                try commit(batch, .staging, &session)
            } catch {
                try narrow(batch, error, &session)
            }
        } catch {
            try narrow(batch, error, &session)
        }
    }

    private func narrow(
        _ batch: ApplyBatch, _ error: PostgresError, _ session: inout ApplySession
    ) throws(ApplyFailure) {
        if error.isTemporary { throw .retry(error) }
        guard batch.entries.count > 1 else {
            throw .fatal(.applyFailed(index: batch.entries[0].index, reason: error.description))
        }
        let (first, second) = batch.halves()
        try write(first, &session)
        try write(second, &session)
    }

    private func commit(
        _ batch: ApplyBatch, _ way: ApplyStatements.Way, _ session: inout ApplySession
    ) throws(PostgresError) {
        let started = ContinuousClock.now
        let (position, connection) = (session.position, session.connection)
        let reached = try connection.transaction { () throws(PostgresError) in
            try ApplyStatements.apply(batch, at: position, way, connection)
        }
        precondition(reached.index > position.index, "the applied index only rises")
        session.position = reached
        status.update { progress in
            progress.applied = reached.index
            progress.transactions = reached.transactions
            progress.statistics.databaseTransactions += 1
            progress.statistics.entries += batch.entries.count
            progress.statistics.rows += reached.transactions - position.transactions
        }
        rowsCounter.increment(by: reached.transactions - position.transactions)
        batchCounter.increment()
        batchTimer.recordNanoseconds((ContinuousClock.now - started).nanoseconds)
        lagGauge.record(status.current.lag)
        if let verifyID = batch.verifyID { digests.begin(at: reached.index, verifyID: verifyID) }
        status.resumeApplied(through: reached.index)
        if batch.alerts > 0 { status.noteAlerts(through: reached.index) }
        events.onApplied(reached.index)
    }

    private func pollFlush(_ session: ApplySession) throws(ApplyFailure) {
        let advanced = try ApplyFailure.retrying { () throws(PostgresError) in
            try flush.poll(session.position.index, session.connection)
        }
        guard advanced else { return }
        status.update { $0.flushed = flush.flushed }
        events.onFlushed(flush.flushed)
    }
}
