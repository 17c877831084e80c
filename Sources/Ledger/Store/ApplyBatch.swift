import Bytes
import Detection
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
        var content = Content.nothing

        var groups: [LedgerGroup] {
            if case .transactions(let groups, _) = content { groups } else { [] }
        }
        var models: JudgingModels {
            if case .transactions(_, let models) = content { models } else { .none }
        }
        var labels: [LedgerLabel] {
            switch content {
            case .labels(let labels): labels
            case .reviews(let reviews): reviews.compactMap(\.label)
            default: []
            }
        }
        var verifyID: UInt64? {
            if case .verify(let id) = content { id } else { nil }
        }
    }

    enum Content {
        case nothing
        case transactions([LedgerGroup], JudgingModels)
        case labels([LedgerLabel])
        case change(author: String, RegistryChange)
        case stream(StreamChange)
        case reviews([LedgerReview])
        case verify(UInt64)
    }

    /// The time of the last entry before the batch.
    let previousTime: Int64
    private(set) var entries: [Entry] = []
    private(set) var transactions = 0
    private(set) var labels = 0
    private(set) var changes = 0
    private(set) var deadLetters = 0
    private(set) var alerts = 0
    private(set) var reviews = 0
    /// Entries that move streams.
    private(set) var streamMoves = 0
    private(set) var payloadBytes = 0

    init(previousTime: Int64) { self.previousTime = previousTime }

    var isEmpty: Bool { entries.isEmpty }
    var rows: Int { transactions + labels + changes + deadLetters + streamMoves + alerts + reviews }
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
        switch entry.content {
        case .transactions(let groups, _):
            transactions += groups.reduce(0) { $0 + $1.records.count }
            alerts += groups.reduce(0) { $0 + $1.records.count { $0.decision != .approve } }
            deadLetters += groups.reduce(0) { $0 + $1.deadLetters.count }
            if groups.contains(where: { $0.source != nil }) { streamMoves += 1 }
        case .labels(let labels): self.labels += labels.count
        case .change: changes += 1
        case .stream: streamMoves += 1
        case .reviews(let reviews):
            self.reviews += reviews.count
            self.labels += reviews.count { $0.label != nil }
        case .nothing, .verify: break
        }
        self.payloadBytes += payloadBytes
        entries.append(entry)
    }

    private static func decode(_ entry: LedgerEntry) throws(MalformedBytes) -> Entry {
        guard entry.kind == .command else { return Entry(index: entry.index, term: entry.term, time: nil) }
        let (time, content): (Int64, Content) =
            switch try Command.decode(entry.payload) {
            case .transactions(let time, let groups, let models): (time, .transactions(groups, models))
            case .labels(let time, let labels): (time, .labels(labels))
            case .change(let time, let author, let change): (time, .change(author: author, change))
            case .stream(let time, _, let change): (time, .stream(change))
            case .reviews(let time, let reviews): (time, .reviews(reviews))
            // The fold alone knows of it.
            case .outbox(let time, _, _): (time, .nothing)
            case .verify(let time, let id): (time, .verify(id))
            }
        return Entry(index: entry.index, term: entry.term, time: time, content: content)
    }

    private static func beginsHour(_ time: Int64, after previous: Int64) -> Bool {
        let hour: Int64 = 3_600 * 1_000_000
        return time / hour > previous / hour
    }
}
