public import Raft

/// One entry of the replicated log, with its payload.
public struct LogEntry: Sendable, Equatable {
    public let index: LogIndex
    public let term: Term
    public let kind: EntryKind
    /// At most `RaftLog.maximumPayloadBytes`.
    public let payload: [UInt8]

    public init(index: LogIndex, term: Term, kind: EntryKind, payload: [UInt8]) {
        self.index = index
        self.term = term
        self.kind = kind
        self.payload = payload
    }

    /// The payload of a membership entry must be that of one, as all are that come off the wire or out of a log.
    public var outline: EntryOutline {
        EntryOutline(
            term: term, kind: kind, byteCount: payload.count,
            membership: kind == .membership ? Membership(decoding: payload) : nil)
    }
}

/// Whose log it is. It is written into every segment, so that a directory can't be opened by another node.
public struct LogIdentity: Equatable, Sendable, CustomStringConvertible {
    /// 1 to 64 printable ASCII characters; `RaftLog.open` refuses others.
    public let clusterID: String
    /// With its life: the log of one life of a node is refused to another.
    public let nodeID: NodeID

    public init(clusterID: String, nodeID: NodeID) {
        self.clusterID = clusterID
        self.nodeID = nodeID
    }

    public var description: String { "node \(nodeID) of cluster \"\(clusterID)\"" }
}

/// What an opened directory holds. All of it is durable.
public struct RecoveredLog: Sendable, Equatable {
    public let hardState: HardState
    /// The entry before the first kept one; zero if nothing was ever compacted or reset.
    public let baseIndex: LogIndex
    public let baseTerm: Term
    /// The entries at `baseIndex + 1` and after it. Those of kind membership have theirs.
    public let outlines: [EntryOutline]
    /// The rest of a group commit that was being written when the node died, and that no one was told of.
    public let trimmedTail: TrimmedTail?

    public var lastIndex: LogIndex { baseIndex.advanced(by: outlines.count) }
}

/// Bytes at the end of the newest segment that were zeroed on opening.
public struct TrimmedTail: Sendable, Equatable {
    public let file: String
    public let offset: Int
    public let byteCount: Int
    public let reason: String
}
