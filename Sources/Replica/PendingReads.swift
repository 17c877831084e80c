import Raft

/// Reads that wait for a read index, by a tag that no other request of any life of this node has had.
struct PendingReads {
    private var continuations: [UInt64: CheckedContinuation<LogIndex?, Never>] = [:]
    private var lastTag = UInt64.random(in: 1...(UInt64.max / 2))

    mutating func insert(_ continuation: CheckedContinuation<LogIndex?, Never>) -> UInt64 {
        lastTag += 1
        continuations[lastTag] = continuation
        return lastTag
    }

    mutating func remove(_ tag: UInt64) -> CheckedContinuation<LogIndex?, Never>? {
        continuations.removeValue(forKey: tag)
    }

    mutating func removeAll() -> [CheckedContinuation<LogIndex?, Never>] {
        defer { continuations.removeAll() }
        return Array(continuations.values)
    }
}
