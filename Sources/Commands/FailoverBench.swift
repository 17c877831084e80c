import ArgumentParser
import HTTPSClient

/// The rounds of `bench failover`.
struct FailoverBench: Sendable {
    let client: HTTPSClient
    let observer: ClusterObserver
    let token: String
    let scripts: ClusterScripts
    let rounds: Int

    private static let readyTimeoutSeconds = 60
    private static let recoveryTimeoutSeconds = 30
    private static let warmConnections = 16

    func perform() async throws -> FailoverBenchResult {
        let prober = FailoverProber(client: client, endpoints: observer.endpoints, token: token)
        var outages: [Double] = []
        for round in 1...rounds {
            let outage = try await kill(round, prober)
            outages.append(outage)
            StandardError.line("round \(round) of \(rounds): \(outage) ms")
        }
        try await waitUntilReady(before: "the end")
        let sample = Sample(outages)
        let rounds = outages.count
        return try await client.run {
            prober.close()
            return FailoverBenchResult(
                rounds: rounds, p50Milliseconds: sample.median.rounded(places: 1),
                p95Milliseconds: sample.quantile(0.95), p99Milliseconds: sample.quantile(0.99),
                maxMilliseconds: sample.max, errors: prober.errors, posts: prober.sent, firstError: prober.firstError)
        }
    }

    /// One round; the outage in milliseconds.
    private func kill(_ round: Int, _ prober: FailoverProber) async throws -> Double {
        try await waitUntilReady(before: "round \(round)")
        let observations = await observer.observe()
        guard let leader = ClusterObserver.leader(observations)?.id,
            let position = observations.firstIndex(where: { (try? $0.report.get())?.node == leader })
        else { throw ValidationError("Round \(round): no node is known to lead. See `redoubt cluster status`.") }
        let others = observations.indices.filter { $0 != position }
        try await client.run {
            prober.forget(position)
            try await prober.warm(Self.warmConnections, at: others)
            prober.start(at: others)
        }
        try await writesFlow(prober)
        try await client.run { prober.record() }
        let killedAt = try await scripts.kill(leader)
        do {
            let recovered = try await recovery(prober, since: killedAt)
            // A little longer, for errors that come late.
            try await Task.sleep(for: .milliseconds(500))
            try await client.run { await prober.stop() }
            try await scripts.start(leader)
            return (Double(recovered - killedAt) / 1_000).rounded(places: 1)
        } catch {
            try await scripts.start(leader)
            throw error
        }
    }

    /// The pause is measured from full flow, not from a cold start.
    private func writesFlow(_ prober: FailoverProber) async throws {
        let goal = try await client.run { prober.acknowledged } + 20
        let deadline = ContinuousClock.now + .seconds(Self.recoveryTimeoutSeconds)
        while try await client.run({ prober.acknowledged }) < goal {
            guard ContinuousClock.now < deadline else {
                let error = try await client.run { prober.firstError }
                throw ValidationError("No writes go through before the kill: \(error ?? "no answers").")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func recovery(_ prober: FailoverProber, since killedAt: Int64) async throws -> Int64 {
        let deadline = ContinuousClock.now + .seconds(Self.recoveryTimeoutSeconds)
        while ContinuousClock.now < deadline {
            if let recovered = try await client.run({ prober.recovered(since: killedAt) }) { return recovered }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ValidationError("No write was acknowledged within \(Self.recoveryTimeoutSeconds) s after the kill.")
    }

    private func waitUntilReady(before what: String) async throws {
        guard try await observer.waitUntilReady(timeoutSeconds: Self.readyTimeoutSeconds) else {
            throw ValidationError(
                "Not every node was ready before \(what) within \(Self.readyTimeoutSeconds) s. "
                    + "See `redoubt cluster status`.")
        }
    }
}
