public import Logging
import Synchronization
import Threads

/// One thread with one connection, which it makes when there is something to do and makes again when it is lost.
public final class PostgresThread: Sendable {
    private let queue: JobQueue
    private let worker: PostgresWorker
    private let ownsQueue: Bool

    /// - Parameters:
    ///   - name: shown as the thread's name, 15 bytes at most.
    ///   - queueLimit: jobs that may wait; one more fails with `queueFull`.
    ///   - queueTimeoutMilliseconds: a job that waited longer fails with `queuedTooLong`; zero lets it wait.
    public convenience init(
        name: String, configuration: PostgresConfiguration, queueLimit: Int = 256, queueTimeoutMilliseconds: Int = 0,
        logger: Logger
    ) {
        self.init(
            name: name, configuration: configuration,
            queue: JobQueue(limit: queueLimit, queueTimeoutMilliseconds: queueTimeoutMilliseconds), ownsQueue: true,
            logger: logger)
    }

    init(name: String, configuration: PostgresConfiguration, queue: JobQueue, ownsQueue: Bool, logger: Logger) {
        self.queue = queue
        self.ownsQueue = ownsQueue
        worker = PostgresWorker(name: name, configuration: configuration, queue: queue, logger: logger)
    }

    /// Runs `body` on the thread and gives what it gives. A job whose connection proves lost is tried once more on a
    /// new one, so `body` must be harmless to repeat.
    public func run<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await queue.run(body)
    }

    public var queuedJobs: Int { queue.count }

    /// Fails what waits, breaks off what runs, ends the thread.
    public func close() {
        if ownsQueue { queue.close() }
        worker.stop()
    }
}

extension JobQueue {
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                PostgresJob(
                    attempt: { connection in
                        do {
                            continuation.resume(returning: try body(connection))
                        } catch let error as PostgresError where error.isConnectionLost {
                            return .connectionLost(error)
                        } catch {
                            continuation.resume(throwing: error)
                        }
                        return .done
                    },
                    fail: { continuation.resume(throwing: $0) },
                    enqueuedNanoseconds: monotonicNanoseconds()))
        }
    }
}

/// The loop of a PostgreSQL thread.
private final class PostgresWorker: Sendable {
    private let interrupter = PostgresInterrupter()
    private let thread: DedicatedThread

    init(name: String, configuration: PostgresConfiguration, queue: JobQueue, logger: Logger) {
        let interrupter = interrupter
        thread = DedicatedThread(name: name) {
            var connection: PostgresConnection?
            while let job = queue.dequeue() {
                connection = Self.perform(
                    job, connection, configuration: configuration, interrupter: interrupter, logger: logger)
            }
        }
    }

    func stop() {
        interrupter.interrupt()
        thread.join()
    }

    /// Runs one job and gives the connection that is left for the next, if any.
    private static func perform(
        _ job: PostgresJob, _ connection: PostgresConnection?, configuration: PostgresConfiguration,
        interrupter: PostgresInterrupter, logger: Logger
    ) -> PostgresConnection? {
        var kept = connection
        var lastLoss: PostgresError?
        for _ in 0..<2 {
            if kept?.isUsable != true {
                // Given back before the next one is made: they share the interrupter.
                kept = nil
                do throws(PostgresError) {
                    kept = try PostgresConnection(configuration, interrupter: interrupter)
                } catch {
                    logger.debug("no PostgreSQL connection", metadata: ["error": "\(error)"])
                    job.fail(lastLoss ?? error)
                    return nil
                }
            }
            guard let live = kept else { return nil }
            switch job.attempt(live) {
            case .done: return settled(live)
            case .connectionLost(let error):
                lastLoss = error
                kept = nil
            }
        }
        if let lastLoss { job.fail(lastLoss) }
        return nil
    }

    /// A job that failed half-way may have left its transaction open.
    private static func settled(_ connection: PostgresConnection) -> PostgresConnection? {
        guard connection.isInTransaction else { return connection }
        do throws(PostgresError) {
            try connection.rollBack()
            return connection
        } catch {
            return nil
        }
    }
}
