import Foundation
import HTTPSClient

/// One scenario with one seed, from an empty world to a verdict.
package struct ScenarioRun: Sendable {
    /// Until the clients have shown that everything goes again.
    private static let calmMilliseconds = 4_000
    private static let readySeconds = 120.0
    /// Until what the brokers have is in the ledger, and everybody has heard of what is there.
    private static let arrivalSeconds = 60.0

    let scenario: Scenario
    let seed: UInt64
    let milliseconds: Int
    let settings: WorldSettings
    /// Where the run's history and logs go.
    let directory: String
    let say: @Sendable (String) -> Void

    package init(
        _ scenario: Scenario, seed: UInt64, milliseconds: Int?, settings: WorldSettings, directory: String,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.scenario = scenario
        self.seed = seed
        self.milliseconds = milliseconds ?? scenario.milliseconds
        self.settings = settings
        self.directory = directory
        self.say = say
    }

    /// Throws if the run could not be made; what went wrong in it is in the verdict.
    package func perform() async throws -> (verdict: Verdict, history: RunHistory) {
        var random = SeededRandom(seed: seed)
        let steps = scenario.steps(&random, milliseconds)
        try check(steps)
        var settings = settings
        settings.dataMegabytes = scenario.dataMegabytes
        settings.hasRelays = scenario.hasRelays
        settings.usesKafka = scenario.usesKafka
        settings.receivesAlerts = scenario.receivesAlerts
        settings.shims.formUnion(steps.flatMap(\.fault.shims))
        try World.makeDirectory(directory, permissions: 0o755)
        let world = try await World.make(settings)
        do {
            let recorder = try HistoryRecorder(path: directory + "/history.jsonl")
            recorder.record(.run(scenario: scenario.name, seed: seed, nodes: world.nodes))
            try await live(in: world, steps, recorder)
            try recorder.close()
            keepLogs(of: world)
            try await world.tearDown()
            let history = recorder.history
            return (Verdict(history), history)
        } catch {
            keepLogs(of: world)
            try? await world.tearDown()
            throw error
        }
    }

    private func check(_ steps: [Scenario.Step]) throws {
        let has: Set<Capability> = settings.kind == .namespaces ? [.network, .mounts] : geteuid() == 0 ? [.mounts] : []
        let missing = scenario.needs(steps).subtracting(has)
        guard missing.isEmpty else {
            throw ChaosError.missing(
                "\(scenario.name) needs \(missing.map(\.rawValue).sorted().joined(separator: " and ")), which this world does not have."
            )
        }
    }

    private func live(in world: World, _ steps: [Scenario.Step], _ recorder: HistoryRecorder) async throws {
        let workload = Workload(world: world, recorder: recorder, seed: seed)
        let observer = Observer(world: world, recorder: recorder)
        let stream = try await world.settings.usesKafka ? StreamWorkload.make(world, recorder, seed: seed) : nil
        // It hears of what comes from then on.
        let receiver = world.settings.receivesAlerts ? AlertReceiver(world: world) : nil
        try await receiver?.enlist()
        try await world.client.run { try await workload.prepare() }
        async let working: Void = world.client.run { await workload.run() }
        async let streaming: Void = world.client.run { if let stream { await stream.run() } }
        async let watching: Void = world.client.run { await observer.run() }
        await FaultRunner(world: world, recorder: recorder, seed: seed).run(steps, say: say)
        let healed = recorder.now
        let isReady = await world.waitUntilReady(world.nodes, seconds: Self.readySeconds)
        if !isReady {
            recorder.record(.trouble("not all nodes were ready \(Self.readySeconds) s after the last fault"))
        }
        try await Task.sleep(for: .milliseconds(Self.calmMilliseconds))
        stream?.stop()
        try await world.client.run { workload.stop() }
        try await working
        try await streaming
        for node in world.lostNodes {
            recorder.record(.trouble("node \(node) has ended by itself: \(lastLine(node, world))"))
        }
        await note(recorder) {
            if let stream { try await stream.waitUntilTaken(in: world, seconds: Self.arrivalSeconds) }
        }
        await note(recorder) { try await readContent(of: world, receiver, recorder) }
        try await world.client.run { observer.stop() }
        try await watching
        recorder.record(.end(healed: healed, ended: recorder.now))
    }

    private func readContent(
        of world: World, _ receiver: AlertReceiver?, _ recorder: HistoryRecorder
    ) async throws {
        let stored = try await ContentReader(world: world, users: Workload.users(seed)).read(seconds: 60)
        for record in stored { recorder.record(.stored(record)) }
        guard let receiver else { return }
        let raised = Set(stored.flatMap(\.suspicious))
        recorder.record(
            .received(try await receiver.alerts(awaiting: raised, seconds: Self.arrivalSeconds, recorder)))
    }

    /// What can't be done at the end is said; the checkers judge the rest all the same.
    private func note(_ recorder: HistoryRecorder, _ body: () async throws -> Void) async {
        do { try await body() } catch { recorder.record(.trouble("\(error)")) }
    }

    private func lastLine(_ node: Int, _ world: World) -> String {
        let text = (try? String(contentsOfFile: world.layout.log(node), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").last.map(String.init) ?? "its log is empty"
    }

    private func keepLogs(of world: World) {
        keep(world.layout.clientLog, "clients.log")
        for node in world.nodes {
            for (from, name) in [
                (world.layout.log(node), "node-\(node).log"), (world.layout.postgresLog(node), "postgres-\(node).log"),
            ] {
                keep(from, name)
            }
        }
    }

    private func keep(_ from: String, _ name: String) {
        try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        try? FileManager.default.copyItem(atPath: from, toPath: "\(directory)/\(name)")
    }
}
