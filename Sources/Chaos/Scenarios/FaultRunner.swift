/// Carries out the steps of a run, each at its time, and records what became of them.
struct FaultRunner: Sendable {
    let world: World
    let recorder: HistoryRecorder
    let seed: UInt64

    private static let calmSeconds = 60.0

    /// Until all faults have ended. Where one takes longer than was planned, those that come after come later; those on
    /// top of it come when they should.
    func run(_ steps: [Scenario.Step], say: @escaping @Sendable (String) -> Void) async {
        let numbered = steps.enumerated().map { (number: $0.offset + 1, step: $0.element) }
        var rest = numbered[...]
        var began = recorder.now
        while let first = rest.popFirst() {
            let due = began + Int64(first.step.atMilliseconds) * 1_000
            try? await Task.sleep(for: .microseconds(max(0, due - recorder.now)))
            guard await world.waitUntilReady(world.nodes, seconds: Self.calmSeconds) else {
                recorder.record(.trouble("not all nodes are ready \(Self.calmSeconds) s after the faults before"))
                return
            }
            began += max(0, recorder.now - due)
            let companions = rest.prefix { $0.step.overlaps }
            rest = rest.dropFirst(companions.count)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await perform(first.step, number: first.number, say: say) }
                for companion in companions {
                    group.addTask {
                        let delay = companion.step.atMilliseconds - first.step.atMilliseconds
                        try? await Task.sleep(for: .milliseconds(max(0, delay)))
                        await perform(companion.step, number: companion.number, say: say)
                    }
                }
            }
        }
    }

    private func perform(_ step: Scenario.Step, number: Int, say: @Sendable (String) -> Void) async {
        var fault = step.fault
        var random = SeededRandom(seed: seed &+ UInt64(number))
        let site = FaultSite(world: world, tag: "fault-\(number)", seed: random.next())
        let started = recorder.now
        var evidence: String?
        do {
            try await fault.start(at: site)
            try await Task.sleep(for: .milliseconds(step.forMilliseconds))
            evidence = try await fault.evidence(at: site)
        } catch {
            recorder.record(.trouble("fault \(number) \(fault.name): \(error)"))
        }
        do {
            try await fault.stop(at: site)
        } catch {
            recorder.record(.trouble("fault \(number) \(fault.name) could not be ended: \(error)"))
        }
        recorder.record(
            .fault(
                FaultRecord(
                    number: number, name: fault.name, started: started, ended: recorder.now,
                    excused: fault.excused.sorted(), evidence: evidence)))
        say("  \(started / 1_000) ms  \(fault.name): \(evidence ?? "did not bite")")
    }
}
