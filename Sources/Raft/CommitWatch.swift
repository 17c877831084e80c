/// Whether a leader's entries are committed in time. One that is heard and whose entries go nowhere holds up everyone.
struct CommitWatch: Sendable {
    /// The log's end when the watch began.
    private var index = LogIndex.zero
    /// Until that should be committed.
    private var ticksLeft = 0

    var isOverdue: Bool { ticksLeft <= 0 }

    /// A tick passes: the watch goes on while there is something to wait for.
    /// - Returns: false if there is not; then it is to begin anew.
    mutating func tick(commit: LogIndex) -> Bool {
        guard commit < index else { return false }
        ticksLeft -= 1
        return true
    }

    mutating func restart(last: LogIndex, patienceTicks: Int) {
        index = last
        ticksLeft = patienceTicks
    }
}
