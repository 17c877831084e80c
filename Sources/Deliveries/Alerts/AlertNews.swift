public import Ledger
import Synchronization

/// Wakes those who wait for alerts as soon as there are some.
public final class AlertNews: Sendable {
    private struct State {
        var newest = OutboxPosition.start
        var isOver = false
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
    }

    private struct Waiter {
        let position: OutboxPosition
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let state = Mutex(State())

    public init() {}

    /// There are alerts up to here. Called by whoever has made them readable; older news is no news.
    public func announce(_ position: OutboxPosition) {
        let woken = state.withLock { state -> [Waiter] in
            guard position > state.newest else { return [] }
            state.newest = position
            let woken = state.waiters.filter { $0.value.position < position }
            for number in woken.keys { state.waiters[number] = nil }
            return Array(woken.values)
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Of the last alert that was announced.
    public var newest: OutboxPosition { state.withLock { $0.newest } }

    /// There will be no more news: nobody waits any longer.
    func end() {
        let woken = state.withLock { state in
            defer { state.waiters = [:] }
            state.isOver = true
            return Array(state.waiters.values)
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Returns once an alert after `position` was announced, at once if that was before, or after `end`. Throws
    /// `CancellationError` alone.
    public func wait(beyond position: OutboxPosition) async throws {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isThere = state.withLock { state in
                    guard state.newest <= position, !state.isOver else { return true }
                    state.waiters[number] = Waiter(position: position, continuation: continuation)
                    return false
                }
                if isThere {
                    continuation.resume()
                } else if Task.isCancelled {
                    // Cancelled before the waiter was there to be found.
                    dismiss(number)
                }
            }
        } onCancel: {
            dismiss(number)
        }
    }

    private func dismiss(_ number: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}
