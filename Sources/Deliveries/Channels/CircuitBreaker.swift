import Synchronization

/// The circuit of one channel, shared by all its attempts.
final class CircuitBreaker: Sendable {
    private struct Shared {
        var circuit: Circuit
        /// Those who wait for the state to change.
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let shared: Mutex<Shared>
    private let metrics: ChannelMetrics

    init(_ options: Circuit.Options, metrics: ChannelMetrics) {
        shared = Mutex(Shared(circuit: Circuit(options)))
        self.metrics = metrics
        metrics.note(.closed(failures: 0))
    }

    /// Returns when an attempt may begin. Throws `CancellationError` alone.
    func admit() async throws {
        while true {
            let admission = change { $0.admit(at: .now) }
            switch admission {
            case .go: return
            case .wait(let until?): try await Task.sleep(until: until, clock: .continuous)
            case .wait(nil): await change()
            }
            try Task.checkCancellation()
        }
    }

    func succeeded() { settle { $0.succeeded() } }
    func failed(quiet: Duration?) { settle { $0.failed(at: .now, quiet: quiet) } }
    func abandoned() { settle { $0.abandoned(at: .now) } }

    private func change<Result: Sendable>(_ body: (inout Circuit) -> Result) -> Result {
        let (result, state) = shared.withLock { (body(&$0.circuit), $0.circuit.state) }
        metrics.note(state)
        return result
    }

    private func settle(_ body: (inout Circuit) -> Void) {
        let (woken, state) = shared.withLock { shared in
            body(&shared.circuit)
            let woken = shared.waiters
            shared.waiters = [:]
            return (woken, shared.circuit.state)
        }
        metrics.note(state)
        for waiter in woken.values { waiter.resume() }
    }

    /// Waits until an attempt has come to an end, or this task is cancelled.
    private func change() async {
        let number = shared.withLock { shared in
            shared.nextWaiter += 1
            return shared.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = shared.withLock { shared in
                    guard shared.circuit.state == .halfOpen, !Task.isCancelled else { return false }
                    shared.waiters[number] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            shared.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
