import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite struct `Opening a ledger store` {
    @Test func `migrates a fresh database once, and finds it as it left it`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let log = TestLog()
        for _ in 0..<2 {
            let store = try openStore(database, log)
            try await store.waitUntilReady(deadline: soon)
            #expect(store.state == .ready)
            #expect(store.appliedIndex == .zero)
            store.close()
            #expect(store.state == .closed)
        }
        let connection = try connect(database)
        #expect(try connection.query("SELECT count(*) FROM schema_migrations").int8(0, 0) == 3)
        let text = try connection.query("SELECT txn($1)", [.uuid(TestCommands.id(123_456).rawValue)]).text(0, 0)
        #expect(text == TestCommands.id(123_456).description)
        let greatest = TransactionID(rawValue: .max)
        #expect(try connection.query("SELECT txn($1)", [.uuid(.max)]).text(0, 0) == greatest.description)
    }

    @Test func `shows nobody a schema that is half-made`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let connection = try connect(database)
        // In the way of the last step.
        try connection.execute("CREATE TABLE alert_reviews (any_column integer)")
        let store = try openStore(database, TestLog())
        defer { store.close() }
        try await eventually { if case .connecting(_, .some) = store.state { true } else { false } }
        #expect(try connection.query("SELECT to_regclass('ledger') IS NULL").bool(0, 0))
        try connection.execute("DROP TABLE alert_reviews")
        try await store.waitUntilReady(deadline: soon)
        #expect(try connection.query("SELECT count(*) FROM ledger").int8(0, 0) == 1)
    }

    @Test(arguments: [("test", UInt64(2)), ("other", 1)], [true, false])
    func `refuses the database of another node or cluster, be that at work or not`(
        stranger: (clusterID: String, nodeID: UInt64), isOwnerAtWork: Bool
    ) async throws {
        let (clusterID, nodeID) = stranger
        let database = try SharedPostgres.get().makeDatabase()
        let mine = try openStore(database, TestLog())
        try await mine.waitUntilReady(deadline: soon)
        if !isOwnerAtWork { mine.close() }
        defer { if isOwnerAtWork { mine.close() } }
        let reports = Reports()
        let other = try openStore(
            database, TestLog(), clusterID: clusterID, nodeID: nodeID, events: reports.events)
        defer { other.close() }
        let expected = LedgerStoreError.foreignDatabase(
            expected: LedgerStoreIdentity(clusterID: clusterID, nodeID: NodeID(nodeID)),
            found: LedgerStoreIdentity(clusterID: "test", nodeID: NodeID(1)))
        await #expect(throws: expected) { try await other.waitUntilReady(deadline: soon) }
        #expect(other.state == .failed(expected))
        try await eventually { reports.fatal == expected }
    }

    @Test func `refuses a schema that is newer than the program`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let first = try openStore(database, TestLog())
        try await first.waitUntilReady(deadline: soon)
        first.close()
        try connect(database).execute("INSERT INTO schema_migrations (version) VALUES (99)")
        let store = try openStore(database, TestLog())
        defer { store.close() }
        await #expect(throws: LedgerStoreError.newerSchema(found: 99, known: 3)) {
            try await store.waitUntilReady(deadline: soon)
        }
    }

    @Test func `waits while another applier is at work on the database`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let first = try openStore(database, TestLog())
        try await first.waitUntilReady(deadline: soon)
        let second = try openStore(database, TestLog())
        defer { second.close() }
        try await eventually {
            if case .connecting(_, let reason?) = second.state { return reason.contains("another session") }
            return false
        }
        first.close()
        try await second.waitUntilReady(deadline: soon)
    }

    @Test func `keeps trying until the server is there, and gives a deadline up with an error`() async throws {
        let server = try PostgresInstance()
        server.stop()
        let store = try openStore(server.connectionString(), TestLog())
        defer { store.close() }
        await #expect(throws: LedgerStoreError.self) {
            try await store.waitUntilReady(deadline: .now + .milliseconds(20))
        }
        try await eventually {
            if case .connecting(let attempts, .some) = store.state { return attempts > 1 }
            return false
        }
        try server.start()
        try await store.waitUntilReady(deadline: soon)
    }

    @Test func `refuses a connection string that is none`() throws {
        #expect(throws: PostgresError.self) { try openStore("colour=blue", TestLog()) }
    }
}
