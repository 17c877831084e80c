import Glibc
import Threads

/// Work for a connection that may be on any of a few threads.
struct PostgresJob: Sendable {
    enum Outcome {
        case done
        /// The connection turned out to be lost; the job may be tried once more on a new one.
        case connectionLost(PostgresError)
    }

    /// Runs on the thread of the connection. Must have resumed its caller when it returns `done`.
    let attempt: @Sendable (PostgresConnection) -> Outcome
    let fail: @Sendable (PostgresError) -> Void
    let enqueuedNanoseconds: UInt64
}

/// A bounded queue in front of one or more PostgreSQL threads.
final class JobQueue: Sendable {
    private struct State {
        var jobs: [PostgresJob] = []
        /// Where the next job stands; those before it are gone.
        var head = 0
        var isClosed = false

        var count: Int { jobs.count - head }

        mutating func next() -> PostgresJob? {
            guard head < jobs.count else { return nil }
            defer {
                head += 1
                if head == jobs.count {
                    jobs.removeAll(keepingCapacity: true)
                    head = 0
                } else if head >= 1_024, head * 2 >= jobs.count {
                    jobs.removeFirst(head)
                    head = 0
                }
            }
            return jobs[head]
        }
    }

    private let limit: Int
    private let queueTimeoutMilliseconds: Int
    private let monitor = Monitor(State())

    init(limit: Int, queueTimeoutMilliseconds: Int) {
        precondition(limit > 0, "a queue holds at least one job")
        self.limit = limit
        self.queueTimeoutMilliseconds = queueTimeoutMilliseconds
    }

    var count: Int { monitor.withLock { $0.count } }

    /// Fails the job at once if the queue is full or closed.
    func enqueue(_ job: PostgresJob) {
        let refusal = monitor.update { state -> PostgresError? in
            if state.isClosed { return Self.closedError }
            if state.count >= limit {
                return PostgresError(.queueFull, "\(limit) jobs are waiting for a connection, which is the limit")
            }
            state.jobs.append(job)
            return nil
        }
        if let refusal { job.fail(refusal) }
    }

    /// The next job, nil after the end.
    func dequeue() -> PostgresJob? {
        while true {
            let next = monitor.wait { state -> PostgresJob?? in
                if let job = state.next() { return .some(job) }
                return state.isClosed ? .some(nil) : nil
            }
            guard let job = next ?? nil else { return nil }
            let waited = (monotonicNanoseconds() - job.enqueuedNanoseconds) / 1_000_000
            if queueTimeoutMilliseconds > 0, waited > UInt64(queueTimeoutMilliseconds) {
                job.fail(PostgresError(.queuedTooLong, "no connection came free within \(queueTimeoutMilliseconds) ms"))
                continue
            }
            return job
        }
    }

    func close() {
        let left = monitor.update { state -> [PostgresJob] in
            state.isClosed = true
            defer {
                state.jobs = []
                state.head = 0
            }
            return Array(state.jobs[state.head...])
        }
        for job in left { job.fail(Self.closedError) }
    }

    private static let closedError = PostgresError(.closed, "the connection has been closed by this side")
}
