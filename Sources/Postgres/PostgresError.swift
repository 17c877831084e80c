/// What went wrong between us and a PostgreSQL server.
public struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Equatable, Sendable {
        /// The server answered with an error; `sqlState` says which.
        case server
        /// No connection could be made.
        case connectFailed
        /// The connection broke, or the server did not answer in time and the connection was given up.
        case connectionLost
        /// A result does not have the type or the shape that was asked for.
        case unexpectedResult
        /// The connection string cannot be parsed.
        case invalidConfiguration
        /// The queue of a thread or a pool is at its bound.
        case queueFull
        /// A job waited in the queue longer than it may.
        case queuedTooLong
        /// The thread or pool has been closed.
        case closed
    }

    public var kind: Kind
    /// `ERROR`, `FATAL` or `PANIC`, if the server said so.
    public var severity: String?
    public var sqlState: SQLState?
    public var message: String
    public var detail: String?
    /// The connection can't be used any more.
    public var isConnectionLost: Bool

    public init(
        _ kind: Kind, _ message: String, severity: String? = nil, sqlState: SQLState? = nil, detail: String? = nil,
        isConnectionLost: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.severity = severity
        self.sqlState = sqlState
        self.detail = detail
        self.isConnectionLost = isConnectionLost
    }

    /// The same statement may succeed later although nothing about it changes: the server lacked something
    /// (class 53), had to choose a victim (class 40), was told to stop (class 57), or failed outside itself (class 58).
    public var isTemporary: Bool {
        if isConnectionLost { return true }
        guard let sqlState else { return false }
        return ["40", "53", "57", "58"].contains(sqlState.errorClass) || sqlState == .lockNotAvailable
    }

    public var description: String {
        var text = "PostgreSQL"
        if let sqlState { text += " \(sqlState)" }
        text += ": \(message)"
        if let detail { text += " (\(detail))" }
        return text
    }
}
