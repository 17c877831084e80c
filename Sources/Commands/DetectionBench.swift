import Detection
import Foundation
import Generator

/// The measurements of `bench detect`: all of detection on one core, from a payment's numbers to its decision and its
/// profiles, as the leader does it.
struct DetectionBench {
    /// Payments that fill the profiles before anything is measured, and as many that are measured.
    let payments: Int
    let users: Int
    let seed: UInt64
    /// Seconds that each measurement takes at least.
    let seconds: Double
    /// Nil: one is trained on the payments of the warm-up.
    let model: DetectionModel?

    static let batchSize = 256

    func run(report: (String) -> Void) -> DetectionBenchResult {
        report("measuring the memory of profiles")
        let memory = ProfileMemoryBench(entries: 20_000).run()
        report("making up \(2 * payments) payments of \(users) users")
        let events = makeEvents()
        let world = BenchWorld(users: users, warmUp: Array(events.prefix(payments)))
        report("training a model on \(payments) payments")
        let model = model ?? world.trainModel(seed: seed)
        report("measuring")
        let measured = Array(events.suffix(payments))
        let batches = batchRate(world, model, measured)
        let single = singleLatencies(world, model, measured)
        let forest = ForestBench(forest: model.forest, table: world.features).run(seconds: seconds)
        return DetectionBenchResult(
            payments: payments, users: users, batchSize: Self.batchSize,
            batchPerSecond: batches.perProcessorSecond.rounded(places: 0),
            batchPerWallSecond: batches.perWallSecond.rounded(places: 0),
            single: single.known, stranger: single.unheld, alertShare: batches.alertShare.rounded(places: 4),
            rulesMicroseconds: rulesMicroseconds(world, measured).rounded(places: 3),
            memory: memory, modelBytes: model.encode().count, forest: forest)
    }

    private func makeEvents() -> [(event: PaymentEvent, isFraud: Bool)] {
        var generator = PaymentGenerator(options: GeneratorOptions(seed: seed, users: users))
        var events: [(event: PaymentEvent, isFraud: Bool)] = []
        while events.count < 2 * payments {
            events += generator.nextDay().map { ($0.event, $0.isFraud) }
        }
        return Array(events.prefix(2 * payments))
    }

    private struct BatchRate {
        var perProcessorSecond = 0.0
        var perWallSecond = 0.0
        var alertShare = 0.0
    }

    /// A detector whose transformer has met every user, as one has that judged the warm-up.
    private func warmDetector(
        _ world: BenchWorld, _ model: DetectionModel, _ events: [(event: PaymentEvent, isFraud: Bool)]
    ) -> Detector {
        let detector = Detector(model: model, rules: .standard, lists: ValueLists(), cacheCapacity: 2 * users)
        var met: Set<UInt64> = []
        for payment in events where met.insert(payment.event.userKey).inserted {
            _ = Self.assess(payment.event, world.profiles, detector)
        }
        return detector
    }

    private static func assess(_ event: PaymentEvent, _ profiles: borrowing Profiles, _ detector: Detector) -> Token {
        let observation = profiles.observe(event)
        _ = detector.assess(
            event, observation, history: profiles[user: event.userKey]?.sequence ?? TokenSequence())
        return observation.token
    }

    /// Passes over the payments, each from the same profiles; the best one counts.
    private func batchRate(
        _ world: BenchWorld, _ model: DetectionModel, _ events: [(event: PaymentEvent, isFraud: Bool)]
    ) -> BatchRate {
        var best = BatchRate()
        let until = BenchClock.wall() + seconds
        repeat {
            let detector = warmDetector(world, model, events)
            var profiles = world.profiles
            var alerts = 0
            let start = (BenchClock.processor(), BenchClock.wall())
            for batch in stride(from: 0, to: events.count, by: Self.batchSize) {
                for position in batch..<min(batch + Self.batchSize, events.count) {
                    let event = events[position].event
                    let observation = profiles.observe(event)
                    detector.stage(
                        event, observation, history: profiles[user: event.userKey]?.sequence ?? TokenSequence())
                    profiles.fold(event, observation.token)
                }
                detector.assessStaged { alerts += $0.decision == .approve ? 0 : 1 }
            }
            let spent = (BenchClock.processor() - start.0, BenchClock.wall() - start.1)
            best.perProcessorSecond = max(best.perProcessorSecond, Double(events.count) / spent.0)
            best.perWallSecond = max(best.perWallSecond, Double(events.count) / spent.1)
            best.alertShare = Double(alerts) / Double(events.count)
        } while BenchClock.wall() < until
        return best
    }

