import Raft

/// When the next checkpoint of the fold is due: after so many bytes of log.
struct CheckpointSchedule {
    private let bytesBetween: Int
    private var bytes = 0
    private(set) var last: LogIndex

    init(last: LogIndex, bytesBetween: Int) {
        self.last = last
        self.bytesBetween = bytesBetween
    }

    mutating func noteFolded(bytes: Int) { self.bytes += bytes }

    /// Whether a checkpoint at this index is due; it then counts as written.
    mutating func isDue(at folded: LogIndex) -> Bool {
        guard bytes >= bytesBetween, folded > last else { return false }
        bytes = 0
        last = folded
        return true
    }

    /// Whether a checkpoint at this index would be news; it then counts as written.
    mutating func isDueNow(at folded: LogIndex) -> Bool {
        guard folded > last else { return false }
        bytes = bytesBetween
        return isDue(at: folded)
    }
}
