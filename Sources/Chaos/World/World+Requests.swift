import Foundation
package import HTTPSClient
import NIOCore

/// What the harness asks nodes as an operator.
extension World {
    package func endpoint(_ node: Int) -> HTTPSEndpoint {
        // An address and a port of our own always make one.
        HTTPSEndpoint("https://\(wiring.address(of: node)):\(layout.gatewayPort(node))")!
    }

    package func request(
        _ method: String, _ path: String, at node: Int, body: String? = nil, seconds: Int64 = 5
    ) async throws -> HTTPSResponse {
        let request = HTTPSRequest(
            method, path, token: operatorToken, contentType: body == nil ? nil : "application/json")
        return try await client.request(
            request, to: endpoint(node), body: body.map { ByteBuffer(string: $0) }, timeout: .seconds(seconds))
    }

    /// Nil if the node does not answer.
    package func view(_ node: Int) async -> NodeView? {
        guard let response = try? await request("GET", "/cluster", at: node, seconds: 2), response.isSuccess else {
            return nil
        }
        return try? JSONDecoder().decode(NodeView.self, from: Data(response.body.readableBytesView))
    }

    package func isReady(_ node: Int) async -> Bool {
        (try? await request("GET", "/health/ready", at: node, seconds: 2))?.isSuccess == true
    }

    /// The leader of the highest term that any node knows of.
    package func leader() async -> Int? {
        var newest: NodeView?
        for node in nodes {
            guard let view = await view(node), view.leader != nil else { continue }
            // A leader's own word counts most: others may not have heard yet.
            if view.term > newest?.term ?? 0 || (view.term == newest?.term && view.leader == node) { newest = view }
        }
        return newest?.leader
    }

    /// The leader, once there is one.
    package func awaitLeader(seconds: Double = 20) async throws -> Int {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        while RunClock.monotonicMicroseconds < end {
            if let leader = await leader() { return leader }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ChaosError.late("no leader within \(seconds) s")
    }

    /// False if some of them don't serve when the time is up.
    package func waitUntilReady(_ waited: [Int], seconds: Double) async -> Bool {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        while RunClock.monotonicMicroseconds < end {
            var ready = true
            for node in waited where ready {
                let isReady = await isReady(node)
                ready = isReady
            }
            if ready { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// Asks until one of the nodes has done it, for an operator's changes that need a leader.
    /// - Parameter done: the problem that tells that it was done before, by a request whose answer was lost.
    @discardableResult
    package func change(
        _ method: String, _ path: String, body: String?, at candidates: [Int], seconds: Double = 30,
        orProblem done: String? = nil
    ) async throws -> HTTPSResponse {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        var last = "no answer"
        while RunClock.monotonicMicroseconds < end {
            for node in candidates {
                do {
                    let response = try await request(method, path, at: node, body: body, seconds: 30)
                    if response.isSuccess { return response }
                    if let done, response.problemType == "urn:redoubt:problem:\(done)" { return response }
                    last = "node \(node): \(response.status) \(response.problem)"
                } catch {
                    last = "node \(node): \(error)"
                }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw ChaosError.late("\(method) \(path) was not done: \(last)")
    }
}
