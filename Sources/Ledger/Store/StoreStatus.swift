import Raft
import Synchronization

/// What the apply thread says of itself, for any thread to read.
final class StoreStatus: Sendable {
    private let progress: Mutex<LedgerStoreProgress>
    let appliedWaiters: WaitList<LogIndex>
    let readyWaiters: WaitList<Void>
    let alertWaiters: WaitList<Void>
    /// The database may hold alerts of entries up to here that nobody has been told of.
    private let alerts = Mutex(LogIndex.zero)

    init(waiterLimit: Int) {
        progress = Mutex(
            LedgerStoreProgress(
                state: .connecting(attempts: 0, reason: nil), committed: .zero, applied: .zero, flushed: .zero,
                transactions: 0, statistics: LedgerStoreStatistics()))
        appliedWaiters = WaitList(limit: waiterLimit)
        readyWaiters = WaitList(limit: waiterLimit)
        alertWaiters = WaitList(limit: waiterLimit)
    }

    var current: LedgerStoreProgress { progress.withLock { $0 } }

    func update(_ change: (inout LedgerStoreProgress) -> Void) { progress.withLock { change(&$0) } }

    /// Why nothing will ever be applied again, if so.
    var finalError: LedgerStoreError? {
        switch current.state {
        case .failed(let error): error
        case .closed: .closed
        case .connecting, .ready, .installing, .lost: nil
        }
    }

    func appliedOutcome(_ index: LogIndex) -> Result<LogIndex, LedgerStoreError>? {
        let progress = current
        if progress.applied >= index { return .success(progress.applied) }
        return finalError.map { .failure($0) }
    }

    /// Whether there may be alerts at or behind this entry.
    func alertsOutcome(_ index: LogIndex) -> Result<Void, LedgerStoreError>? {
        if alerts.withLock({ $0 }) >= index { return .success(()) }
        return finalError.map { .failure($0) }
    }

    func noteAlerts(through index: LogIndex) {
        alerts.withLock { $0 = max($0, index) }
        alertWaiters.resume(through: index) { $0 <= index ? .success(()) : nil }
    }

    func readyOutcome() -> Result<Void, LedgerStoreError>? {
        if current.state == .ready { return .success(()) }
        return finalError.map { .failure($0) }
    }

    func resumeApplied(through applied: LogIndex) {
        appliedWaiters.resume(through: applied) { $0 <= applied ? .success(applied) : nil }
    }

    func resumeReady() {
        guard let outcome = readyOutcome() else { return }
        readyWaiters.resume(through: .zero) { _ in outcome }
    }
}
