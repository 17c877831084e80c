/// The snapshot that a follower is being sent.
struct IncomingSnapshot: Sendable {
    let outline: SnapshotOutline
    /// It is whole, and the driver is replacing the state machine by it.
    var isInstalling = false
}
