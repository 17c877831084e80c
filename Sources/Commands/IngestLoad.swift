import HTTPSClient
import NIOCore

/// Closed-loop load: so many lanes, each with one request under way, until the time is up.
struct IngestLoad: Sendable {
    /// What a phase brought.
    struct Phase: Sendable {
        var acknowledged = 0
        var errors = 0
        var seconds = 0.0
        var latencies = LatencyHistogram()
        var firstError: String?

        mutating func merge(_ other: Phase) {
            acknowledged += other.acknowledged
            errors += other.errors
            latencies.merge(other.latencies)
            firstError = firstError ?? other.firstError
        }
    }

    let client: HTTPSClient
    let endpoints: [HTTPSEndpoint]
    let token: String

    /// Posts batches of `size` for so many seconds; ends when the last is answered. With `isDirect` they go to the ledger
    /// without Kafka, whether or not the nodes have one.
    func postBatches(
        of size: Int, connections: Int, seconds: Double, isDirect: Bool = false
    ) async throws -> Phase {
        let path = "/transactions/batch"
        let type = "application/x-ndjson"
        let request = HTTPSRequest("POST", path, token: token, contentType: type)
        return try await run(transactions: size, connections: connections, seconds: seconds) { [token] in
            guard isDirect else { return request }
            // Only the ledger knows keys: a request that has one never takes the way through a topic.
            let key = "bench-\(String(UInt64.random(in: 0...(.max)), radix: 36))"
            return HTTPSRequest("POST", path, token: token, contentType: type, fields: ["idempotency-key": key])
        }
    }

    /// Posts transactions one by one.
    func postSingles(connections: Int, seconds: Double) async throws -> Phase {
        let request = HTTPSRequest("POST", "/transactions", token: token, contentType: "application/json")
        return try await run(transactions: 1, connections: connections, seconds: seconds) { request }
    }

    private func run(
        transactions: Int, connections: Int, seconds: Double, _ request: @escaping @Sendable () -> HTTPSRequest
    ) async throws -> Phase {
        try await client.run {
            let lanes = try await openLanes(connections)
            let began = ContinuousClock.now
            let end = began + .seconds(seconds)
            var total = await withTaskGroup(of: Phase.self) { group in
                for lane in lanes {
                    group.addTask(executorPreference: client.loopExecutor) {
                        await drive(lane, request, transactions: transactions, until: end)
                    }
                }
                var total = Phase()
                for await phase in group { total.merge(phase) }
                return total
            }
            total.seconds = (ContinuousClock.now - began).seconds
            return total
        }
    }

    /// Connections stand before the clock starts.
    private func openLanes(_ count: Int) async throws -> [LoopBound<RequestLane>] {
        var lanes: [LoopBound<RequestLane>] = []
        let health = HTTPSRequest("GET", "/health/live", token: token)
        for position in 0..<count {
            let lane = RequestLane(client: client, endpoints: endpoints, position: position)
            // An exchange, because the handshake is over only after one.
            _ = try await lane.exchange(health, body: nil, timeout: .seconds(10)).get()
            lanes.append(LoopBound(lane))
        }
        return lanes
    }

    private func drive(
        _ bound: LoopBound<RequestLane>, _ request: @Sendable () -> HTTPSRequest, transactions: Int,
        until end: ContinuousClock.Instant
    ) async -> Phase {
        let lane = bound.value
        defer { lane.close() }
        var phase = Phase()
        var samples = SampleTransactions()
        var body = ByteBuffer()
        while true {
            let sentAt = ContinuousClock.now
            guard sentAt < end else { return phase }
            body.clear()
            for _ in 0..<transactions { samples.write(into: &body) }
            let exchange = await lane.exchange(request(), body: body, timeout: .seconds(30))
            switch exchange {
            case .success(let response) where response.isSuccess:
                phase.acknowledged += transactions
                phase.latencies.record(microseconds: (ContinuousClock.now - sentAt).microseconds)
            case .success(let response):
                phase.errors += 1
                phase.firstError =
                    phase.firstError
                    ?? HTTPSError.refused(lane.endpoint, status: response.status, response.problem).description
                try? await Task.sleep(for: .milliseconds(50))
            case .failure(let error):
                phase.errors += 1
                phase.firstError = phase.firstError ?? error.description
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}

/// Carries what belongs to one event loop between that loop's tasks.
struct LoopBound<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
