import Foundation

/// The receiver of alerts beside the clients: has the nodes deliver to it, and reads what it has got.
struct AlertReceiver: Sendable {
    /// Between the nodes and the receiver.
    static let secret = "what-chaos-signs-alerts-with-0123"

    let world: World

    /// Makes the webhook. What is raised before it does not come.
    func enlist() async throws {
        let url = "http://\(world.wiring.clientAddress):\(world.layout.receiverPort)/"
        try await world.change(
            "PUT", "/webhooks/chaos", body: "{\"url\":\"\(url)\",\"secret\":\"\(Self.secret)\",\"enabled\":true}",
            at: world.nodes)
    }

    /// Everything that has come, once these have, or the time is up: whether one is missing is for the checkers.
    func alerts(
        awaiting raised: Set<String>, seconds: Double, _ recorder: HistoryRecorder
    ) async throws -> [ReceivedAlert] {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        while true {
            let alerts = try read(recorder)
            if raised.isSubset(of: alerts.map(\.alert)) || RunClock.monotonicMicroseconds > end { return alerts }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func read(_ recorder: HistoryRecorder) throws -> [ReceivedAlert] {
        let path = world.layout.receivedAlerts
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ChaosError.file(path, "can't be read")
        }
        let decoder = JSONDecoder()
        // The last line may not be complete yet.
        return try data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map { line in
            var alert = try decoder.decode(ReceivedAlert.self, from: line)
            alert.at = recorder.time(of: alert.at)
            return alert
        }
    }
}
