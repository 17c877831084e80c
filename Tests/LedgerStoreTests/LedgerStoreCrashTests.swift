import Foundation
import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite(.serialized) struct `A ledger store whose server dies` {
    @Test func `has every row exactly once after many kills in the midst of applying`() async throws {
        let server = try PostgresInstance(settings: ["wal_writer_delay = 10s"])
        let log = TestLog(stride: 2)
        let reports = Reports()
        let store = try openStore(try server.makeDatabase(), log, events: reports.events) {
            $0.transactionRowLimit = 40
        }
        defer { store.close() }
        try await store.waitUntilReady(deadline: soon)
        var entries = 0
        for round in 0..<3 {
            for _ in 0..<300 {
                log.append(TestCommands.command(entries * 10..<entries * 10 + 10, key: entries))
                entries += 1
            }
            let before = store.appliedIndex
            store.commitAdvanced(to: log.last)
            // In the midst: some of it applied, some not.
            try await eventually("progress") { store.appliedIndex > before.advanced(by: 20 + round * 10) }
            server.kill()
            try await eventually("the loss") {
                if case .lost = store.state { return true }
                return false
            }
            try server.start()
        }
        let digest = try await { () async throws in
            try await store.applyAll(log)
            return try await store.digestNow(log)
        }()
        #expect(reports.fatal == nil)
        #expect(store.progress.statistics.reconnections >= 3)
        #expect(store.progress.transactions == entries * 10)

        let calm = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { calm.close() }
        try await calm.applyAll(log)
        #expect(try await calm.digest(at: digest.index, deadline: soon) == digest)
        #expect(digest.transactions == entries * 10)
    }

    @Test func `never loses an entry that it reported as flushed`() async throws {
        // A lazy writer: without it next to nothing would ever be lost.
        let server = try PostgresInstance(settings: ["wal_writer_delay = 300ms", "wal_writer_flush_after = 100MB"])
        let database = try server.makeDatabase()
        let log = TestLog(stride: 3)
        var lostEntries = 0
        var entries = 0
        for _ in 0..<3 {
            let reports = Reports()
            let store = try openStore(database, log, events: reports.events) { $0.flushPollMilliseconds = 1 }
            let target = reports.flushed.count + 2
            while reports.flushed.count < target {
                for _ in 0..<10 {
                    log.append(TestCommands.command(entries * 3..<entries * 3 + 3))
                    entries += 1
                }
                try await store.applyAll(log)
            }
            let applied = store.appliedIndex
            server.kill()
            let flushed = try #require(reports.flushed.last)
            #expect(flushed <= applied)
            store.close()
            try server.start()
            let row = try connect(database).query(
                "SELECT applied_index, (SELECT count(*) FROM transactions), transactions FROM ledger")
            let found = LogIndex(UInt64(try row.int8(0, 0)))
            #expect(found >= flushed)
            #expect(try row.int8(0, 1) == row.int8(0, 2))
            lostEntries += found < applied ? applied.distance(from: found) : 0
        }
        // Otherwise the test would have shown nothing.
        #expect(lostEntries > 0)
    }

    @Test func `reports as flushed what it applied last, though nothing follows`() async throws {
        let server = try PostgresInstance(settings: ["wal_writer_delay = 10s", "bgwriter_delay = 10s"])
        let log = TestLog()
        let store = try openStore(try server.makeDatabase(), log)
        defer { store.close() }
        log.append(TestCommands.command(0..<3))
        try await store.applyAll(log)
        try await eventually("the flush") { store.flushedIndex == log.last }
    }

    @Test func `is lost while the server is down and goes on by itself after a restart`() async throws {
        let server = try PostgresInstance()
        let log = TestLog()
        let store = try openStore(server.uri(), log)
        defer { store.close() }
        log.append(TestCommands.command(0..<3))
        try await store.applyAll(log)
        server.stop()
        try await eventually("the loss") {
            if case .lost = store.state { return true }
            return false
        }
        await #expect(throws: PostgresError.self) { try await store.transaction(TestCommands.id(1)) }
        log.append(TestCommands.command(3..<5))
        store.commitAdvanced(to: log.last)
        #expect(store.progress.lag == 1)
        try server.start()
        try await store.waitUntilApplied(log.last, deadline: soon)
        #expect(store.state == .ready)
        #expect(try await store.transaction(TestCommands.id(4))?.logIndex == LogIndex(2))
    }

    @Test func `closes at once though the server hangs`() async throws {
        let server = try PostgresInstance()
        let log = TestLog()
        let store = try openStore(server.connectionString(), log)
        log.append(TestCommands.command(0..<3))
        try await store.applyAll(log)
        let blocker = try server.connect()
        try blocker.begin()
        try blocker.execute("LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE")
        log.append(TestCommands.command(3..<5))
        store.commitAdvanced(to: log.last)
        try await eventually("the applier to wait") {
            try server.connect().query(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            ).int8(0, 0) > 0
        }
        let start = ContinuousClock.now
        store.close()
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}
