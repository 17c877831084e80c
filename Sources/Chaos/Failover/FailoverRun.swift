import Foundation
import HTTPSClient

/// Takes the leader away again and again, and measures for how long nothing is acknowledged.
package struct FailoverRun: Sendable {
    private static let changeSeconds = 20.0
    private static let afterwardsMilliseconds = 1_000

    let kinds: [FailoverKind]
    let rounds: Int
    let settings: WorldSettings
    let seed: UInt64
    let say: @Sendable (String) -> Void

    package init(
        _ kinds: [FailoverKind], rounds: Int, settings: WorldSettings, seed: UInt64,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.kinds = kinds
        self.rounds = rounds
        self.settings = settings
        self.seed = seed
        self.say = say
    }

    package func perform() async throws -> [FailoverSample] {
        var settings = settings
        for kind in kinds { settings.shims.formUnion(kind.fault.shims) }
        let world = try await World.make(settings)
        do {
            let prober = FailoverProber(world: world, seed: seed)
            var samples: [FailoverSample] = []
            for kind in kinds {
                var sample = FailoverSample(kind: kind)
                for round in 1...rounds { try await perform(round, &sample, in: world, prober) }
                say(sample.line)
                samples.append(sample)
            }
            try await world.tearDown()
            return samples
        } catch {
            try? await world.tearDown()
            throw error
        }
    }

    private func perform(
        _ round: Int, _ sample: inout FailoverSample, in world: World, _ prober: FailoverProber
    ) async throws {
        guard await world.waitUntilReady(world.nodes, seconds: 60) else {
            throw ChaosError.late("not all nodes are ready before round \(round) of \(sample.kind.rawValue)")
        }
        let leader = try await world.awaitLeader()
        let probed = sample.kind == .transfer ? world.nodes : world.nodes.filter { $0 != leader }
        try await world.client.run { prober.start(at: probed) }
        try await flow(prober, in: world, 20)
        var fault = sample.kind.fault
        let site = FaultSite(world: world, tag: "fault-\(sample.kind.rawValue)-\(round)", seed: seed &+ UInt64(round))
        let began = RunClock.monotonicMicroseconds
        var evidence: String?
        do {
            try await fault.start(at: site)
            try await succession(after: leader, among: world.nodes.filter { $0 != leader }, in: world)
            try await flow(prober, in: world, 20)
            try await Task.sleep(for: .milliseconds(Self.afterwardsMilliseconds))
            evidence = try await fault.evidence(at: site)
        } catch {
            try? await fault.stop(at: site)
            try await world.client.run { await prober.stop() }
            throw error
        }
        try await world.client.run { await prober.stop() }
        try await fault.stop(at: site)
        let (times, posts, failures) = try await world.client.run {
            (prober.acknowledgements, prober.sent, prober.failures)
        }
        sample.posts += posts
        sample.failed += failures.count
        sample.firstFailure = sample.firstFailure ?? failures.first
        let pause = FailoverSample.pause(since: began, times)
        if evidence == nil { sample.toothless += 1 } else { sample.pauses.append(pause) }
        say("  \(sample.kind.rawValue) \(round) of \(rounds): \(pause) ms, \(evidence ?? "did not bite")")
    }

    /// Until another leads, in the words of the others.
    private func succession(after leader: Int, among others: [Int], in world: World) async throws {
        let end = RunClock.monotonicMicroseconds + Int64(Self.changeSeconds * 1_000_000)
        while RunClock.monotonicMicroseconds < end {
            for node in others { if let found = await world.view(node)?.leader, found != leader { return } }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ChaosError.late("node \(leader) still leads after \(Self.changeSeconds) s")
    }

    /// Until so many more are acknowledged.
    private func flow(_ prober: FailoverProber, in world: World, _ count: Int) async throws {
        let goal = try await world.client.run { prober.acknowledgements.count } + count
        let end = RunClock.monotonicMicroseconds + Int64(Self.changeSeconds * 1_000_000)
        while try await world.client.run({ prober.acknowledgements.count }) < goal {
            guard RunClock.monotonicMicroseconds < end else {
                let failure = try await world.client.run { prober.failures.last }
                throw ChaosError.late("no writes go through: \(failure ?? "no answers")")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
