import EventLoop
import Foundation
import Ledger
import Logging
import Postgres
import PostgresFixture
import Raft
import RaftLog
import Replica
import Synchronization

import enum Pipeline.BackendError
import class Pipeline.CheckpointWriter
import class Pipeline.Pipeline
import enum Pipeline.StreamOutcome
import struct Pipeline.SubmittedTransaction
import struct Security.BlindIndex
import class Security.Sealer
import struct Security.SealingKey

/// A node that leads by itself: what it proposes is committed at once, and goes into a real PostgreSQL.
final class SoloNode: Sendable {
    let pipeline: Pipeline
    let store: LedgerStore
    let database: String
    let sealer: Sealer
    private let blindIndex: BlindIndex
    private let entries: LogInMemory
    private let directory: String
    private let loop: EventLoop
    private let log: RaftLog

    /// Plays consensus.
    private final class LogInMemory: Sendable {
        private let entries = Mutex<[LedgerEntry]>([])
        let pipeline = Mutex<Pipeline?>(nil)

        func append(_ kind: EntryKind, _ payload: [UInt8], _ term: Term) -> LogIndex {
            entries.withLock { entries in
                let index = LogIndex(UInt64(entries.count + 1))
                entries.append(LedgerEntry(index: index, term: term, kind: kind, payload: payload))
                return index
            }
        }

        func slice(_ from: LogIndex, _ through: LogIndex) -> [LedgerEntry] {
            entries.withLock { Array($0[Int(from.rawValue) - 1..<Int(through.rawValue)]) }
        }

        var last: LogIndex { LogIndex(UInt64(entries.withLock { $0.count })) }
    }

    init() throws {
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let directory = NSTemporaryDirectory() + "redoubt-solo-\(UUID().uuidString)"
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory + "/checkpoints", withIntermediateDirectories: true)
        let node = NodeID(1)
        let (log, recovered) = try RaftLog.open(
            RaftLogOptions(
                directory: directory + "/log", identity: LogIdentity(clusterID: "test", nodeID: node),
                segmentBytes: 64 << 10, logger: logger), onDurable: { _ in }, onFailure: { _ in })
        self.log = log
        loop = try EventLoop(name: "test")
        loop.start()
        let entries = LogInMemory()
        self.entries = entries
        let source: LedgerSource = { from, through, _ in entries.slice(from, through) }
        database = try SharedPostgres.get().makeDatabase()
        var options = LedgerStoreOptions(connectionString: database)
        options.gatherMilliseconds = 0
        store = try LedgerStore(
            identity: LedgerStoreIdentity(clusterID: "test", nodeID: node), options: options, logger: logger,
            source: source)
        let key = SealingKey(bytes: [UInt8](repeating: 7, count: 32))
        sealer = Sealer(key: key)
        blindIndex = BlindIndex(key: key)
        let membership = Membership(voters: [node], contacts: [node: []])
        var foundations = Pipeline.Foundations(
            replica: Replica(
                loop: loop, log: log, recovered: recovered, membership: (.zero, membership), commit: .zero,
                options: Replica.Options(
                    raft: RaftConfiguration(
                        id: node, electionTicks: 10, heartbeatTicks: 1, peerLostStaggerTicks: 1,
                        maxInflightMessages: 1, maxInflightBytes: 1, maxAppendBytes: 1, maxUncommittedBytes: 1,
                        randomSeed: 1), tickMilliseconds: 10, snapshotDirectory: directory),
                logger: logger), store: store,
            checkpoints: CheckpointWriter(
                directory: directory + "/checkpoints", clusterID: "test", last: .zero, logBase: .zero, logger: logger),
            sealer: sealer, blindIndex: blindIndex, entries: source, failed: { _ in })
        foundations.propose = { payload, term, _, completion in
            let index = entries.append(.command, payload, term)
            completion(true)
            entries.pipeline.withLock { $0 }?.committed(through: index)
        }
        pipeline = Pipeline(
            foundations, state: LedgerState(configuration: LedgerConfiguration(transactionIDs: 1_000)), term: .zero,
            membership: membership,
            options: Pipeline.Options(
                node: node, logBytesMaximum: 1 << 30, logBytesRetained: 1 << 26, idsRemembered: 1_000),
            logger: logger)
        entries.pipeline.withLock { $0 = pipeline }
        pipeline.start()
        lead(term: 1)
    }

    func lead(term: UInt64) {
        let node = NodeID(1)
        pipeline.statusChanged(Status(role: .leader, term: Term(term), leader: node, established: false))
        pipeline.committed(through: entries.append(.noop, [], Term(term)))
        pipeline.statusChanged(Status(role: .leader, term: Term(term), leader: node, established: true))
    }

    func follow(term: UInt64) {
        pipeline.statusChanged(Status(role: .follower, term: Term(term), leader: nil, established: false))
    }

    /// A payment with an id, as it travels.
    func record(_ submitted: SubmittedTransaction) -> IntakeRecord {
        IntakeRecord(
            sealing: submitted.transaction, id: submitted.id!, isOccurrenceGiven: submitted.isOccurrenceGiven, sealer,
            blindIndex)
    }

    func submit(_ stretch: IntakeGroup) async throws(BackendError) -> StreamOutcome {
        let result = await withCheckedContinuation { continuation in
            pipeline.submitStream(stretch, deadlineMilliseconds: 60_000) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// PostgreSQL has all that is committed.
    func settle() async throws { try await store.waitUntilApplied(entries.last, deadline: .now + .seconds(30)) }

    func stop() {
        pipeline.stop()
        entries.pipeline.withLock { $0 = nil }
        store.close()
        loop.stop()
        log.close()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
