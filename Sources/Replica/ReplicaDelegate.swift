public import Raft

/// Hears what the replica has to tell. Called on the event loop's thread: hand off, never block.
public protocol ReplicaDelegate: AnyObject, Sendable {
    /// The role, the term, the known leader, or whether the leader may take commands, has changed.
    func statusChanged(_ status: Status)
    /// All entries up to here are committed.
    func committed(through index: LogIndex)
    /// Another membership counts, or the present one has become committed.
    func membershipChanged(_ membership: Membership, index: LogIndex, isCommitted: Bool)
    /// Bytes that another node's delegate has sent. The node need not be a member.
    func received(_ content: [UInt8], from node: NodeID)
    func peerConnected(_ node: NodeID)
    func peerLost(_ node: NodeID)
    /// Every member has the log up to here on disk.
    func compactionFloorRose(to index: LogIndex)
    /// A follower needs a snapshot. The answer, nil if there can be none now, may come at any time, on any thread.
    func snapshotWanted(_ answer: @escaping @Sendable (OfferedSnapshot?) -> Void)
    /// The state machine is to become what the snapshot in this file holds; true once it has, durably. A crash before that
    /// leaves the old one or the new. The file is the delegate's to remove.
    func install(_ outline: SnapshotOutline, path: String, _ answer: @escaping @Sendable (Bool) -> Void)
    /// The node can't go on: damage or a failed disk.
    func failed(_ error: any Error)
}

/// A snapshot that can be sent to followers. The file goes over to the replica, which removes it when it is not needed
/// any more.
public struct OfferedSnapshot: Sendable {
    public let outline: SnapshotOutline
    public let path: String
    /// Lives for as long as the snapshot is of use, and keeps the log after it from being compacted.
    public let hold: any Sendable

    public init(outline: SnapshotOutline, path: String, hold: any Sendable) {
        self.outline = outline
        self.path = path
        self.hold = hold
    }
}
