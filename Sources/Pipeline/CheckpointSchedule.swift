import Raft

/// When the next checkpoint of the fold is due: after so many bytes of log, and no fewer than the newest checkpoint has,
/// so that writing checkpoints never costs more than writing the log.
struct CheckpointSchedule {
    private let bytesBetween: Int
    private var bytes = 0
    private(set) var last: LogIndex

    init(last: LogIndex, bytesBetween: Int) {
        self.last = last
        self.bytesBetween = bytesBetween
    }

    mutating func noteFolded(bytes: Int) { self.bytes += bytes }

    /// Whether a checkpoint at this index is due, or, where one is urgent, whether it would be news; it then counts as
    /// written.
    ///
    /// - Parameter newestBytes: what the newest checkpoint takes; zero where none was written yet.
    mutating func isDue(at folded: LogIndex, newestBytes: Int, isUrgent: Bool) -> Bool {
        guard folded > last, isUrgent || bytes >= max(bytesBetween, newestBytes) else { return false }
        bytes = 0
        last = folded
        return true
    }
}
