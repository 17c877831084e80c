import HTTPSClient
import NIOCore

/// Posts a transaction every few milliseconds and keeps the times, to see when writes go through again.
///
/// Confined to the client's event loop.
final class FailoverProber: @unchecked Sendable {
    static let maxOpenProbes = 256
    private static let maxRecorded = 100_000
    private static let intervalMilliseconds = 5

    private let client: HTTPSClient
    private let endpoints: [HTTPSEndpoint]
    private let request: HTTPSRequest
    private var idle: [[RequestLane]]
    private var open = 0
    private var samples = SampleTransactions()
    private var isRunning = false
    private var turn = 0
    private var isRecording = false
    private var acknowledgements: [(sent: Int64, acknowledged: Int64)] = []
    private var probed: [Int]

    private(set) var sent = 0
    private(set) var acknowledged = 0
    private(set) var errors = 0
    private(set) var firstError: String?

    init(client: HTTPSClient, endpoints: [HTTPSEndpoint], token: String) {
        self.client = client
        self.endpoints = endpoints
        request = HTTPSRequest("POST", "/transactions", token: token, contentType: "application/json")
        idle = endpoints.map { _ in [] }
        probed = Array(endpoints.indices)
    }

    /// Goes on in the background until `stop`; probes only the endpoints at these positions.
    func start(at positions: [Int]) {
        precondition(!isRunning, "one run at a time")
        precondition(!positions.isEmpty, "there is somewhere to probe")
        isRunning = true
        probed = positions
        isRecording = false
        Task(executorPreference: client.loopExecutor) { await self.tick() }
    }

    /// Keeps the times of acknowledgements from now on. To be called before the kill: writes may go through again
    /// before it is known when exactly the signal was sent.
    func record() {
        isRecording = true
        acknowledgements.removeAll(keepingCapacity: true)
    }

    /// When the first write sent at or after this moment was acknowledged; nil if none has been.
    func recovered(since microseconds: Int64) -> Int64? {
        acknowledgements.lazy.filter { $0.sent >= microseconds }.map(\.acknowledged).min()
    }

    /// Ends after the probes under way have their answers.
    func stop() async {
        isRunning = false
        while open > 0 { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// Connections that stand before they are needed, so that a probe is a request and nothing else.
    func warm(_ count: Int, at positions: [Int]) async throws {
        for position in positions {
            while idle[position].count < count {
                let lane = RequestLane(client: client, endpoints: [endpoints[position]], position: 0)
                let health = HTTPSRequest("GET", "/health/live", token: nil)
                _ = try await lane.exchange(health, body: nil, timeout: .seconds(10)).get()
                idle[position].append(lane)
            }
        }
    }

    func close() {
        for lanes in idle { for lane in lanes { lane.close() } }
        idle = endpoints.map { _ in [] }
    }

    /// Forgets the connections to a node that has been killed.
    func forget(_ position: Int) {
        for lane in idle[position] { lane.close() }
        idle[position] = []
    }

    private func tick() async {
        while isRunning {
            if open < Self.maxOpenProbes {
                turn += 1
                let position = probed[turn % probed.count]
                open += 1
                Task(executorPreference: client.loopExecutor) { await self.probe(position) }
            }
            try? await Task.sleep(for: .milliseconds(Self.intervalMilliseconds))
        }
    }

    private func probe(_ position: Int) async {
        let lane =
            idle[position].popLast() ?? RequestLane(client: client, endpoints: [endpoints[position]], position: 0)
        var body = ByteBuffer()
        let sentAt = WallClock.microseconds
        samples.write(.random(milliseconds: sentAt / 1_000), into: &body)
        sent += 1
        let exchange = await lane.exchange(request, body: body, timeout: .seconds(20))
        switch exchange {
        case .success(let response) where response.isSuccess:
            acknowledged += 1
            if isRecording, acknowledgements.count < Self.maxRecorded {
                acknowledgements.append((sentAt, WallClock.microseconds))
            }
        case .success(let response):
            fail(HTTPSError.refused(lane.endpoint, status: response.status, response.problem))
        case .failure(let error):
            fail(error)
        }
        idle[position].append(lane)
        open -= 1
    }

    private func fail(_ error: HTTPSError) {
        errors += 1
        if firstError == nil { firstError = error.description }
    }
}
