import Synchronization

/// The task that writes a connection's stream, if there is one. Whoever ends the connection's loop waits for it: it has
/// nowhere else to run.
final class StreamTask: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Called once.
    func begin(_ task: Task<Void, Never>) { self.task.withLock { $0 = task } }

    func cancel() { task.withLock { $0 }?.cancel() }

    /// Returns at once if there is none.
    func ended() async { await task.withLock { $0 }?.value }
}
