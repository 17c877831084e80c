/// Whether what a leader asks of the others is answered in time: entries by their commit, a round of reads by its
/// confirmation. Heartbeats that get through at a crawl keep a leader in office which can do nothing there.
struct QuorumWatch: Sendable {
    /// All entries up to here, and this round of reads, had been asked for when the watch began.
    private var index = LogIndex.zero
    private var round: UInt64 = 0
    /// Since then.
    private(set) var ticks = 0

    /// A tick passes: the watch goes on if the answers are still out, and else begins anew with what is asked now.
    mutating func tick(commit: LogIndex, last: LogIndex, round current: UInt64) {
        let isAnswered = commit >= index && (round == 0 || current != round)
        guard isAnswered else { return ticks += 1 }
        restart(last: last, round: current)
    }

    mutating func restart(last: LogIndex, round current: UInt64) {
        index = last
        round = current
        ticks = 0
    }
}