    /// Microseconds of processor time that the standard rules alone take for a payment; of passes, the best one counts.
    private func rulesMicroseconds(
        _ world: BenchWorld, _ events: [(event: PaymentEvent, isFraud: Bool)]
    ) -> Double {
        let rules = RuleProgram.standard
        let lists = ValueLists()
        let contexts = events.prefix(10_000).map {
            RuleContext(event: $0.event, features: world.profiles.observe($0.event).features, lists: lists)
        }
        var best = Double.infinity
        var fired = 0
        let until = BenchClock.wall() + seconds
        repeat {
            let start = BenchClock.processor()
            for context in contexts {
                if rules.evaluate(context, phase: .beforeModel) != .none { fired += 1 }
                if rules.evaluate(context, phase: .afterModel) != .none { fired += 1 }
            }
            best = min(best, (BenchClock.processor() - start) / Double(contexts.count) * 1e6)
        } while BenchClock.wall() < until
        precondition(fired > 0, "of ten thousand payments some fire a rule")
        return best
    }

    /// Microseconds from a payment to its assessment and folded profiles, each alone; of users whose state the
    /// transformer holds, and of users whose state it must make from their history first.
    private func singleLatencies(
        _ world: BenchWorld, _ model: DetectionModel, _ events: [(event: PaymentEvent, isFraud: Bool)]
    ) -> (known: LatencyResult, unheld: LatencyResult) {
        let detector = warmDetector(world, model, events)
        // Room for one user: every payment is another's, nearly.
        let forgetful = Detector(model: model, rules: .standard, lists: ValueLists(), cacheCapacity: 1)
        var profiles = world.profiles
        var known = LatencySamples(capacity: events.count)
        var unheld = LatencySamples(capacity: events.count)
        for (position, payment) in events.enumerated() {
            let event = payment.event
            if position.isMultiple(of: 10) { unheld.measure { _ = Self.assess(event, profiles, forgetful) } }
            known.measure { profiles.fold(event, Self.assess(event, profiles, detector)) }
        }
        return (known.result, unheld.result)
    }
}

/// Latencies of single payments by two clocks: the one on the wall, in which other work on the machine is seen, and
/// this thread's own on the processor.
private struct LatencySamples {
    private var wall: [Double] = []
    private var processor: [Double] = []

    init(capacity: Int) {
        wall.reserveCapacity(capacity)
        processor.reserveCapacity(capacity)
    }

    mutating func measure(_ body: () -> Void) {
        let start = (BenchClock.wall(), BenchClock.processor())
        body()
        let end = (BenchClock.processor(), BenchClock.wall())
        processor.append((end.0 - start.1) * 1e6)
        wall.append((end.1 - start.0) * 1e6)
    }

    var result: LatencyResult {
        let (wall, processor) = (Sample(wall), Sample(processor))
        return LatencyResult(
            median: wall.quantile(0.5).rounded(places: 2), p99: wall.quantile(0.99).rounded(places: 2),
            processorMedian: processor.quantile(0.5).rounded(places: 2),
            processorP99: processor.quantile(0.99).rounded(places: 2))
    }
}

/// Time in seconds.
enum BenchClock {
    /// Of this thread on a processor.
    static func processor() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }
    static func wall() -> Double { seconds(CLOCK_MONOTONIC) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
