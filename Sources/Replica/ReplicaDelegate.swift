public import Raft

/// Hears what the replica has to tell. Called on the event loop's thread: hand off, never block.
public protocol ReplicaDelegate: AnyObject, Sendable {
    /// The role, the term, the known leader, or whether the leader may take commands, has changed.
    func statusChanged(_ status: Status)
    /// All entries up to here are committed.
    func committed(through index: LogIndex)
    /// Bytes that another node's delegate has sent.
    func received(_ content: [UInt8], from node: NodeID)
    func peerConnected(_ node: NodeID)
    func peerLost(_ node: NodeID)
    /// Every member has the log up to here on disk.
    func compactionFloorRose(to index: LogIndex)
    /// The node can't go on: damage or a failed disk.
    func failed(_ error: any Error)
}
