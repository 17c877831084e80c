import Detection
import Ledger
import Logging
import Postgres
import PostgresFixture
import Raft
import Synchronization

/// A log in memory, and the entries that tests put into it.
final class TestLog: Sendable {
    private let entries = Mutex<[LedgerEntry]>([])
    /// Largest number of entries that one call of the source gives: decides how batches fall.
    private let stride: Int

    init(stride: Int = 1_000) { self.stride = stride }

    var last: LogIndex { LogIndex(UInt64(entries.withLock { $0.count })) }

    @discardableResult
    func append(_ command: Command) -> LogIndex { append(kind: .command, payload: command.encode()) }

    @discardableResult
    func appendNoop() -> LogIndex { append(kind: .noop, payload: []) }

    @discardableResult
    func append(kind: EntryKind, payload: [UInt8]) -> LogIndex {
        entries.withLock { entries in
            let index = LogIndex(UInt64(entries.count + 1))
            entries.append(LedgerEntry(index: index, term: Term(1), kind: kind, payload: payload))
            return index
        }
    }

    var source: LedgerSource {
        { [self] from, through, _ in
            entries.withLock { entries in
                Array(entries[Int(from.rawValue - 1)..<min(Int(through.rawValue), Int(from.rawValue) - 1 + stride)])
            }
        }
    }
}

/// Commands made of numbers, the same for the same numbers.
enum TestCommands {
    static let start: Int64 = 1_700_000_000_000_000

    static func record(_ number: Int, decision: Decision? = nil, reasons: String = "[]") -> LedgerRecord {
        LedgerRecord(
            id: id(number), fingerprint: UInt64(number) &* 0x9E37_79B9_7F4A_7C15,
            userKey: UInt64.max - UInt64(number % 7),
            occurredAtMicroseconds: start + Int64(number / 3) * 1_000,
            decision: decision ?? Decision(rawValue: UInt8(number % 3))!, score: Float(number % 100) / 100,
            reasons: Array(reasons.utf8), body: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 80),
            token: .zero)
    }

    static func id(_ number: Int) -> TransactionID { TransactionID(rawValue: UInt128(number) << 64 | 1) }

    static func key(_ number: Int) -> IdempotencyKey { IdempotencyKey(digest: UInt128(number) << 100 | 5) }

    static func group(_ numbers: Range<Int>, key number: Int? = nil) -> LedgerGroup {
        LedgerGroup(
            key: number.map {
                LedgerKey(key: key($0), fingerprint: UInt64($0), first: id(numbers.lowerBound), count: numbers.count)
            },
            records: numbers.map { record($0) })
    }

    static func command(
        _ numbers: Range<Int>, key: Int? = nil, afterSeconds: Int64 = 0
    ) -> Command {
        .transactions(
            timeMicroseconds: start + afterSeconds * 1_000_000, groups: [group(numbers, key: key)])
    }
}

/// What a store reported through its callbacks.
final class Reports: Sendable {
    private let fatalErrors = Mutex<[LedgerStoreError]>([])
    private let flushedIndexes = Mutex<[LogIndex]>([])

    var fatal: LedgerStoreError? { fatalErrors.withLock { $0.first } }
    var flushed: [LogIndex] { flushedIndexes.withLock { $0 } }

    var events: LedgerStoreEvents {
        LedgerStoreEvents(
            onFlushed: { [self] index in flushedIndexes.withLock { $0.append(index) } },
            onFatal: { [self] error in fatalErrors.withLock { $0.append(error) } })
    }
}

let quietLogger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

var soon: ContinuousClock.Instant { .now + .seconds(30) }

/// Opens a store over a log; the caller closes it.
func openStore(
    _ connectionString: String, _ log: TestLog, clusterID: String = "test", nodeID: UInt64 = 1,
    events: LedgerStoreEvents = LedgerStoreEvents(), watched: WatchedSource? = nil,
    _ configure: (inout LedgerStoreOptions) -> Void = { _ in }
) throws -> LedgerStore {
    var options = LedgerStoreOptions(connectionString: connectionString)
    options.readConnections = 1
    options.gatherMilliseconds = 0
    options.flushPollMilliseconds = 20
    options.reconnectMinMilliseconds = 5
    options.reconnectMaxMilliseconds = 50
    configure(&options)
    return try LedgerStore(
        identity: LedgerStoreIdentity(clusterID: clusterID, nodeID: NodeID(nodeID)), options: options,
        logger: quietLogger, events: events, source: watched?.source ?? log.source)
}

extension LedgerStore {
    /// Tells the store that the whole log is committed, and waits until it has it all.
    func applyAll(_ log: TestLog) async throws {
        commitAdvanced(to: log.last)
        try await waitUntilApplied(log.last, deadline: soon)
    }

    /// The digest of what the database holds after `log`, to which a request for it is appended.
    func digestNow(_ log: TestLog, afterSeconds: Int64 = 0) async throws -> ContentDigest {
        let index = log.append(
            .verify(timeMicroseconds: TestCommands.start + afterSeconds * 1_000_000, id: 7))
        commitAdvanced(to: index)
        return try await digest(at: index, deadline: soon)
    }
}

func connect(_ connectionString: String) throws -> PostgresConnection {
    try PostgresConnection(
        PostgresConfiguration(connectionString: connectionString, applicationName: "tests"))
}
