import HTTPSClient
import NIOCore
import Synchronization

/// Measures from outside how long a cluster stands still: every few milliseconds it asks each node for a read that a
/// majority must confirm.
final class PauseProbe: Sendable {
    private static let interval = Duration.milliseconds(5)

    private let client: HTTPSClient
    private let request: HTTPSRequest
    private let isRunning = Atomic<Bool>(true)
    private let longest = Mutex(Duration.zero)
    private let lanes = Mutex<[Task<Void, any Error>]>([])

    /// Begins at once.
    init(client: HTTPSClient, endpoints: [HTTPSEndpoint], token: String) {
        self.client = client
        // A transaction that is not there: the cheapest read that is confirmed all the same.
        request = HTTPSRequest("GET", "/transactions/txn_" + String(repeating: "0", count: 26), token: token)
        let tasks = endpoints.map { endpoint in
            Task { [self] in try await client.run { try await self.probe(endpoint) } }
        }
        lanes.withLock { $0 = tasks }
    }

    /// Ends the probing; the longest time that any node let a read wait, milliseconds.
    func stop() async -> Double {
        isRunning.store(false, ordering: .relaxed)
        for lane in lanes.withLock({ $0 }) { _ = try? await lane.value }
        let longest = longest.withLock { $0 }
        return (Double(longest.components.attoseconds) / 1e15 + Double(longest.components.seconds) * 1e3)
            .rounded(places: 1)
    }

    private func probe(_ endpoint: HTTPSEndpoint) async throws {
        let lane = RequestLane(client: client, endpoints: [endpoint], position: 0)
        defer { lane.close() }
        // A node that does not answer at the beginning is not waited for: it is down for another reason.
        guard case .success = await lane.exchange(request, body: nil, timeout: .seconds(2)) else { return }
        var since: ContinuousClock.Instant?
        while isRunning.load(ordering: .relaxed) {
            let sent = ContinuousClock.now
            let answer = await lane.exchange(request, body: nil, timeout: .seconds(10))
            if case .success(let response) = answer, response.status == 404 || response.isSuccess {
                let pause = ContinuousClock.now - (since ?? sent)
                longest.withLock { $0 = max($0, pause) }
                since = nil
            } else {
                since = since ?? sent
                lane.close()
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
