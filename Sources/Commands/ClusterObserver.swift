import HTTPSClient
import NIOCore

/// Asks every node how it sees the cluster.
struct ClusterObserver: Sendable {
    let client: HTTPSClient
    let endpoints: [HTTPSEndpoint]
    let token: String

    /// All nodes at once; a node that is down costs no more than the timeout.
    func observe(timeout: TimeAmount = .seconds(3)) async -> [NodeObservation] {
        await withTaskGroup(of: (Int, NodeObservation).self) { group in
            for (position, endpoint) in endpoints.enumerated() {
                group.addTask { (position, await observe(endpoint, timeout: timeout)) }
            }
            var observations: [(Int, NodeObservation)] = []
            for await observation in group { observations.append(observation) }
            return observations.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The leader that a majority of the answers names in the highest term.
    static func leader(_ observations: [NodeObservation]) -> (id: UInt64, term: UInt64)? {
        let reports = observations.compactMap { try? $0.report.get() }
        guard let term = reports.map(\.term).max() else { return nil }
        guard let leader = reports.first(where: { $0.term == term && $0.leader != nil })?.leader else { return nil }
        return (leader, term)
    }

    /// Waits until every node is ready and all follow one leader; false when the time is up.
    func waitUntilReady(timeoutSeconds: Int) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        while ContinuousClock.now < deadline {
            let observations = await observe(timeout: .seconds(2))
            let reports = observations.compactMap { try? $0.report.get() }
            if observations.allSatisfy(\.isReady), reports.count == endpoints.count,
                let leader = reports.first?.leader, reports.allSatisfy({ $0.leader == leader })
            {
                return true
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// Waits until every node's PostgreSQL has what any node knows to be committed now; nil when the time is up,
    /// else the highest index.
    func waitUntilApplied(timeoutSeconds: Int) async throws -> UInt64? {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        var goal: UInt64?
        while ContinuousClock.now < deadline {
            let reports = await observe(timeout: .seconds(5)).compactMap { try? $0.report.get() }
            if goal == nil, reports.count == endpoints.count { goal = reports.map(\.commitIndex).max() }
            if let goal, reports.count == endpoints.count, reports.allSatisfy({ $0.appliedIndex >= goal }) {
                return goal
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    private func observe(_ endpoint: HTTPSEndpoint, timeout: TimeAmount) async -> NodeObservation {
        do {
            let (cluster, ready) = try await client.run {
                let connection = try await client.connect(to: endpoint, timeout: timeout)
                defer { connection.close() }
                let cluster = try await connection.exchange(
                    HTTPSRequest("GET", "/cluster", token: token), body: nil, timeout: timeout
                ).get()
                let ready = try await connection.exchange(
                    HTTPSRequest("GET", "/health/ready", token: token), body: nil, timeout: timeout
                ).get()
                return (cluster, ready)
            }
            guard cluster.isSuccess else {
                throw HTTPSError.refused(endpoint, status: cluster.status, cluster.problem)
            }
            let report = try JSONOutput.decode(NodeReport.self, from: cluster)
            return NodeObservation(endpoint: endpoint, report: .success(report), isReady: ready.isSuccess)
        } catch let error as HTTPSError {
            return NodeObservation(endpoint: endpoint, report: .failure(error), isReady: false)
        } catch {
            let failure = HTTPSError.malformed(endpoint, String(describing: error))
            return NodeObservation(endpoint: endpoint, report: .failure(failure), isReady: false)
        }
    }
}
