import Detection
import EventLoop
import Foundation
import Ledger
import Logging
import PostgresFixture
import Raft
import RaftLog
import Replica
import Testing

import class Pipeline.CheckpointWriter
import struct Pipeline.NothingToSnapshot
import class Pipeline.Pipeline
import struct Security.BlindIndex
import class Security.Sealer
import struct Security.SealingKey

/// A node without consensus: the test says what is committed.
private final class LoneNode: Sendable {
    let pipeline: Pipeline
    let store: LedgerStore
    let checkpoints: CheckpointWriter
    let directory: String
    private let loop: EventLoop
    private let log: RaftLog

    init(
        number: UInt64, entries: [LedgerEntry], membership: Membership,
        capacities: LedgerConfiguration = LedgerConfiguration(transactionIDs: 100, idempotencyKeys: 100, users: 100)
    ) throws {
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let directory = NSTemporaryDirectory() + "redoubt-node-\(UUID().uuidString)"
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory + "/checkpoints", withIntermediateDirectories: true)
        let (log, recovered) = try RaftLog.open(
            RaftLogOptions(
                directory: directory + "/log", identity: LogIdentity(clusterID: "test", nodeID: NodeID(number)),
                segmentBytes: 64 << 10, logger: logger), onDurable: { _ in }, onFailure: { _ in })
        self.log = log
        loop = try EventLoop(name: "test")
        loop.start()
        let source: LedgerSource = { from, through, _ in Array(entries[Int(from.rawValue) - 1..<Int(through.rawValue)])
        }
        var options = LedgerStoreOptions(connectionString: try SharedPostgres.get().makeDatabase())
        options.flushPollMilliseconds = 20
        store = try LedgerStore(
            identity: LedgerStoreIdentity(clusterID: "test", nodeID: NodeID(number)), options: options, logger: logger,
            source: source)
        checkpoints = CheckpointWriter(
            directory: directory + "/checkpoints", clusterID: "test", last: .zero, logBase: .zero, logger: logger)
        let key = SealingKey(bytes: [UInt8](repeating: 7, count: 32))
        pipeline = Pipeline(
            Pipeline.Foundations(
                replica: Replica(
                    loop: loop, log: log, recovered: recovered, membership: (.zero, membership), commit: .zero,
                    options: Replica.Options(
                        raft: RaftConfiguration(
                            id: NodeID(number), electionTicks: 10, heartbeatTicks: 1, peerLostStaggerTicks: 1,
                            maxInflightMessages: 1, maxInflightBytes: 1, maxAppendBytes: 1, maxUncommittedBytes: 1,
                            randomSeed: 1), tickMilliseconds: 10, snapshotDirectory: directory),
                    logger: logger), store: store, checkpoints: checkpoints, sealer: Sealer(key: key),
                blindIndex: BlindIndex(key: key), entries: source, failed: { _ in }),
            state: LedgerState(configuration: capacities), term: .zero, membership: membership,
            options: Pipeline.Options(
                node: NodeID(number), logBytesMaximum: 1 << 30, logBytesRetained: 1 << 26, idsRemembered: 100),
            logger: logger)
        pipeline.start()
    }

    func commit(through index: LogIndex) async throws {
        pipeline.committed(through: index)
        try await store.waitUntilApplied(index, deadline: .now + .seconds(30))
        try await eventually("the fold") { pipeline.foldedIndex >= index }
    }

    func digest(at index: LogIndex) async throws -> String {
        for _ in 0..<100 {
            if case .known(let digest) = try await pipeline.digest(at: index, deadlineMilliseconds: 1_000) {
                return "\(digest.digest) \(digest.transactions)"
            }
        }
        return "none"
    }

    func stop() {
        pipeline.stop()
        store.close()
        loop.stop()
        log.close()
        try? FileManager.default.removeItem(atPath: directory)
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct `A snapshot of a node` {
    private static let founders = Membership(voters: [NodeID(1)], contacts: [NodeID(1): []])
    private static let grown = Membership(
        voters: [NodeID(1)], learners: [NodeID(2)], contacts: [NodeID(1): [], NodeID(2): []])

    /// Keys and no-ops, a membership at entry 3, verifications at entries 5 and 8.
    private static let entries: [LedgerEntry] = (1...8).map { number in
        let time = Int64(number) * 1_000_000
        let (kind, payload): (EntryKind, [UInt8]) =
            switch number {
            case 1: (.noop, [])
            case 3: (.membership, grown.encode())
            case 5, 8: (.command, Command.verify(timeMicroseconds: time, id: UInt64(number)).encode())
            default:
                (
                    .command,
                    Command.transactions(
                        timeMicroseconds: time,
                        groups: [
                            LedgerGroup(
                                key: LedgerKey(
                                    key: IdempotencyKey(digest: UInt128(number)), fingerprint: 1,
                                    first: TransactionID(rawValue: UInt128(number)), count: 1), records: [])
                        ]
                    ).encode()
                )
            }
        return LedgerEntry(index: LogIndex(UInt64(number)), term: Term(1), kind: kind, payload: payload)
    }

    @Test func `keeps the log after a restart until there are two checkpoints again`() {
        func covered(last: UInt64, logBase: UInt64) -> LogIndex {
            CheckpointWriter(
                directory: "/", clusterID: "test", last: LogIndex(last), logBase: LogIndex(logBase),
                logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
            ).coveredIndex
        }
        #expect(covered(last: 9, logBase: 4) == LogIndex(4))
        // As right after a snapshot: there is nothing before.
        #expect(covered(last: 9, logBase: 9) == LogIndex(9))
    }

    @Test func `makes another node equal to it, which then follows the log from there`() async throws {
        let giver = try LoneNode(number: 1, entries: Self.entries, membership: Self.founders)
        defer { giver.stop() }
        await #expect(throws: NothingToSnapshot.self) {
            try await giver.pipeline.makeSnapshot(directory: giver.directory, id: 1)
        }
        try await giver.commit(through: LogIndex(4))
        let first = try await giver.pipeline.makeSnapshot(directory: giver.directory, id: 2)
        #expect(first.outline.index == LogIndex(4) && first.appliedIndex == LogIndex(4))
        #expect(first.outline.term == Term(1) && first.outline.membership == Self.grown)
        #expect(giver.checkpoints.coveredIndex == .zero)
        try await giver.commit(through: LogIndex(6))
        // The checkpoint that is there serves again; the tables are ahead of it.
        let made = try await giver.pipeline.makeSnapshot(directory: giver.directory, id: 3)
        #expect(made.outline.index == LogIndex(4) && made.appliedIndex == LogIndex(6))

        let taker = try LoneNode(number: 2, entries: Self.entries, membership: .none)
        defer { taker.stop() }
        for _ in 0..<2 {
            let header = try await taker.pipeline.install(snapshotPath: made.path)
            #expect(header.index == LogIndex(4) && header.membership == Self.grown)
            #expect(taker.pipeline.foldedIndex == LogIndex(4) && taker.store.appliedIndex == LogIndex(6))
            #expect(taker.checkpoints.coveredIndex == LogIndex(4))
        }
        let (checkpoint, damaged) = try LedgerCheckpoint.newest(in: taker.directory + "/checkpoints", clusterID: "test")
        #expect(checkpoint?.index == LogIndex(4) && checkpoint?.membership == Self.grown && damaged.isEmpty)
        try await giver.commit(through: LogIndex(8))
        try await taker.commit(through: LogIndex(8))
        #expect(try await taker.digest(at: LogIndex(8)) != "none")
        #expect(try await taker.digest(at: LogIndex(8)) == (try await giver.digest(at: LogIndex(8))))
        // The database never stood at entry 5.
        #expect(try await taker.pipeline.digest(at: LogIndex(5), deadlineMilliseconds: 1_000) == .unknown)
        // Long done: nothing falls back, and no more of the file is looked at than its header.
        #expect(truncate(made.path, off_t(made.outline.byteCount - 1)) == 0)
        try await eventually("the flush") { taker.store.flushedIndex >= LogIndex(6) }
        try await taker.pipeline.install(snapshotPath: made.path)
        #expect(taker.store.appliedIndex == LogIndex(8))
    }

    @Test func `is refused by a node that is configured otherwise, before anything has changed`() async throws {
        let giver = try LoneNode(number: 1, entries: Self.entries, membership: Self.founders)
        defer { giver.stop() }
        try await giver.commit(through: LogIndex(6))
        let made = try await giver.pipeline.makeSnapshot(directory: giver.directory, id: 3)
        let taker = try LoneNode(
            number: 2, entries: Self.entries, membership: .none,
            capacities: LedgerConfiguration(transactionIDs: 10, idempotencyKeys: 10, users: 10))
        defer { taker.stop() }
        await #expect(throws: InvalidLedgerState.self) { try await taker.pipeline.install(snapshotPath: made.path) }
        #expect(taker.store.appliedIndex == .zero && taker.pipeline.foldedIndex == .zero)
    }
}
