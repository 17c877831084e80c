import Raft
import Synchronization

/// Callers that wait for something to happen at an index of the log, each until its deadline. Bounded.
final class WaitList<Value: Sendable>: Sendable {
    private struct Waiter {
        let index: LogIndex
        let continuation: CheckedContinuation<Value, any Error>
    }

    private struct State {
        var waiters: [UInt64: Waiter] = [:]
        var nextNumber: UInt64 = 0
        var lowestIndex: LogIndex?
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { state.withLock { $0.waiters.isEmpty } }

    /// Waits until `resume` has an outcome for the index.
    ///
    /// - Parameters:
    ///   - outcome: asked again under the list's lock, so that what happens meanwhile is not missed.
    ///   - lateness: the error at the deadline.
    func wait(
        for index: LogIndex, deadline: ContinuousClock.Instant,
        outcome: @Sendable (LogIndex) -> Result<Value, LedgerStoreError>?,
        lateness: @escaping @Sendable () -> LedgerStoreError
    ) async throws -> Value {
        if let outcome = outcome(index) { return try outcome.get() }
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        let alarm = Task { [weak self] in
            try await Task.sleep(until: deadline, clock: .continuous)
            self?.fail(number, lateness())
        }
        defer { alarm.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let immediate = state.withLock { state -> Result<Value, any Error>? in
                    if let outcome = outcome(index) { return outcome.mapError { $0 } }
                    if ContinuousClock.now >= deadline { return .failure(lateness()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.waiters.count >= limit { return .failure(LedgerStoreError.tooManyWaiters(limit: limit)) }
                    state.waiters[number] = Waiter(index: index, continuation: continuation)
                    state.lowestIndex = min(state.lowestIndex ?? index, index)
                    return nil
                }
                if let immediate { continuation.resume(with: immediate) }
            }
        } onCancel: {
            fail(number, CancellationError())
        }
    }

    /// Resumes all for whose index there is an outcome now. Indexes above `through` can't have one.
    func resume(through: LogIndex, _ outcome: (LogIndex) -> Result<Value, LedgerStoreError>?) {
        let resumed = state.withLock { state -> [(Waiter, Result<Value, LedgerStoreError>)] in
            guard let lowest = state.lowestIndex, lowest <= through else { return [] }
            var resumed: [(Waiter, Result<Value, LedgerStoreError>)] = []
            state.waiters = state.waiters.filter { _, waiter in
                guard let outcome = outcome(waiter.index) else { return true }
                resumed.append((waiter, outcome))
                return false
            }
            state.lowestIndex = state.waiters.values.map(\.index).min()
            return resumed
        }
        for (waiter, outcome) in resumed { waiter.continuation.resume(with: outcome.mapError { $0 }) }
    }

    func failAll(_ error: LedgerStoreError) {
        resume(through: LogIndex(.max)) { _ in .failure(error) }
    }

    private func fail(_ number: UInt64, _ error: any Error) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.continuation.resume(throwing: error)
    }
}
