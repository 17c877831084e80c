import Foundation
import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite(.serialized) struct `Making a snapshot` {
    let directory: SnapshotDirectory
    let log = TestLog()

    init() throws {
        directory = try SnapshotDirectory()
        TestSnapshots.fill(log)
    }

    /// A store whose exports are held up by somebody's lock for as long as the connection lives.
    private func blockedStore(
        _ configure: (inout LedgerStoreOptions) -> Void = { _ in }
    ) async throws -> (LedgerStore, PostgresConnection) {
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log, configure)
        try await store.applyAll(log)
        let blocker = try connect(database)
        try blocker.begin()
        try blocker.execute("LOCK TABLE idempotency_keys IN ACCESS EXCLUSIVE MODE")
        return (store, blocker)
    }

    private func waitUntilBlocked(_ blocker: PostgresConnection) async throws {
        try await eventually("the export to wait") {
            try blocker.query(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_blocking_pids(pid) @> ARRAY[pg_backend_pid()]"
            ).int8(0, 0) > 0
        }
    }

    @Test func `goes one at a time, ends when its task is cancelled, and leaves nothing`() async throws {
        let (store, blocker) = try await blockedStore()
        defer { store.close() }
        let path = directory.file()
        let checkpoint = TestSnapshots.checkpoint(at: LogIndex(3))
        let export = Task { try await store.exportSnapshot(to: path, checkpoint: checkpoint, id: 1) }
        try await waitUntilBlocked(blocker)
        await #expect(throws: LedgerSnapshotError.busy) {
            try await store.exportSnapshot(to: path + "2", checkpoint: checkpoint, id: 2)
        }
        export.cancel()
        await #expect(throws: CancellationError.self) { try await export.value }
        #expect(directory.names.isEmpty)
        try blocker.rollBack()
        _ = try await store.exportSnapshot(to: path, checkpoint: checkpoint, id: 3)
        #expect(directory.names == ["a.snapshot"])
    }

    @Test func `has a bound in time`() async throws {
        let (store, _blocker) = try await blockedStore { $0.exportTimeoutMilliseconds = 100 }
        defer { store.close() }
        await #expect(throws: LedgerSnapshotError.timedOut(milliseconds: 100)) {
            try await store.exportSnapshot(
                to: directory.file(), checkpoint: TestSnapshots.checkpoint(at: LogIndex(3)), id: 1)
        }
        #expect(directory.names.isEmpty)
        #expect(_blocker.isInTransaction)
    }

    @Test func `does not hold up the closing of the store`() async throws {
        let (store, blocker) = try await blockedStore()
        let path = directory.file()
        let export = Task {
            try await store.exportSnapshot(to: path, checkpoint: TestSnapshots.checkpoint(at: LogIndex(3)), id: 1)
        }
        try await waitUntilBlocked(blocker)
        let start = ContinuousClock.now
        store.close()
        #expect(ContinuousClock.now - start < .seconds(10))
        await #expect(throws: LedgerStoreError.closed) { try await export.value }
        await #expect(throws: LedgerStoreError.closed) { try await store.installSnapshot(path: path) }
    }

    @Test func `fails if the disk can't take it, or rows are there that nobody applied`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        let checkpoint = TestSnapshots.checkpoint(at: LogIndex(3))
        let error = await #expect(throws: LedgerSnapshotError.self) {
            try await store.exportSnapshot(to: "/nowhere/a", checkpoint: checkpoint, id: 1)
        }
        guard case .system(_, "create", _) = error else { Issue.record("\(error as Any)"); return }
        try connect(database).execute("DELETE FROM transactions WHERE log_index = 3")
        await #expect(throws: LedgerSnapshotError.rowsMiscounted(counted: 195, recorded: 200)) {
            try await store.exportSnapshot(to: directory.file(), checkpoint: checkpoint, id: 1)
        }
        #expect(directory.names.isEmpty)
    }

    @Test func `takes and needs little memory, however much there is`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        try connect(database).execute(
            """
            BEGIN;
            INSERT INTO transactions (id, log_index, position, accepted_at, occurred_at, user_key, decision, score,
                reasons, fingerprint, body)
            SELECT gen_random_uuid(), 3, 1000 + n, now(), now(), n, 'approve', 0.5, '[]', n,
                convert_to(repeat('x', 8000), 'UTF8')
            FROM generate_series(1, 40000) AS n;
            UPDATE ledger SET transactions = transactions + 40000;
            COMMIT
            """)
        let bound = 120 << 20
        let path = directory.file()
        var start = try Self.peakBytes(reset: true)
        let receipt = try await store.exportSnapshot(
            to: path, checkpoint: TestSnapshots.checkpoint(at: LogIndex(3)), id: 1)
        #expect(receipt.byteCount > 300 << 20)
        #expect(try Self.peakBytes(reset: false) - start < bound)
        let taker = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { taker.close() }
        start = try Self.peakBytes(reset: true)
        try await taker.installSnapshot(path: path)
        #expect(try Self.peakBytes(reset: false) - start < bound)
        #expect(taker.progress.transactions == 40_200)
    }

    /// The most memory that the process had since the last reset.
    private static func peakBytes(reset: Bool) throws -> Int {
        if reset { try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first) << 10
    }
}
