public import EventLoop

/// Why a node can't talk to its peers at all.
public enum PeerTransportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A field of the configuration breaks a rule.
    case invalid(field: String, rule: String)
    /// A certificate or key can't be used.
    case credentials(path: String, reason: String)
    /// OpenSSL refuses to work.
    case tls(reason: String)
    /// The peer port can't be opened.
    case listen(EventLoopError)

    public var description: String {
        switch self {
        case .invalid(let field, let rule): "\(field) \(rule)"
        case .credentials(let path, let reason): "\(path): \(reason)"
        case .tls(let reason): "TLS: \(reason)"
        case .listen(let error): "peer port: \(error)"
        }
    }
}

/// Why one connection ended, in words for the log.
struct ConnectionFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
