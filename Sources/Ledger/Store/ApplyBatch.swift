import Bytes
import Raft

/// Entries that go into the database in one transaction.
///
/// A batch ends after an entry that asks for a digest, so that the database stands exactly there for a moment; and it
/// ends before an entry whose time begins a new hour, so that expired keys are deleted at the same place of the log on
/// every node, however the batches fall.
struct ApplyBatch {
    struct Entry {
        let index: LogIndex
        let term: Term
        /// Microseconds since 1970 UTC; nil for an entry that is no command.
        let time: Int64?
        let groups: [LedgerGroup]
        let verifyID: UInt64?
    }

    /// The time of the last entry before the batch.
    let previousTime: Int64
    private(set) var entries: [Entry] = []
    private(set) var rows = 0
    private(set) var payloadBytes = 0

    init(previousTime: Int64) { self.previousTime = previousTime }

    var isEmpty: Bool { entries.isEmpty }
    var lastTime: Int64 { entries.reduce(previousTime) { max($0, $1.time ?? $0) } }
    var verifyID: UInt64? { entries.last?.verifyID }

    /// Keys that were accepted before this moment are deleted before the batch is written. Nil: none are.
    var expireKeysBefore: Int64? {
        guard let time = entries.lazy.compactMap(\.time).first, Self.beginsHour(time, after: previousTime) else {
            return nil
        }
        return time - IdempotencyKey.lifetimeMicroseconds
    }

    /// Decodes an entry and takes it in; false if it must begin the next batch.
    mutating func append(_ entry: LedgerEntry) throws(MalformedBytes) -> Bool {
        let decoded = try Self.decode(entry)
        if let time = decoded.time, entries.contains(where: { $0.time != nil }),
            Self.beginsHour(time, after: lastTime)
        {
            return false
        }
        append(decoded, payloadBytes: entry.payload.count)
        return true
    }

    /// The two halves of a batch of more than one entry.
    func halves() -> (ApplyBatch, ApplyBatch) {
        precondition(entries.count > 1, "a single entry has no halves")
        var first = ApplyBatch(previousTime: previousTime)
        for entry in entries[..<(entries.count / 2)] { first.append(entry, payloadBytes: 0) }
        var second = ApplyBatch(previousTime: first.lastTime)
        for entry in entries[(entries.count / 2)...] { second.append(entry, payloadBytes: 0) }
        return (first, second)
    }

    private mutating func append(_ entry: Entry, payloadBytes: Int) {
        if let last = entries.last {
            precondition(entry.index == last.index.next, "entry \(entry.index) does not follow \(last.index)")
        }
        rows += entry.groups.reduce(0) { $0 + $1.records.count }
        self.payloadBytes += payloadBytes
        entries.append(entry)
    }

    private static func decode(_ entry: LedgerEntry) throws(MalformedBytes) -> Entry {
        guard entry.kind == .command else {
            return Entry(index: entry.index, term: entry.term, time: nil, groups: [], verifyID: nil)
        }
        switch try Command.decode(entry.payload) {
        case .transactions(let time, let groups):
            return Entry(index: entry.index, term: entry.term, time: time, groups: groups, verifyID: nil)
        case .verify(let time, let id):
            return Entry(index: entry.index, term: entry.term, time: time, groups: [], verifyID: id)
        }
    }

    private static func beginsHour(_ time: Int64, after previous: Int64) -> Bool {
        let hour: Int64 = 3_600 * 1_000_000
        return time / hour > previous / hour
    }
}
