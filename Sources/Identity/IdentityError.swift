/// Why the files of a node's identity can't be used.
public enum IdentityError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are not what was written. Nothing is guessed: a node must not speak under a name that it can't read.
    case damaged(path: String, reason: String)
    case system(path: String, operation: String, reason: String)

    public var description: String {
        switch self {
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .system(let path, let operation, let reason): "\(operation) of \(path) failed: \(reason)"
        }
    }
}
