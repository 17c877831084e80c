import CLibpq

/// How to reach a server and how a session with it is set up.
public struct PostgresConfiguration: Sendable {
    /// Any libpq connection string: `key=value` pairs or a `postgresql://` URI, TLS settings included.
    public var connectionString: String
    /// Shown in `pg_stat_activity`; what the connection string says wins.
    public var applicationName: String
    /// From the first attempt to the finished handshake, over all hosts of the connection string.
    public var connectTimeoutMilliseconds: Int
    /// A server that takes longer over one answer is given up and the connection with it. Zero waits for ever.
    public var responseTimeoutMilliseconds: Int
    /// The server cancels a statement that takes longer. Zero never does.
    public var statementTimeoutMilliseconds: Int
    /// Run-time parameters set at the start of the session, whatever the server's own configuration says.
    public var sessionSettings: [String: String]

    public init(
        connectionString: String, applicationName: String, connectTimeoutMilliseconds: Int = 5_000,
        responseTimeoutMilliseconds: Int = 0, statementTimeoutMilliseconds: Int = 0,
        sessionSettings: [String: String] = [:]
    ) {
        precondition(connectTimeoutMilliseconds > 0, "a connection attempt needs time")
        precondition(responseTimeoutMilliseconds >= 0 && statementTimeoutMilliseconds >= 0, "a timeout is not negative")
        self.connectionString = connectionString
        self.applicationName = applicationName
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.responseTimeoutMilliseconds = responseTimeoutMilliseconds
        self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
        self.sessionSettings = sessionSettings
    }

    /// Throws `invalidConfiguration` if libpq can't make sense of the connection string.
    public func validate() throws(PostgresError) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(connectionString, &message) else {
            let text = message.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(message)
            throw PostgresError(.invalidConfiguration, "the connection string is not valid: \(text.trimmed)")
        }
        PQconninfoFree(options)
    }

    /// What libpq is given, in order: a later keyword wins over an earlier one, so that ours before the connection
    /// string are defaults and those after it are final.
    var keywords: [(String, String)] {
        [
            ("application_name", applicationName),
            ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"),
            ("dbname", connectionString),
            ("client_encoding", "UTF8"),
        ]
    }

    /// One script that sets the session up.
    var sessionScript: String {
        var settings = sessionSettings
        settings["statement_timeout"] = "\(statementTimeoutMilliseconds)"
        settings["client_min_messages"] = "warning"
        settings["search_path"] = settings["search_path"] ?? "public"
        return settings.sorted { $0.key < $1.key }
            .map {
                "SET \($0.key) = '\($0.value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
            }
            .joined(separator: ";")
    }
}

extension String {
    /// Without the white space that libpq ends its messages with.
    var trimmed: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
