internal import Glibc
internal import Synchronization
internal import Threads

/// Runs worlds on threads of their own. A trap in the code under test ends its thread and not the process: the thread is
/// parked where it stands, the world is left as it was in that moment, and its seed is reported like any other failure.
final class GuardedThread: @unchecked Sendable {
    /// The signal that ended the thread; zero while it is well.
    let signal = Atomic<Int32>(0)
    /// The world that the thread is at. To be looked at by others only when `signal` isn't zero.
    nonisolated(unsafe) var world: World?
    let began = Atomic<Int>(0)
    let seed = Atomic<UInt64>(0)

    init(_ body: @escaping @Sendable (GuardedThread) -> Void) {
        _ = Self.isArmed
        // The thread lasts at least as long as its owner looks at it; one that is parked lasts for ever.
        let reference = Unmanaged.passRetained(self)
        thread = DedicatedThread(name: "simulation") {
            let owner = reference.takeUnretainedValue()
            pthread_setspecific(Self.key, reference.toOpaque())
            body(owner)
            pthread_setspecific(Self.key, nil)
            reference.release()
        }
    }

    private nonisolated(unsafe) var thread: DedicatedThread?

    func join() { thread?.join() }

    func run(_ plan: Plan, tracing: Bool) -> SimulationResult {
        let world = World(plan, tracing: tracing)
        self.world = world
        seed.store(plan.seed, ordering: .relaxed)
        began.store(Self.seconds(), ordering: .releasing)
        defer {
            began.store(0, ordering: .releasing)
            self.world = nil
        }
        return Simulation.run(world)
    }

    /// What a thread that was ended leaves.
    func remains() -> SimulationResult {
        let name = String(cString: strsignal(signal.load(ordering: .acquiring)))
        var result = SimulationResult(seed: seed.load(ordering: .relaxed), failure: "trap (\(name))")
        if let world {
            result.failure =
                "trap (\(name)) in \(world.present.map { "the core of \(world.nodes[$0].id)" } ?? "the harness")"
            result.simulated = world.now
            result.trace = world.trace
            result.trace?.add("VIOLATION: \(result.failure!)", at: world.now)
        }
        return result
    }

    static func seconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, nil) == 0, "no thread-specific key")
        return key
    }()

    private static let isArmed: Bool = {
        _ = key
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                guard let slot = pthread_getspecific(GuardedThread.key) else {
                    // Not one of ours: as if there were no handler.
                    Glibc.signal(number, SIG_DFL)
                    raise(number)
                    return
                }
                Unmanaged<GuardedThread>.fromOpaque(slot)._withUnsafeGuaranteedRef {
                    $0.signal.store(number, ordering: .releasing)
                }
                while true { pause() }
            }
            sigaction(number, &action, nil)
        }
        return true
    }()
}

/// One world on a guarded thread.
package enum GuardedRun {
    package static func run(_ plan: Plan, tracing: Bool, limitSeconds: Int = 60) -> SimulationResult {
        let box = Monitor<SimulationResult?>(nil)
        let thread = GuardedThread { thread in
            let result = thread.run(plan, tracing: tracing)
            box.update { $0 = result }
        }
        let end = GuardedThread.seconds() + limitSeconds
        while GuardedThread.seconds() < end {
            if let result = box.wait(timeoutMilliseconds: 50, until: { $0 }) {
                thread.join()
                return result
            }
            if thread.signal.load(ordering: .acquiring) != 0 { return thread.remains() }
        }
        return SimulationResult(seed: plan.seed, failure: "hangs: no end after \(limitSeconds) s")
    }
}
