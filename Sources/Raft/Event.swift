/// Names one persist effect. Tickets rise by one; a later one is never durable before an earlier one.
public struct PersistTicket: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    public static let none = PersistTicket(0)
    public static func < (left: PersistTicket, right: PersistTicket) -> Bool { left.rawValue < right.rawValue }
    public var description: String { "#\(rawValue)" }
}

/// All that can happen to a core. Time, the network and the disk are inputs.
public enum Event: Equatable, Sendable {
    /// One unit of time has passed.
    case tick
    case receive(Message)
    /// All that was asked for up to and including this ticket is on disk.
    case persisted(PersistTicket)
    /// Append entries of these payload sizes, in order, if this node leads in `term`. Answered by
    /// `Effect.proposalAccepted` or `.proposalRefused`, all or none. A node that leads again in a later term refuses:
    /// what was prepared under the old reign may not fit the new one.
    case propose(byteCounts: [Int], term: Term)
    /// A linearizable read is wanted. Answered by `Effect.readReady` or `.readRefused` with the same tag.
    case read(tag: UInt64)
    /// The kernel says that a peer's connection is gone: a hint, never a proof.
    case peerLost(NodeID)
    /// The driver has dropped the log up to and including this index.
    case compacted(through: LogIndex)

    /// Another membership is wanted. Answered by `Effect.membershipAccepted` or `.membershipRefused` with the same tag;
    /// `Effect.membershipChanged` then tells how it goes.
    case changeMembership(MembershipChange, tag: UInt64)
    /// Another leader is wanted: this one, or (nil) whoever is fit best. Answered by `Effect.transferEnded` with the same
    /// tag, within an election timeout.
    case transferLeadership(to: NodeID?, tag: UInt64)
    /// How this node's disk fares. A core begins healthy.
    case disk(DiskHealth)
    /// May this node lead? False while it is under maintenance: then it hands leadership over, and takes none. It still
    /// votes and takes entries. A core begins with true.
    case mayLead(Bool)

    /// As leader, on `Effect.snapshotWanted`: this one can be sent. It is at or above the log's base.
    case snapshotReady(SnapshotOutline)
    /// As leader, on `Effect.snapshotWanted`: there is none now. It will be asked for again.
    case snapshotUnavailable
    /// As follower, on `Effect.storeChunk`: of this snapshot all bytes below `through` are on disk now.
    case chunkStored(id: UInt64, through: Int)
    /// As follower, on `Effect.installSnapshot`: the state machine now is what the snapshot holds, durably.
    case snapshotInstalled(id: UInt64)
    /// As follower, on `Effect.installSnapshot`: it was damaged, and none of it is kept.
    case snapshotFailed(id: UInt64)
}

/// What a disk can be trusted with.
public enum DiskHealth: String, Sendable {
    case healthy
    /// Writes take so long that others would do better as leader.
    case stalled
    /// There is no room for entries.
    case full
}
