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

    /// Whether a checkpoint at this index is due, or, where one is urgent, whether it would be news; it then counts as
    /// written.
    mutating func isDue(at folded: LogIndex, isUrgent: Bool = false) -> Bool {
        guard folded > last, isUrgent || bytes >= bytesBetween else { return false }
        bytes = 0
        last = folded
        return true
    }
}
