import HTTPSClient
import NIOCore
import Training

/// A replay under way: lanes that take batches from one source until it is empty.
///
/// Everything happens on the client's event loop, so the lanes share the source and the counts without locks.
final class ReplayRun: @unchecked Sendable {
    private let client: HTTPSClient
    private let plan: ReplayPlan
    private let source: any ReplayRows
    private let request: HTTPSRequest
    private var result = ReplayResult()
    private var latencies = LatencyHistogram()
    private var progress = ProgressLine()
    private var began = ContinuousClock.now
    private var isStopped = false

    /// Posts the plan's files.
    convenience init(client: HTTPSClient, plan: ReplayPlan) throws {
        let source = try ReplaySource(paths: plan.files, currency: plan.currency, limit: plan.limit)
        self.init(
            client: client, plan: plan, source: source,
            path: plan.batch == 1 ? "/transactions" : "/transactions/batch")
    }

    /// Posts rows from anywhere to `path`, as lines of JSON unless the path takes single ones.
    init(client: HTTPSClient, plan: ReplayPlan, source: any ReplayRows, path: String) {
        self.client = client
        self.plan = plan
        self.source = source
        request = HTTPSRequest(
            "POST", path, token: plan.token,
            contentType: path == "/transactions" ? "application/json" : "application/x-ndjson")
    }

    /// Sends nothing more.
    func end() { isStopped = true }

    func perform() async throws -> ReplayResult {
        let lanes = (0..<plan.connections).map {
            LoopBound(RequestLane(client: client, endpoints: plan.endpoints, position: $0))
        }
        await onEach(lanes) { run, lane in await run.open(lane) }
        began = ContinuousClock.now
        await onEach(lanes) { run, lane in await run.drive(lane) }
        progress.finish()
        let seconds = (ContinuousClock.now - began).seconds
        result.seconds = seconds.rounded(places: 3)
        result.txPerSecond = (Double(result.acknowledged) / max(seconds, 0.001)).rounded(places: 1)
        result.p50Milliseconds = latencies.milliseconds(quantile: 0.5)
        result.p99Milliseconds = latencies.milliseconds(quantile: 0.99)
        result.maxMilliseconds = (Double(latencies.maxMicroseconds) / 1_000).rounded(places: 3)
        return result
    }

    private func onEach(
        _ lanes: [LoopBound<RequestLane>], _ work: @escaping @Sendable (ReplayRun, RequestLane) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes {
                group.addTask(executorPreference: client.loopExecutor) { await work(self, lane.value) }
            }
        }
    }

    /// Connections stand before the clock starts; a node that is away is found out by the first row.
    private func open(_ lane: RequestLane) async {
        _ = await lane.exchange(HTTPSRequest("GET", "/health/live", token: nil), body: nil, timeout: .seconds(5))
    }

    private func drive(_ lane: RequestLane) async {
        defer { lane.close() }
        let delivery = Delivery(deadlineSeconds: plan.deadlineSeconds)
        var body = ByteBuffer()
        while !isStopped {
            body.clear()
            let rows = nextBatch(into: &body)
            guard rows > 0 else { break }
            await waitForTurn(endingAt: source.rows)
            guard !isStopped else { break }
            result.sent += rows
            let sentAt = ContinuousClock.now
            var failed = FailedAttempts()
            let outcome = await delivery.carry(
                request, body: body, over: lane, nodes: plan.endpoints.count, failed: &failed)
            add(failed)
            settle(outcome, rows: rows, latency: ContinuousClock.now - sentAt, tries: failed.total)
            progress.show(fraction: source.fraction, progressText)
        }
    }

    private func nextBatch(into body: inout ByteBuffer) -> Int {
        do throws(GzipLines.Failure) {
            return try source.next(plan.batch, into: &body)
        } catch {
            stop(because: error.description)
            return 0
        }
    }

    private func settle(_ outcome: Delivery.Outcome, rows: Int, latency: Duration, tries: Int) {
        switch outcome {
        case .acknowledged(let response):
            result.acknowledged += rows
            result.retries += tries
            latencies.record(microseconds: latency.microseconds)
            result.duplicates += response.integer(named: "duplicates") ?? 0
        case .refused(let error):
            result.errors += 1
            result.retries += tries - 1
            // A wrong token or a request that is not understood will not get better with the next row.
            stop(because: error.description)
        case .expired(let error):
            result.errors += 1
            result.retries += tries - 1
            stop(because: error.description)
        }
    }

    private func stop(because reason: String) {
        isStopped = true
        if result.failure == nil { result.failure = reason }
    }

    private func add(_ failed: FailedAttempts) {
        result.failedAttempts.connection += failed.connection
        result.failedAttempts.status4xx += failed.status4xx
        result.failedAttempts.status5xx += failed.status5xx
    }

    /// Rows are due at even steps from the beginning; a lane that is early waits.
    private func waitForTurn(endingAt row: Int) async {
        guard let rate = plan.rowsPerSecond else { return }
        let due = began + .seconds(Double(row) / rate)
        try? await Task.sleep(until: due)
    }

    private var progressText: String {
        let seconds = max((ContinuousClock.now - began).seconds, 0.001)
        let rate = Int(Double(result.acknowledged) / seconds)
        let retries = result.retries > 0 ? ", \(result.retries) retries" : ""
        return "\(result.acknowledged) rows, \(rate)/s, p99 \(latencies.milliseconds(quantile: 0.99)) ms\(retries)"
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}

extension HTTPSResponse {
    /// A whole number of a flat JSON object, found without reading the rest; nil if the name is not there.
    package func integer(named name: String) -> Int? {
        let view = body.readableBytesView
        let key = Array("\"\(name)\":".utf8)
        guard let found = view.firstRange(of: key) else { return nil }
        var number = 0
        var digits = 0
        for byte in view[found.upperBound...] {
            if digits == 0, byte == UInt8(ascii: " ") { continue }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits < 15 else { break }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            digits += 1
        }
        return digits > 0 ? number : nil
    }
}
