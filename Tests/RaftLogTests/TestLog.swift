import Foundation
import Raft
import RaftLog
import Testing

/// A directory of its own for one test, in memory where the system offers that.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        path = "\(root)/redoubt-log-\(getpid())-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// What a crash leaves: the files as they are now, in another directory.
    func copy() throws -> TestDirectory {
        let copy = try TestDirectory()
        // A file may get its name, or lose it, while we look. Segments are removed oldest first: from the newest on, what
        // is still there has no gap.
        for name in try names().reversed() {
            guard let bytes = FileManager.default.contents(atPath: "\(path)/\(name)") else { continue }
            #expect(FileManager.default.createFile(atPath: "\(copy.path)/\(name)", contents: bytes))
        }
        return copy
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    func file(_ sequence: Int) -> String { "\(path)/" + String(format: "%020d.segment", sequence) }

    func bytes(_ sequence: Int) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(sequence))))
    }

    func write(_ bytes: [UInt8], to sequence: Int) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(sequence)))
    }
}

/// What a log reports, and waiting for it.
final class Reports: @unchecked Sendable {
    private let condition = NSCondition()
    private var tickets: [PersistTicket] = []
    private var errors: [RaftLogError] = []

    var durable: PersistTicket { condition.withLock { tickets.last ?? .none } }
    var durableTickets: [PersistTicket] { condition.withLock { tickets } }
    var failures: [RaftLogError] { condition.withLock { errors } }

    func add(_ ticket: PersistTicket) {
        condition.withLock { tickets.append(ticket) }
        condition.broadcast()
    }

    func add(_ error: RaftLogError) {
        condition.withLock { errors.append(error) }
        condition.broadcast()
    }

    /// Waits until `ticket` is durable or the log has failed.
    func wait(for ticket: PersistTicket) {
        wait { self.errors.isEmpty && (self.tickets.last ?? .none) < ticket }
    }

    func waitForFailure() { wait { self.errors.isEmpty } }

    private func wait(while isUnready: () -> Bool) {
        let deadline = Date(timeIntervalSinceNow: 20)
        condition.withLock {
            while isUnready() {
                guard condition.wait(until: deadline) else {
                    Issue.record("the log said nothing for 20 s")
                    return
                }
            }
        }
    }
}

/// An open log and the bookkeeping of its user.
final class TestLog {
    let directory: TestDirectory
    let log: RaftLog
    let recovered: RecoveredLog
    let reports: Reports
    private(set) var ticket = PersistTicket.none

    static let identity = LogIdentity(clusterID: "test", nodeID: NodeID(1))

    init(
        _ directory: TestDirectory, identity: LogIdentity = TestLog.identity, segmentBytes: Int = 8192,
        cacheBytes: Int = 1 << 20, segmentRetryMilliseconds: Int = 1000, calls: DiskCalls = .system
    ) throws {
        self.directory = directory
        let reports = Reports()
        self.reports = reports
        var options = RaftLogOptions(
            directory: directory.path, identity: identity, segmentBytes: segmentBytes, cacheBytes: cacheBytes,
            logger: .quiet)
        options.segmentRetryMilliseconds = segmentRetryMilliseconds
        (log, recovered) = try RaftLog.open(
            options, calls: calls, onDurable: { reports.add($0) }, onFailure: { reports.add($0) })
    }

    /// Asks for entries to be written and doesn't wait.
    func begin(_ entries: [LogEntry] = [], hardState: HardState? = nil) {
        ticket = PersistTicket(ticket.rawValue + 1)
        log.persist(ticket: ticket, hardState: hardState, entries: entries)
    }

    /// Asks for the log to be emptied and doesn't wait.
    func beginReset(to index: Int, term: Int, hardState: HardState? = nil) {
        ticket = PersistTicket(ticket.rawValue + 1)
        log.reset(
            ticket: ticket, hardState: hardState, baseIndex: LogIndex(UInt64(index)), baseTerm: Term(UInt64(term)))
    }

    func reset(to index: Int, term: Int, hardState: HardState? = nil) {
        beginReset(to: index, term: term, hardState: hardState)
        wait()
    }

    func wait() { reports.wait(for: ticket) }

    /// Writes a group commit of its own.
    func write(_ entries: [LogEntry] = [], hardState: HardState? = nil) {
        begin(entries, hardState: hardState)
        wait()
    }

    /// All kept entries, read from the log.
    func entries() throws -> [LogEntry] {
        try log.entries(from: log.firstIndex, through: LogIndex(.max), maxBytes: .max)
    }
}

/// Waits until `condition` holds; false if it does not within the deadline.
func eventually(within seconds: Double = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        if Date() > deadline { return false }
        usleep(500)
    }
    return true
}

/// An entry with a payload that tells its index and term.
func entry(_ index: Int, term: Int = 1, bytes: Int = 16, kind: EntryKind = .command) -> LogEntry {
    LogEntry(
        index: LogIndex(UInt64(index)), term: Term(UInt64(term)), kind: kind,
        payload: (0..<bytes).map { UInt8(truncatingIfNeeded: index &* 31 &+ term &* 7 &+ $0) })
}

func entries(_ range: ClosedRange<Int>, term: Int = 1, bytes: Int = 16) -> [LogEntry] {
    range.map { entry($0, term: term, bytes: bytes) }
}

/// The bytes that a record takes up; it begins with a head of 48.
func span(_ payloadBytes: Int) -> Int { 48 + (payloadBytes + 7) / 8 * 8 }

/// Where the first record that a test writes stands in a new log: behind the header's block and the opening mark.
let firstRecordOffset = 4096 + 48
