/// The snapshot that a leader can send, and its asking for one.
struct SnapshotOffer: Sendable {
    private(set) var outline: SnapshotOutline?
    private var ticksUntilNextWish = 0
    private var idleTicks = 0

    /// True if the driver should be asked now: not again before an election timeout has passed, for to make a snapshot
    /// takes long.
    mutating func wish(everyTicks: Int) -> Bool {
        guard ticksUntilNextWish == 0 else { return false }
        ticksUntilNextWish = everyTicks
        return true
    }

    mutating func offer(_ outline: SnapshotOutline) {
        self.outline = outline
        idleTicks = 0
    }

    mutating func withdraw() { outline = nil }

    /// One that nobody is being sent is withdrawn after a while: it grows old, and keeps a file and a piece of the log.
    mutating func tick(isInUse: Bool, lingerTicks: Int) {
        if ticksUntilNextWish > 0 { ticksUntilNextWish -= 1 }
        idleTicks = isInUse ? 0 : idleTicks + 1
        if idleTicks > lingerTicks { outline = nil }
    }
}
