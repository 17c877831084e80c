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
}
