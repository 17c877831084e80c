import HTTPSClient
import NIOCore

/// Posts a payment every few milliseconds and keeps the times.
///
/// Confined to the event loop of the world's HTTPS client.
final class FailoverProber: @unchecked Sendable {
    private static let maxOpen = 512
    private static let maxRecorded = 200_000
    static let intervalMilliseconds = 5

    private let world: World
    private let request: HTTPSRequest
    private var idle: [Int: [RequestLane]] = [:]
    private var open = 0
    private var isRunning = false
    private var random: SeededRandom
    private(set) var acknowledgements: [Int64] = []
    private(set) var sent = 0
    private(set) var failures: [String] = []

    init(world: World, seed: UInt64) {
        self.world = world
        random = SeededRandom(seed: seed)
        request = HTTPSRequest("POST", "/transactions", token: world.ingestToken, contentType: "application/json")
    }

    /// Goes on in the background until `stop`, at these nodes only.
    func start(at nodes: [Int]) {
        precondition(!isRunning && !nodes.isEmpty, "one run at a time, somewhere")
        isRunning = true
        acknowledgements.removeAll(keepingCapacity: true)
        sent = 0
        failures = []
        Task(executorPreference: world.client.loopExecutor) { await self.tick(nodes) }
    }

    /// Ends after those under way have their answers.
    func stop() async {
        isRunning = false
        while open > 0 { try? await Task.sleep(for: .milliseconds(5)) }
        for lane in idle.values.joined() { lane.close() }
        idle = [:]
    }

    private func tick(_ nodes: [Int]) async {
        var turn = 0
        while isRunning {
            turn += 1
            let node = nodes[turn % nodes.count]
            if open < Self.maxOpen {
                open += 1
                Task(executorPreference: world.client.loopExecutor) { await self.probe(node) }
            }
            try? await Task.sleep(for: .milliseconds(Self.intervalMilliseconds))
        }
    }

    private func probe(_ node: Int) async {
        let lane =
            idle[node]?.popLast() ?? RequestLane(client: world.client, endpoints: [world.endpoint(node)], position: 0)
        let payment = Payment(
            id: ClientTransactionID.make(using: &random), user: "probe-\(random.next() % 50_000)", using: &random)
        sent += 1
        switch await lane.exchange(request, body: ByteBuffer(string: payment.json), timeout: .seconds(20)) {
        case .success(let response) where response.isSuccess:
            if acknowledgements.count < Self.maxRecorded { acknowledgements.append(RunClock.monotonicMicroseconds) }
        case .success(let response): failures.append("node \(node): \(response.status) \(response.problem)")
        case .failure(let error): failures.append("\(error)")
        }
        idle[node, default: []].append(lane)
        open -= 1
    }
}
