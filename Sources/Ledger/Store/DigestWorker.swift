import Logging
import Postgres
import Raft
import Threads

/// Makes digests on a thread of its own while entries go on being applied.
///
/// The apply thread opens the snapshot, at the very moment when the database stands at the index; the reading follows
/// here. At most `pendingLimit` snapshots wait: when one more comes, the oldest is given up.
final class DigestWorker: Sendable {
    /// A connection changes hands exactly once, from the apply thread to the digest thread.
    private struct Handover: @unchecked Sendable {
        let snapshot: DigestSnapshot
        let interrupter: PostgresInterrupter
    }

    private struct State: Sendable {
        var pending: [Handover] = []
        var finished: [(index: LogIndex, outcome: Result<ContentDigest, LedgerStoreError>)] = []
        /// Breaks the reading of the snapshot that is being read.
        var running: PostgresInterrupter?
        /// The content was put there as a whole: what stood at earlier indexes was never seen here.
        var replacedThrough = LogIndex.zero
        var isClosing = false

        mutating func finish(_ index: LogIndex, _ outcome: Result<ContentDigest, LedgerStoreError>) {
            finished.removeAll { $0.index == index }
            finished.append((index, outcome))
            if finished.count > DigestWorker.keptLimit { finished.removeFirst() }
        }
    }

    static let pendingLimit = 2
    static let keptLimit = 16

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let monitor = Monitor(State())
    private let waiters: WaitList<ContentDigest>
    private let thread: DedicatedThread

    init(identity: LedgerStoreIdentity, options: LedgerStoreOptions, logger: Logger) {
        configuration = PostgresConfiguration(
            connectionString: options.connectionString, applicationName: "redoubt digest \(identity.nodeID)",
            responseTimeoutMilliseconds: options.applyTimeoutMilliseconds,
            sessionSettings: ["idle_in_transaction_session_timeout": "0"])
        self.logger = logger
        let (monitor, waiters) = (monitor, WaitList<ContentDigest>(limit: options.waiterLimit))
        self.waiters = waiters
        thread = DedicatedThread(name: "digest") {
            while let next = Self.next(monitor) {
                let snapshot = next.snapshot
                let outcome: Result<ContentDigest, LedgerStoreError>
                do throws(PostgresError) {
                    outcome = .success(try snapshot.digest())
                } catch {
                    logger.warning("no digest", metadata: ["index": "\(snapshot.index)", "error": "\(error)"])
                    outcome = .failure(.noDigest(index: snapshot.index, reason: error.description))
                }
                monitor.update { state in
                    state.running = nil
                    state.finish(snapshot.index, outcome)
                }
                waiters.resume(through: snapshot.index) { $0 == snapshot.index ? outcome : nil }
            }
        }
    }

    private static func next(_ monitor: Monitor<State>) -> Handover? {
        let next = monitor.wait { state -> Handover?? in
            if state.isClosing { return .some(nil) }
            guard !state.pending.isEmpty else { return nil }
            let next = state.pending.removeFirst()
            state.running = next.interrupter
            return .some(next)
        }
        return next ?? nil
    }

    /// Opens the snapshot at `index`, where the database must stand now. On the apply thread. A digest that can't be
    /// begun is reported to whoever asks for it; applying goes on.
    func begin(at index: LogIndex, verifyID: UInt64) {
        do throws(PostgresError) {
            let interrupter = PostgresInterrupter()
            let connection = try PostgresConnection(configuration, interrupter: interrupter)
            try connection.begin(.readOnlySnapshot)
            let found = try connection.query("SELECT applied_index FROM ledger").int8(0, 0)
            guard UInt64(bitPattern: found) == index.rawValue else {
                throw PostgresError(.unexpectedResult, "the database stands at entry \(found), not at \(index)")
            }
            let handover = Handover(
                snapshot: DigestSnapshot(index: index, verifyID: verifyID, connection: connection),
                interrupter: interrupter)
            let displaced = monitor.update { state -> LogIndex? in
                state.finished.removeAll { $0.index == index }
                state.pending.append(handover)
                return state.pending.count > Self.pendingLimit ? state.pending.removeFirst().snapshot.index : nil
            }
            if let displaced { report(displaced, "newer ones came before it could be made") }
        } catch {
            report(index, error.description)
        }
    }

    /// Waits for the digest at `index` until `deadline`. The entry at the index must ask for one.
    func digest(at index: LogIndex, deadline: ContinuousClock.Instant) async throws -> ContentDigest {
        try await waiters.wait(
            for: index, deadline: deadline,
            outcome: { [monitor] index in
                monitor.withLock { state in
                    if let found = state.finished.last(where: { $0.index == index }) { return found.outcome }
                    if index <= state.replacedThrough { return .failure(Self.replacedError(index)) }
                    return state.isClosing ? .failure(.closed) : nil
                }
            },
            lateness: { .digestNotReadyInTime(index: index) })
    }

    private func report(_ index: LogIndex, _ reason: String) {
        let error = LedgerStoreError.noDigest(index: index, reason: reason)
        logger.warning("no digest", metadata: ["index": "\(index)", "reason": "\(reason)"])
        monitor.update { $0.finish(index, .failure(error)) }
        waiters.resume(through: index) { $0 == index ? .failure(error) : nil }
    }

    /// Gives up all digests that are not made yet: the content is about to be replaced. Their snapshots would see the new
    /// rows, and their locks would hold it up.
    func giveUp() {
        let abandoned = monitor.update { state -> [Handover] in
            state.running?.interrupt()
            defer { state.pending = [] }
            return state.pending
        }
        for handover in abandoned { report(handover.snapshot.index, "the content was about to be replaced") }
    }

    /// The content is that of a snapshot now, which went through this entry.
    func contentWasReplaced(through index: LogIndex) {
        monitor.update { $0.replacedThrough = index }
        waiters.resume(through: index) { .failure(Self.replacedError($0)) }
    }

    private static func replacedError(_ index: LogIndex) -> LedgerStoreError {
        .noDigest(index: index, reason: "the database was filled from a snapshot")
    }

    /// Begins no more digests and fails whoever waits.
    func stop(_ error: LedgerStoreError) {
        monitor.update { state in
            state.isClosing = true
            state.pending = []
            state.running?.interrupt()
        }
        waiters.failAll(error)
    }

    func join() { thread.join() }
}
