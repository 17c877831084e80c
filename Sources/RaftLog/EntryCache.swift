internal import DequeModule
internal import Raft

/// The last entries of the log with their payloads: always an unbroken run up to the log's end.
struct EntryCache: Sendable {
    private var entries = Deque<LogEntry>()
    private(set) var byteCount = 0

    /// The first cached index; nil if nothing is cached.
    var firstIndex: LogIndex? { entries.first?.index }

    /// A cached entry.
    subscript(index: LogIndex) -> LogEntry { entries[index.distance(from: entries[0].index)] }

    /// Puts `suffix` in the place of all entries at and after its first.
    mutating func replaceSuffix(with suffix: [LogEntry]) {
        guard let first = suffix.first?.index else { return }
        while let last = entries.last, !(last.index < first) {
            byteCount -= last.payload.count
            entries.removeLast()
        }
        entries.append(contentsOf: suffix)
        for entry in suffix { byteCount += entry.payload.count }
    }

    /// Drops the oldest entries while they are more than `limit` bytes, but none after `durableIndex`: until its record
    /// can be read, the cache alone has it.
    mutating func evict(limit: Int, durableIndex: LogIndex) {
        while byteCount > limit { guard removeFirst(through: durableIndex) else { return } }
    }

    mutating func removeAll() { self = EntryCache() }

    mutating func removeAll(through index: LogIndex) { while removeFirst(through: index) {} }

    private mutating func removeFirst(through index: LogIndex) -> Bool {
        guard let first = entries.first, !(index < first.index) else { return false }
        byteCount -= first.payload.count
        entries.removeFirst()
        return true
    }
}
