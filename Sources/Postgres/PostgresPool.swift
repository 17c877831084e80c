public import Logging

/// A few PostgreSQL threads behind one bounded queue.
public final class PostgresPool: Sendable {
    private let queue: JobQueue
    private let threads: [PostgresThread]

    /// - Parameters:
    ///   - name: begins the names of the threads, 12 bytes at most.
    ///   - size: connections, made when they are first needed.
    ///   - queueLimit: jobs that may wait for a connection; one more fails with `queueFull`.
    ///   - queueTimeoutMilliseconds: a job that waited longer fails with `queuedTooLong`; zero lets it wait.
    public init(
        name: String, size: Int, configuration: PostgresConfiguration, queueLimit: Int = 1_024,
        queueTimeoutMilliseconds: Int = 5_000, logger: Logger
    ) {
        precondition(size > 0 && size <= 64, "a pool has 1 to 64 connections")
        let queue = JobQueue(limit: queueLimit, queueTimeoutMilliseconds: queueTimeoutMilliseconds)
        self.queue = queue
        threads = (1...size).map { number in
            PostgresThread(
                name: "\(name)-\(number)", configuration: configuration, queue: queue, ownsQueue: false,
                logger: logger)
        }
    }

    /// Runs `body` on one of the threads. It may be repeated once if its connection proves lost.
    public func run<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await queue.run(body)
    }

    public var queuedJobs: Int { queue.count }

    /// Fails what waits, breaks off what runs, ends the threads.
    public func close() {
        queue.close()
        for thread in threads { thread.close() }
    }
}
