internal import Raft

/// What became of one world.
package struct SimulationResult: Sendable {
    package var seed: UInt64
    /// The first thing that was wrong; nil if nothing was.
    package var failure: String?
    package var steps = 0
    package var simulated: Microseconds = 0
    package var peace: Microseconds = 0
    package var calls = 0
    package var undecided = 0
    package var tally = Tally()
    package var trace: Trace?
}

/// One world from its plan to its verdict.
package enum Simulation {
    package static func run(_ plan: Plan, tracing: Bool = false) -> SimulationResult {
        let world = World(plan, tracing: tracing)
        return run(world)
    }

    static func run(_ world: World) -> SimulationResult {
        world.run()
        var result = SimulationResult(seed: world.plan.seed, failure: world.complaint)
        if result.failure == nil {
            switch Linearizability.check(world.history) {
            case .linearizable: break
            case .undecided: result.undecided = 1
            case .violated(let key, let calls):
                result.failure = "linearizability: the calls on register \(key) have no order"
                for call in calls { world.note("\(call)") }
            }
        }
        result.steps = world.steps
        result.simulated = world.now
        result.peace = world.now - world.peaceBegan
        result.calls = world.history.count
        result.tally = world.tally
        result.trace = world.trace
        return result
    }
}
