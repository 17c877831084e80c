/// Whether a leader's entries are committed in time. One that is heard and whose entries go nowhere holds up everyone.
struct CommitWatch: Sendable {
    /// A long queue is no standstill: for what was not committed when the watch began, a tick more is given for so many
    /// bytes.
    private static let bytesPerTick = 64 << 10

    /// The log's end when the watch began.
    private var index = LogIndex.zero
    private var extraTicks = 0
    /// Since then.
    private var ticks = 0

    /// A tick passes: the watch goes on while there is something to wait for.
    /// - Returns: false if there is not; then it is to begin anew.
    mutating func tick(commit: LogIndex) -> Bool {
        guard commit < index else { return false }
        ticks += 1
        return true
    }

    func isOverdue(patience: Int) -> Bool { ticks >= patience + extraTicks }

    /// - Parameter byteCount: of the entries up to `last` that are not committed.
    mutating func restart(last: LogIndex, byteCount: Int) {
        index = last
        extraTicks = byteCount / Self.bytesPerTick
        ticks = 0
    }
}
