import Logging
import Postgres
import Threads

/// An installation that somebody asked for.
struct InstallationRequest: Sendable {
    /// Tells it from other requests.
    let number: UInt64
    let path: String
    /// What the caller has to say to the file's content, before the database is touched.
    let accept: @Sendable (LedgerSnapshot) throws -> Void
    /// Nil if it was asked for at the start, by the options: nothing may be applied without it.
    let continuation: CheckedContinuation<LedgerSnapshot, any Error>?
    var isCancelled = false
}

/// Carries out what is asked for of installations. Confined to the apply thread.
final class SnapshotInstaller {
    private let identity: LedgerStoreIdentity
    private let options: LedgerStoreOptions
    private let signal: Monitor<ApplySignal>
    private let logger: Logger
    /// The snapshot of the request, once its file was checked: it is not checked again when the database comes and goes.
    private var checked: LedgerSnapshot?

    init(identity: LedgerStoreIdentity, options: LedgerStoreOptions, signal: Monitor<ApplySignal>, logger: Logger) {
        self.identity = identity
        self.options = options
        self.signal = signal
        self.logger = logger
    }

    /// What is to be installed, its file checked; nil if there is nothing. A file that is no good is refused here.
    func prepared() throws(ApplyFailure) -> LedgerSnapshot? {
        guard let request = signal.withLock({ $0.installation }) else { return nil }
        if isClosing { return nil }
        guard !request.isCancelled else {
            try conclude(.failure(CancellationError()))
            return nil
        }
        if let checked { return checked }
        do {
            let snapshot = try LedgerSnapshot.load(
                path: request.path, clusterID: identity.clusterID, pace: options.pace, isStopped: { isStopped })
            try request.accept(snapshot)
            checked = snapshot
            return snapshot
        } catch {
            if !isClosing { try conclude(.failure(error)) }
            return nil
        }
    }

    /// Replaces the content; nil if it stays as it is, because the file or the database does not allow it: the request is
    /// answered then. A database that is lost is a reason to come again.
    func install(
        _ snapshot: LedgerSnapshot, _ connection: PostgresConnection
    ) throws(ApplyFailure) -> AppliedPosition? {
        guard let request = signal.withLock({ $0.installation }) else { return nil }
        let installation = SnapshotInstallation(
            path: request.path, snapshot: snapshot, identity: identity,
            commitTimeoutMilliseconds: options.installCommitTimeoutMilliseconds, pace: options.pace,
            isStopped: { self.isStopped })
        do {
            let position = try installation.install(connection)
            logger.notice(
                "snapshot installed",
                metadata: [
                    "path": "\(request.path)", "index": "\(snapshot.header.index)", "applied": "\(position.index)",
                    "transactions": "\(position.transactions)",
                ])
            return position
        } catch let error as PostgresError where error.isTemporary {
            throw .retry(error)
        } catch  where isClosing {
            // Answered at the end.
            return nil
        } catch let error as PostgresError {
            try conclude(.failure(LedgerSnapshotError.database(error)))
        } catch {
            try conclude(.failure(error))
        }
        return nil
    }

    /// Answers the request. A snapshot to begin with that can't be had is fatal.
    func conclude(_ outcome: Result<LedgerSnapshot, any Error>) throws(ApplyFailure) {
        checked = nil
        let request = signal.update { signal in
            defer { signal.installation = nil }
            return signal.installation
        }
        guard let request else { return }
        if case .failure(let error) = outcome {
            logger.error("snapshot not installed", metadata: ["path": "\(request.path)", "error": "\(error)"])
        }
        if let continuation = request.continuation {
            // Broken off, the installation fails in its own way: what the caller did comes first.
            continuation.resume(with: request.isCancelled ? outcome.mapError { _ in CancellationError() } : outcome)
        } else if case .failure(let error) = outcome {
            throw .fatal(
                .snapshotNotInstalled(error as? LedgerSnapshotError ?? .interrupted(reason: "\(error)")))
        }
    }

    /// Answers whoever still waits; later requests are refused.
    func end(_ error: LedgerStoreError) {
        let request = signal.update { signal in
            signal.isOver = true
            defer { signal.installation = nil }
            return signal.installation
        }
        request?.continuation?.resume(throwing: error)
    }

    private var isClosing: Bool { signal.withLock { $0.isClosing } }

    private var isStopped: Bool {
        signal.withLock { $0.isClosing || $0.installation?.isCancelled ?? true }
    }
}
