internal import Glibc
public import Raft

/// Why a log can't be opened, read or written.
public enum RaftLogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Bytes that were durable once are not what was written. Nothing is repaired: the node must not start from this.
    case damaged(file: String, offset: Int, reason: String)
    case wrongIdentity(file: String, found: LogIdentity, expected: LogIdentity)
    case unsupportedVersion(file: String, version: UInt32)
    /// Another process (or another log in this one) has the directory open.
    case locked(directory: String)
    /// A system call failed with this `errno`.
    case system(call: String, file: String, code: Int32)
    /// The entry asked for is compacted away; `first` is the first one still kept.
    case compacted(first: LogIndex)
    case invalidOption(field: String, reason: String)

    /// Whether the disk, or what this user may take of it, is full.
    var isLackOfSpace: Bool {
        if case .system(_, _, let code) = self { code == ENOSPC || code == EDQUOT } else { false }
    }

    public var description: String {
        switch self {
        case .damaged(let file, let offset, let reason): "\(file) is damaged at byte \(offset): \(reason)"
        case .wrongIdentity(let file, let found, let expected): "\(file) belongs to \(found), not to \(expected)"
        case .unsupportedVersion(let file, let version):
            "\(file) has format version \(version); this program knows version \(SegmentHeader.version)"
        case .locked(let directory): "\(directory) is in use by another process"
        case .system(let call, let file, let code): "\(call) of \(file) failed: \(String(cString: strerror(code)))"
        case .compacted(let first): "the entry is compacted away; the first kept entry is \(first)"
        case .invalidOption(let field, let reason): "\(field): \(reason)"
        }
    }
}
