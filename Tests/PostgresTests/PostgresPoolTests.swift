import Glibc
import Logging
import Postgres
import PostgresFixture
import Synchronization
import Testing

@Suite struct `A PostgreSQL pool` {
    private let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    private func configuration(_ connectionString: String) -> PostgresConfiguration {
        PostgresConfiguration(connectionString: connectionString, applicationName: "tests")
    }

    @Test func `runs jobs on several connections`() async throws {
        let pool = PostgresPool(
            name: "pool", size: 2, configuration: configuration(try SharedPostgres.get().connectionString()),
            logger: logger)
        defer { pool.close() }
        let processes = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await pool.run { connection in
                        try connection.execute("SELECT pg_sleep(0.002)")
                        return connection.backendProcessID
                    }
                }
            }
            return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
        }
        #expect(processes.count == 2)
    }

    @Test func `refuses a job when its queue is full, and takes jobs again after that`() async throws {
        let pool = PostgresPool(
            name: "pool", size: 1, configuration: configuration(try SharedPostgres.get().connectionString()),
            queueLimit: 3, logger: logger)
        defer { pool.close() }
        let gate = Gate()
        async let running: Void = pool.run { _ in gate.wait() }
        try await eventually { gate.isWaitedFor }
        async let first = pool.run { _ in 1 }
        async let second = pool.run { _ in 2 }
        async let third = pool.run { _ in 3 }
        try await eventually { pool.queuedJobs == 3 }
        let refusal = await #expect(throws: PostgresError.self) { try await pool.run { _ in 4 } }
        #expect(refusal?.kind == .queueFull)
        #expect(refusal?.message.contains("3 jobs") == true)
        gate.open()
        try await running
        #expect(try await first + second + third == 6)
        #expect(try await pool.run { _ in 5 } == 5)
    }

    @Test func `fails a job that waited too long for a connection`() async throws {
        let pool = PostgresPool(
            name: "pool", size: 1, configuration: configuration(try SharedPostgres.get().connectionString()),
            queueTimeoutMilliseconds: 250, logger: logger)
        defer { pool.close() }
        // On a busy machine the first connection alone may take longer than a job may wait.
        while (try? await pool.run { _ in 0 }) == nil {}
        let gate = Gate()
        async let running: Void = pool.run { _ in
            gate.wait()
            usleep(300_000)
        }
        try await eventually { gate.isWaitedFor }
        let late = Task { try await pool.run { _ in 1 } }
        try await eventually { pool.queuedJobs == 1 }
        gate.open()
        try await running
        let error = await #expect(throws: PostgresError.self) { try await late.value }
        #expect(error?.kind == .queuedTooLong)
    }

    @Test func `gets over the loss of its connections without an error to its callers`() async throws {
        let server = try SharedPostgres.get()
        let pool = PostgresPool(
            name: "pool", size: 1, configuration: configuration(server.connectionString()), logger: logger)
        defer { pool.close() }
        let first = try await pool.run { $0.backendProcessID }
        try server.connect().query("SELECT pg_terminate_backend($1, 5000)", [.int4(first)])
        let second = try await pool.run { connection in
            try connection.execute("SELECT 1")
            return connection.backendProcessID
        }
        #expect(first != second)
    }

    @Test func `leaves no transaction open behind a job that failed half-way`() async throws {
        let pool = PostgresPool(
            name: "pool", size: 1, configuration: configuration(try SharedPostgres.get().connectionString()),
            logger: logger)
        defer { pool.close() }
        await #expect(throws: PostgresError.self) {
            try await pool.run { connection in
                try connection.begin()
                try connection.execute("SELECT 1/0")
            }
        }
        #expect(try await pool.run { $0.isInTransaction } == false)
    }

    @Test func `breaks off what runs and fails what waits when it is closed`() async throws {
        let pool = PostgresPool(
            name: "pool", size: 1, configuration: configuration(try SharedPostgres.get().connectionString()),
            logger: logger)
        let gate = Gate()
        let running = Task {
            try await pool.run { connection in
                gate.open()
                try connection.execute("SELECT pg_sleep(60)")
            }
        }
        try await eventually { gate.isOpen }
        let waiting = Task { try await pool.run { _ in 1 } }
        try await eventually { pool.queuedJobs == 1 }
        pool.close()
        let broken = await #expect(throws: PostgresError.self) { try await running.value }
        #expect(broken?.isConnectionLost == true)
        let refused = await #expect(throws: PostgresError.self) { try await waiting.value }
        #expect(refused?.kind == .closed)
    }
}

/// Holds a job on its thread until the test lets it go.
private final class Gate: Sendable {
    private let state = Atomic(0)

    var isWaitedFor: Bool { state.load(ordering: .acquiring) == 1 }
    var isOpen: Bool { state.load(ordering: .acquiring) == 2 }
    func open() { state.store(2, ordering: .releasing) }

    func wait() {
        state.store(1, ordering: .releasing)
        while state.load(ordering: .acquiring) == 1 { usleep(500) }
    }
}
