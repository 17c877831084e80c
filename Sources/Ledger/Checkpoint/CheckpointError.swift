/// Why a checkpoint cannot be written or read.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused; `operation` is what was tried.
    case system(path: String, operation: String, reason: String)
    /// The file is there, but it is not as it was written.
    case damaged(path: String, reason: String)
    /// The file is whole, and of a format that this program does not know.
    case unknownVersion(path: String, found: UInt32, known: UInt32)
    /// The file belongs to another cluster.
    case otherCluster(path: String, found: String, expected: String)

    public var description: String {
        switch self {
        case .system(let path, let operation, let reason): "\(path): cannot \(operation): \(reason)"
        case .damaged(let path, let reason): "\(path): the checkpoint is damaged: \(reason)"
        case .unknownVersion(let path, let found, let known):
            "\(path): the checkpoint has format version \(found), this program knows version \(known) alone"
        case .otherCluster(let path, let found, let expected):
            "\(path): the checkpoint belongs to cluster \"\(found)\", this is \"\(expected)\""
        }
    }
}
