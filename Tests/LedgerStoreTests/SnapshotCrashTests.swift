import Foundation
import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite(.serialized) struct `Installing a snapshot` {
    let directory: SnapshotDirectory
    /// What the snapshot was made of.
    let log = TestLog()

    init() throws { directory = try SnapshotDirectory() }

    private func makeSnapshot() async throws -> LedgerSnapshotReceipt {
        TestSnapshots.fill(log, entries: 400)
        let giver = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { giver.close() }
        try await giver.applyAll(log)
        return try await giver.exportSnapshot(
            to: directory.file(), checkpoint: TestSnapshots.checkpoint(at: LogIndex(100)), id: 1)
    }

    /// A database with old content of this cluster, and a lock that stops the installation after the first table.
    private func prepare(_ server: PostgresInstance) async throws -> (String, TestLog, PostgresConnection) {
        let database = try server.makeDatabase()
        let old = TestLog()
        TestSnapshots.fill(old, entries: 10)
        let store = try openStore(database, old)
        try await store.applyAll(old)
        try await eventually("the flush") { store.flushedIndex == old.last }
        store.close()
        let blocker = try connect(database)
        try blocker.begin()
        try blocker.execute("LOCK TABLE idempotency_keys IN ACCESS SHARE MODE")
        return (database, old, blocker)
    }

    private func waitUntilMidway(_ blocker: PostgresConnection) async throws {
        try await eventually("the installation to be midway") {
            try blocker.query(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'idempotency_keys'::regclass"
            ).int8(0, 0) > 0
        }
    }

    @Test func `leaves the old content if the server is killed midway and the node ends, and can be done again`()
        async throws
    {
        let receipt = try await makeSnapshot()
        let server = try PostgresInstance()
        let (database, old, blocker) = try await prepare(server)
        let store = try openStore(database, old)
        let path = directory.file()
        let installation = Task { try await store.installSnapshot(path: path) }
        try await waitUntilMidway(blocker)
        server.kill()
        try await eventually("the loss") {
            if case .lost = store.state { return true }
            return false
        }
        store.close()
        await #expect(throws: LedgerStoreError.closed) { try await installation.value }
        try server.start()
        let found = try TestSnapshots.position(database)
        #expect(found.applied == old.last && found.rows == 50 && found.counted == 50)

        let again = try openStore(database, log)
        defer { again.close() }
        try await again.installSnapshot(path: path)
        #expect(again.appliedIndex == receipt.appliedIndex)
        let digest = try await again.digestNow(log)
        #expect(digest.transactions == 2_000 && digest.idempotencyKeys == 100)
    }

    @Test func `waits for the server that was killed midway and goes on by itself`() async throws {
        let receipt = try await makeSnapshot()
        // A lazy writer: what an installation leaves to it would be lost by the second kill.
        let server = try PostgresInstance(settings: ["wal_writer_delay = 10s", "wal_writer_flush_after = 100MB"])
        let (database, _, blocker) = try await prepare(server)
        let store = try openStore(database, log)
        defer { store.close() }
        let path = directory.file()
        let installation = Task { try await store.installSnapshot(path: path) }
        try await waitUntilMidway(blocker)
        #expect(store.state == .installing(through: receipt.appliedIndex))
        await #expect(throws: LedgerSnapshotError.busy) { try await store.installSnapshot(path: path) }
        server.kill()
        try await eventually("the loss") {
            if case .lost = store.state { return true }
            return false
        }
        try server.start()
        #expect(try await installation.value.header == receipt.header)
        #expect(store.flushedIndex == receipt.appliedIndex)
        server.kill()
        try server.start()
        let found = try TestSnapshots.position(database)
        #expect(found.applied == receipt.appliedIndex && found.counted == 2_000)
        // The indexes are there, and unique.
        #expect(throws: PostgresError.self) {
            try connect(database).execute("INSERT INTO transactions SELECT * FROM transactions LIMIT 1")
        }
        try await eventually("the store") { store.state == .ready }
        #expect(try await store.transaction(TestCommands.id(1_999)) != nil)
        #expect(try await store.lookUp(ids: [TestCommands.id(3)], keys: [TestCommands.key(4)]).keys.count == 1)
    }

    @Test func `is given up when its task is cancelled, and the old content stays`() async throws {
        _ = try await makeSnapshot()
        let server = try PostgresInstance()
        let (database, old, blocker) = try await prepare(server)
        let store = try openStore(database, old)
        defer { store.close() }
        let path = directory.file()
        let installation = Task { try await store.installSnapshot(path: path) }
        try await waitUntilMidway(blocker)
        installation.cancel()
        try blocker.rollBack()
        await #expect(throws: CancellationError.self) { try await installation.value }
        try await store.waitUntilReady(deadline: soon)
        #expect(store.appliedIndex == old.last)
        #expect(try await store.digestNow(old).transactions == 50)
    }

    @Test func `resumes those who wait for an entry, and tells that it has no digests before it`() async throws {
        let receipt = try await makeSnapshot()
        let store = try openStore(try SharedPostgres.get().makeDatabase(), TestLog())
        defer { store.close() }
        let waiter = Task { try await store.waitUntilApplied(receipt.appliedIndex, deadline: soon) }
        let digest = Task { try await store.digest(at: LogIndex(7), deadline: soon) }
        try await store.installSnapshot(path: directory.file())
        try await waiter.value
        await #expect(throws: LedgerStoreError.self) { try await digest.value }
        let error = await #expect(throws: LedgerStoreError.self) {
            try await store.digest(at: receipt.appliedIndex, deadline: soon)
        }
        guard case .noDigest = error else { Issue.record("\(error as Any)"); return }
    }

    @Test func `comes first at the start if it must, whatever the log still has`() async throws {
        let receipt = try await makeSnapshot()
        let server = try PostgresInstance()
        let (database, _, blocker) = try await prepare(server)
        try blocker.rollBack()
        log.append(TestCommands.command(5_000..<5_010))
        let (watched, reports) = (WatchedSource(log), Reports())
        let path = directory.file()
        let store = try openStore(database, log, events: reports.events, watched: watched) {
            $0.firstSnapshotPath = path
        }
        defer { store.close() }
        try await store.applyAll(log)
        #expect(watched.lowest == receipt.appliedIndex.next)
        #expect(try await store.digestNow(log).transactions == 2_010)
        #expect(reports.fatal == nil)
    }

    @Test func `ends the store if it must come first and can't`() async throws {
        let reports = Reports()
        let path = directory.file("missing")
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log, events: reports.events) {
            $0.firstSnapshotPath = path
        }
        defer { store.close() }
        let error = await #expect(throws: LedgerStoreError.self) { try await store.waitUntilReady(deadline: soon) }
        guard case .snapshotNotInstalled(.system(path, "open", _)) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(store.appliedIndex == .zero)
    }
}
