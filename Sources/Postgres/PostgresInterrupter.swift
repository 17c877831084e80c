import Glibc
import Synchronization

/// Breaks a connection from another thread: whatever its own thread waits for ends at once with `connectionLost`.
public final class PostgresInterrupter: Sendable {
    private struct State {
        var socket: Int32 = -1
        var isInterrupted = false
    }

    private let state = Mutex(State())

    public init() {}

    /// Final: no connection can be made with this interrupter afterwards.
    public func interrupt() {
        state.withLock { state in
            state.isInterrupted = true
            // Under the lock, so that the descriptor can't have been closed and given to another file.
            if state.socket >= 0 { _ = shutdown(state.socket, Int32(SHUT_RDWR)) }
        }
    }

    public var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

    func watch(_ socket: Int32) {
        state.withLock { state in
            state.socket = socket
            if state.isInterrupted, socket >= 0 { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Must be called before the descriptor is closed.
    func forget() { state.withLock { $0.socket = -1 } }
}
