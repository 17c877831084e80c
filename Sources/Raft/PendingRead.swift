/// A linearizable read that a leader has been asked for and has not answered yet.
struct PendingRead: Equatable, Sendable {
    enum Origin: Equatable, Sendable {
        case local
        case member(NodeID)
    }

    let origin: Origin
    let tag: UInt64
    /// What was committed when the read arrived.
    let index: LogIndex
}
