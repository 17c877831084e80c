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

    public var outline: EntryOutline { EntryOutline(term: term, kind: kind, byteCount: payload.count) }
}

/// Whose log it is. It is written into every segment, so that a directory can't be opened by another node.
public struct LogIdentity: Equatable, Sendable, CustomStringConvertible {
    /// 1 to 64 printable ASCII characters; `RaftLog.open` refuses others.
    public let clusterID: String
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
    /// The entry before the first kept one; zero if nothing was ever compacted.
    public let baseIndex: LogIndex
    public let baseTerm: Term
    /// The entries at `baseIndex + 1` and after it.
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
