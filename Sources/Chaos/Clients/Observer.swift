import Foundation
import HTTPSClient
import NIOCore

/// Asks every node again and again how it is, for the picture and for the checkers of leaders, indexes and sizes.
///
/// Confined to the event loop of the world's HTTPS client.
final class Observer: @unchecked Sendable {
    private static let intervalMilliseconds = 250
    /// Sizes are looked at less often.
    private static let sizeEvery = 8

    private let world: World
    private let recorder: HistoryRecorder
    private var isRunning = true

    init(world: World, recorder: HistoryRecorder) {
        self.world = world
        self.recorder = recorder
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for node in world.nodes {
                group.addTask(executorPreference: world.client.loopExecutor) { await self.watch(node) }
            }
        }
    }

    func stop() { isRunning = false }

    private func watch(_ node: Int) async {
        let lane = RequestLane(client: world.client, endpoints: [world.endpoint(node)], position: 0)
        var round = 0
        while isRunning {
            var view = await look(at: node, lane)
            if round % Self.sizeEvery == 0 {
                view.residentBytes = NodeSize.residentBytes(world.processes.node(node))
                view.diskBytes = NodeSize.diskBytes(world.layout.data(node))
            }
            recorder.record(.view(view))
            round += 1
            try? await Task.sleep(for: .milliseconds(Self.intervalMilliseconds))
        }
        lane.close()
    }

    private func look(at node: Int, _ lane: RequestLane) async -> ViewRecord {
        let at = recorder.now
        let ready = HTTPSRequest("GET", "/health/ready", token: nil)
        guard case .success(let readiness) = await lane.exchange(ready, body: nil, timeout: .seconds(2)) else {
            return ViewRecord(node: node, at: at, ready: false)
        }
        let cluster = HTTPSRequest("GET", "/cluster", token: world.operatorToken)
        guard case .success(let response) = await lane.exchange(cluster, body: nil, timeout: .seconds(2)),
            let view = try? JSONDecoder().decode(NodeView.self, from: Data(response.body.readableBytesView))
        else { return ViewRecord(node: node, at: at, ready: readiness.isSuccess) }
        return ViewRecord(
            node: node, at: at, ready: readiness.isSuccess, leader: view.leader, term: view.term,
            commit: view.commitIndex, applied: view.appliedIndex,
            boot: view.identity.map { "\($0.life).\($0.boot)" })
    }
}
