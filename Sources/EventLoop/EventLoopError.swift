internal import CLibuv

/// What can go wrong with a loop or a socket on it.
public enum EventLoopError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused `operation`; `code` is libuv's (negative) number.
    case system(operation: String, code: Int32)
    /// The other side closed the connection.
    case endOfStream
    /// `operation` took longer than it may.
    case timedOut(operation: String, milliseconds: Int)
    /// The loop is stopping: it opens no more timers or sockets.
    case stopped

    public var description: String {
        switch self {
        case .system(let operation, let code):
            "\(operation): \(String(cString: uv_strerror(code))) (\(String(cString: uv_err_name(code))))"
        case .endOfStream: "the other side closed the connection"
        case .timedOut(let operation, let milliseconds): "\(operation): no success within \(milliseconds) ms"
        case .stopped: "the event loop is stopped"
        }
    }

    /// Throws unless libuv's `code` means success.
    static func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(EventLoopError) {
        if code < 0 { throw .system(operation: operation(), code: code) }
    }
}
