import HTTPSClient
import NIOCore

/// One client: makes calls one after the other, tries again elsewhere what did not go through, and records every request.
///
/// Confined to the event loop of the world's HTTPS client.
final class ChaosClient {
    /// More than a node takes to say that it can't: then its silence means something.
    static let timeout = TimeAmount.seconds(8)
    private static let patienceMicroseconds: Int64 = 12_000_000

    let number: Int
    private let token: String
    private let lanes: [Int: RequestLane]
    private let nodes: [Int]
    private let usesKafka: Bool
    private let recorder: HistoryRecorder
    private var random: SeededRandom

    init(_ number: Int, world: World, token: String, recorder: HistoryRecorder, random: SeededRandom) {
        self.number = number
        self.token = token
        self.recorder = recorder
        self.random = random
        nodes = world.nodes
        usesKafka = world.settings.usesKafka
        lanes = Dictionary(
            uniqueKeysWithValues: world.nodes.map { node in
                (node, RequestLane(client: world.client, endpoints: [world.endpoint(node)], position: 0))
            })
    }

    /// Until it is done, refused for good, or given up. A call that is given up stays unknown if any try of it is.
    /// - Parameter persistent: goes on for a long time; else it may be given up after the first try.
    @discardableResult
    func perform(_ operation: ClientOperation, persistent: Bool) async -> CallOutcome {
        let began = recorder.now
        var node = nodes.randomElement(using: &random)!
        while true {
            let result = await attempt(operation, at: node)
            if result.outcome == .ok || isFinal(result) { return result }
            let late = recorder.now - began > Self.patienceMicroseconds
            if late || (!persistent && random.oneIn(4)) { return result }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 10...80, using: &random)))
            if Task.isCancelled { return result }
            node = nodes[((nodes.firstIndex(of: node) ?? 0) + 1) % nodes.count]
        }
    }

    /// Closes the connections.
    func close() {
        for lane in lanes.values { lane.close() }
    }

    /// A client's own mistake is not mended by trying again.
    private func isFinal(_ result: CallOutcome) -> Bool {
        guard result.outcome == .refused, let status = result.status else { return false }
        return (400..<500).contains(status) && status != 429
    }

    /// One try, at this node.
    @discardableResult
    func attempt(_ operation: ClientOperation, at node: Int) async -> CallOutcome {
        let fields = operation.key.map { ["idempotency-key": $0] } ?? [:]
        let request = HTTPSRequest(
            operation.method, operation.path, token: token, contentType: operation.contentType, wait: operation.waits,
            fields: fields)
        let sent = recorder.now
        let result = await exchange(operation, request, lanes[node]!)
        recorder.record(
            CallRecord(
                number: 0, operation: operation.number, client: number, node: node, kind: operation.kind, sent: sent,
                ended: recorder.now, outcome: result.outcome, status: result.status,
                transactions: result.transactions ?? operation.transactions, users: operation.users, key: operation.key,
                acknowledger: usesKafka && operation.goesThroughBrokers ? .brokers : nil,
                value: result.value ?? operation.value, effect: result.effect, problem: result.problem))
        return result
    }

    private func exchange(_ operation: ClientOperation, _ request: HTTPSRequest, _ lane: RequestLane) async
        -> CallOutcome
    {
        do throws(HTTPSError) {
            try await lane.connect()
        } catch {
            return .unsent(error)
        }
        switch await lane.exchange(request, body: operation.body.map { ByteBuffer(string: $0) }, timeout: Self.timeout)
        {
        case .success(let response): return .answered(response, to: operation)
        case .failure(let error): return .unanswered(error)
        }
    }
}
