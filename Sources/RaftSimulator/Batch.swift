internal import Synchronization
internal import Threads

/// Many seeds on many threads; each world is one thread's alone.
package struct Batch: Sendable {
    package var seeds: ClosedRange<UInt64>
    package var jobs: Int
    package var defect = DriverDefect.none
    /// Stops after this many failures.
    package var maxFailures = 10
    /// A world that takes longer hangs.
    package var limitSeconds = 60

    package init(seeds: ClosedRange<UInt64>, jobs: Int) {
        self.seeds = seeds
        self.jobs = jobs
    }

    private struct State: Sendable {
        var next: UInt64?
        var summary = BatchSummary()
        var isStopping = false
        var finished = 0
    }

    package func run() -> BatchSummary {
        let start = Self.now()
        let state = Monitor(State(next: seeds.lowerBound))
        var threads = (0..<max(1, jobs)).map { _ in worker(state) }
        var living = threads.count
        while true {
            let isOver: Bool? = state.wait(timeoutMilliseconds: 100) { $0.finished == living ? true : nil }
            if isOver == true { break }
            for place in threads.indices {
                let thread = threads[place]
                var loss: SimulationResult?
                let began = thread.began.load(ordering: .acquiring)
                if thread.signal.load(ordering: .acquiring) != 0 {
                    loss = thread.remains()
                } else if began != 0, GuardedThread.seconds() - began > limitSeconds {
                    loss = SimulationResult(
                        seed: thread.seed.load(ordering: .relaxed), failure: "hangs: no end after \(limitSeconds) s")
                }
                guard let loss else { continue }
                let goesOn = state.update { state in
                    state.summary.add(loss)
                    state.isStopping = state.summary.failures.count >= maxFailures
                    return !state.isStopping
                }
                if goesOn {
                    threads[place] = worker(state)
                } else {
                    threads.remove(at: place)
                    living -= 1
                    break
                }
            }
        }
        for thread in threads { thread.join() }
        var summary = state.withLock { $0.summary }
        summary.wallSeconds = Self.now() - start
        return summary
    }

    private func worker(_ state: Monitor<State>) -> GuardedThread {
        GuardedThread { [self] thread in
            while let seed = take(state) {
                var plan = PlanGenerator.plan(seed: seed)
                plan.defect = defect
                let result = thread.run(plan, tracing: false)
                state.withLock { state in
                    state.summary.add(result)
                    if state.summary.failures.count >= maxFailures { state.isStopping = true }
                }
            }
            state.update { $0.finished += 1 }
        }
    }

    private func take(_ state: Monitor<State>) -> UInt64? {
        state.withLock { state in
            guard !state.isStopping, let seed = state.next else { return nil }
            state.next = seed < seeds.upperBound ? seed + 1 : nil
            return seed
        }
    }

    private static func now() -> Double {
        let elapsed = ContinuousClock.now - epoch
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    private static let epoch = ContinuousClock.now
}
