import Detection
import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite struct `Applying entries` {
    @Test func `writes the entries that are ready in one database transaction`() async throws {
        let log = TestLog()
        log.append(TestCommands.command(0..<10, key: 1))
        log.appendNoop()
        log.append(TestCommands.command(10..<25))
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { store.close() }
        store.commitAdvanced(to: log.last)
        try await store.waitUntilApplied(log.last, deadline: soon)
        let progress = store.progress
        #expect(progress.applied == LogIndex(3))
        #expect(progress.transactions == 25)
        #expect(progress.lag == 0)
        #expect(progress.statistics.databaseTransactions == 1)
        #expect(progress.statistics.entries == 3)

        let stored = try #require(try await store.transaction(TestCommands.id(11)))
        let record = TestCommands.record(11)
        #expect(stored.logIndex == LogIndex(3))
        #expect(stored.acceptedAtMicroseconds == TestCommands.start)
        #expect(stored.occurredAtMicroseconds == record.occurredAtMicroseconds)
        #expect(stored.decision == record.decision)
        #expect(stored.score == record.score)
        #expect(stored.reasons == record.reasons)
        #expect(stored.fingerprint == record.fingerprint)
        #expect(stored.body == record.body)
        #expect(try await store.transaction(TestCommands.id(25)) == nil)
    }

    @Test func `goes on where it was after a restart, each row once`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let log = TestLog()
        for round in 0..<3 {
            let store = try openStore(database, log)
            for entry in 0..<4 {
                let first = (round * 4 + entry) * 5
                log.append(TestCommands.command(first..<first + 5))
            }
            try await store.applyAll(log)
            #expect(store.progress.transactions == (round + 1) * 20)
            store.close()
        }
        #expect(try connect(database).query("SELECT count(*) FROM transactions").int8(0, 0) == 60)
    }

    @Test func `leaves out ids that are in the table already, and keeps the first`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let log = TestLog()
        log.append(TestCommands.command(0..<10))
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        // Ids 5...9 again, then 12 twice within one batch.
        log.append(TestCommands.command(5..<13, key: 4))
        log.append(TestCommands.command(12..<15))
        try await store.applyAll(log)
        #expect(store.progress.statistics.conflicts == 1)
        #expect(store.progress.transactions == 15)
        #expect(try await store.transaction(TestCommands.id(5))?.logIndex == LogIndex(1))
        #expect(try await store.transaction(TestCommands.id(12))?.logIndex == LogIndex(2))
        #expect(try await store.transaction(TestCommands.id(14))?.logIndex == LogIndex(3))
        let known = try await store.lookUp(ids: [], keys: [TestCommands.key(4)])
        #expect(known.keys[TestCommands.key(4)]?.count == 8)
    }

    @Test func `stops at an entry that the database refuses, names it, and keeps what came before`() async throws {
        let reports = Reports()
        let log = TestLog()
        for entry in 0..<8 { log.append(TestCommands.command(entry * 2..<entry * 2 + 2)) }
        let poison = log.append(
            .transactions(
                timeMicroseconds: TestCommands.start,
                groups: [LedgerGroup(key: nil, records: [TestCommands.record(50, reasons: "[")])]))
        log.append(TestCommands.command(60..<62))
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log, events: reports.events)
        defer { store.close() }
        store.commitAdvanced(to: log.last)
        let error = await #expect(throws: LedgerStoreError.self) {
            try await store.waitUntilApplied(log.last, deadline: soon)
        }
        guard case .applyFailed(poison, let reason) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(reason.contains("json"))
        try await eventually { reports.fatal == error }
        #expect(store.appliedIndex == poison.previous)
        #expect(try connect(database).query("SELECT count(*) FROM transactions").int8(0, 0) == 16)
    }

    @Test func `stops at an entry that is no command at all, and names it`() async throws {
        let log = TestLog()
        log.append(TestCommands.command(0..<2))
        let poison = log.append(kind: .command, payload: [255, 1, 2])
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { store.close() }
        store.commitAdvanced(to: log.last)
        let error = await #expect(throws: LedgerStoreError.self) {
            try await store.waitUntilApplied(poison, deadline: soon)
        }
        guard case .applyFailed(poison, _) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(store.appliedIndex == LogIndex(1))
    }

    @Test func `refuses to go on when someone else moved the applied index`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let log = TestLog()
        log.append(TestCommands.command(0..<2))
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        try connect(database).execute("UPDATE ledger SET applied_index = 40")
        log.append(TestCommands.command(2..<4))
        store.commitAdvanced(to: log.last)
        await #expect(throws: LedgerStoreError.self) { try await store.waitUntilApplied(log.last, deadline: soon) }
        #expect(try connect(database).query("SELECT count(*) FROM transactions").int8(0, 0) == 2)
    }

    @Test func `bounds the rows of a database transaction`() async throws {
        let log = TestLog(stride: 1)
        for entry in 0..<10 { log.append(TestCommands.command(entry * 10..<entry * 10 + 10)) }
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log) { $0.transactionRowLimit = 20 }
        defer { store.close() }
        try await store.applyAll(log)
        #expect(store.progress.statistics.databaseTransactions == 5)
    }

    @Test func `gives a waiter up at its deadline and refuses more than may wait`() async throws {
        let log = TestLog()
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log) { $0.waiterLimit = 1 }
        defer { store.close() }
        try await store.waitUntilReady(deadline: soon)
        await #expect(throws: LedgerStoreError.notAppliedInTime(index: LogIndex(1), applied: .zero)) {
            try await store.waitUntilApplied(LogIndex(1), deadline: .now + .milliseconds(10))
        }
        let outcomes = try await withThrowingTaskGroup(of: Result<Void, any Error>.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do {
                        return .success(try await store.waitUntilApplied(LogIndex(1), deadline: soon))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            // One of the two is refused at once; only then there is something for the other.
            let refused = try #require(try await group.next())
            log.append(TestCommands.command(0..<1))
            store.commitAdvanced(to: log.last)
            return (refused, try #require(try await group.next()))
        }
        #expect(throws: LedgerStoreError.tooManyWaiters(limit: 1)) { try outcomes.0.get() }
        #expect(throws: Never.self) { try outcomes.1.get() }
    }
}
