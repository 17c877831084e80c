import Foundation
import Ledger
import Postgres
import Raft
import Synchronization

/// A directory for snapshots that goes when the test ends.
final class SnapshotDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "redoubt-snapshots-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

    func file(_ name: String = "a.snapshot") -> String { "\(path)/\(name)" }
}

enum TestSnapshots {
    static let membership = Membership(
        voters: [NodeID(1), NodeID(2)], learners: [NodeID(3)],
        contacts: [NodeID(1): [], NodeID(2): Array("b:1".utf8), NodeID(3): []])

    static func checkpoint(
        at index: LogIndex, clusterID: String = "test", stateBytes: Int = 1_000
    ) -> LedgerCheckpoint {
        LedgerCheckpoint(
            clusterID: clusterID, index: index, term: Term(1), membership: membership,
            state: (0..<stateBytes).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    }

    /// Entries with rows and keys, and one no-op.
    static func fill(_ log: TestLog, entries: Int = 40, from first: Int = 0) {
        for entry in first..<first + entries {
            log.append(
                TestCommands.command(
                    entry * 5..<entry * 5 + 5, key: entry % 4 == 0 ? entry : nil, afterSeconds: Int64(entry)))
        }
        log.appendNoop()
    }

    static func bytes(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// What a database says of itself, over a connection of its own.
    static func position(_ database: String) throws -> (applied: LogIndex, rows: Int64, counted: Int64) {
        let row = try connect(database).query(
            "SELECT applied_index, transactions, (SELECT count(*) FROM transactions) FROM ledger")
        return (LogIndex(UInt64(try row.int8(0, 0))), try row.int8(0, 1), try row.int8(0, 2))
    }
}

/// A source that tells what it was asked for.
final class WatchedSource: Sendable {
    private let log: TestLog
    private let firstIndexes = Mutex<[LogIndex]>([])

    init(_ log: TestLog) { self.log = log }

    var lowest: LogIndex? { firstIndexes.withLock { $0.min() } }

    var source: LedgerSource {
        { [self] from, through, maxBytes in
            firstIndexes.withLock { $0.append(from) }
            return try log.source(from, through, maxBytes)
        }
    }
}
