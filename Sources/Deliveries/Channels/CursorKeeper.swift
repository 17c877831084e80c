import Ledger
import Logging
import Synchronization

/// Gathers what channels have delivered and has it committed, some channels and alerts at a time.
final class CursorKeeper: Sendable {
    private let cursors: any DeliveryCursors
    private let interval: Duration
    private let pending = Mutex<[String: OutboxPosition]>([:])
    private let logger: Logger

    init(cursors: any DeliveryCursors, interval: Duration, logger: Logger) {
        self.cursors = cursors
        self.interval = interval
        self.logger = logger
    }

    func note(_ position: OutboxPosition, of channel: String) {
        pending.withLock { $0[channel] = max($0[channel] ?? .start, position) }
    }

    /// Works until the task is cancelled. What is not committed then the next leader delivers again.
    func run() async {
        var failures = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: interval * (1 << min(failures, 5)))
            failures = await flush() ? 0 : failures + 1
        }
    }

    /// False if there was something to commit and it could not be.
    func flush() async -> Bool {
        guard !Task.isCancelled else { return true }
        let moved = pending.withLock { pending in
            defer { pending = [:] }
            return pending
        }
        guard !moved.isEmpty else { return true }
        do {
            try await cursors.advance(moved)
            return true
        } catch {
            for (channel, position) in moved { note(position, of: channel) }
            if !Task.isCancelled {
                logger.warning("cursors of deliveries can't be moved", metadata: ["error": "\(error)"])
            }
            return false
        }
    }
}
