/// Whether what a leader asks of the others is answered in time: entries by their commit, a round of reads by its
/// confirmation. Heartbeats that get through at a crawl keep a leader in office which can do nothing there.
struct QuorumWatch: Sendable {
    /// A long queue is no crawl: for what had been asked when the watch began, a tick more is given for so many bytes.
    private static let bytesPerTick = 64 << 10

    /// All entries up to here, and this round of reads, had been asked for when the watch began.
    private var index = LogIndex.zero
    private var round: UInt64 = 0
    private var extraTicks = 0
    /// Since then.
    private var ticks = 0

    /// A tick passes: the watch goes on if the answers are still out.
    /// - Returns: false if they are not; then it is to begin anew.
    mutating func tick(commit: LogIndex, round current: UInt64) -> Bool {
        guard commit < index || (round != 0 && current == round) else { return false }
        ticks += 1
        return true
    }

    func isOverdue(patience: Int) -> Bool { ticks >= patience + extraTicks }

    /// - Parameter byteCount: of the entries up to `last` that are not committed.
    mutating func restart(last: LogIndex, round current: UInt64, byteCount: Int) {
        index = last
        round = current
        extraTicks = byteCount / Self.bytesPerTick
        ticks = 0
    }
}
