public import CoreMetrics
import Synchronization

/// A count that only grows.
public final class PrometheusCounter: CounterHandler, FloatingPointCounterHandler {
    private let bits = Atomic<UInt64>(0)

    init() {}

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    public func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// Negative amounts, infinities and NaN are not counted: a counter never goes back.
    public func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        bits.update { $0 + amount }
    }

    public func reset() { bits.store(0, ordering: .relaxed) }
}

/// A value that goes up and down.
public final class PrometheusGauge: MeterHandler, RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    init() {}

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    public func set(_ value: Int64) { set(Double(value)) }
    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    public func increment(by amount: Double) { bits.update { $0 + amount } }
    public func decrement(by amount: Double) { bits.update { $0 - amount } }
    public func record(_ value: Int64) { set(Double(value)) }
    public func record(_ value: Double) { set(value) }
}

extension Atomic where Value == UInt64 {
    /// Replaces the double whose bits are kept here.
    fileprivate borrowing func update(_ change: (Double) -> Double) {
        var old = load(ordering: .relaxed)
        while true {
            let (exchanged, original) = weakCompareExchange(
                expected: old, desired: change(Double(bitPattern: old)).bitPattern, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}

/// How often values fell at or below each of a few bounds.
public final class PrometheusHistogram: TimerHandler, RecorderHandler {
    /// From 100 microseconds to 10 seconds.
    public static let durationBounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// For sizes and counts: powers of four.
    public static let sizeBounds: [Double] = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576]

    struct Content {
        /// Not cumulative; the last place is for what exceeds every bound.
        var counts: [UInt64]
        var sum: Double
    }

    /// Ascending, in the unit of the metric.
    let bounds: [Double]
    private let state: Mutex<Content>

    init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "the bounds of a histogram ascend")
        self.bounds = bounds
        state = Mutex(Content(counts: [UInt64](repeating: 0, count: bounds.count + 1), sum: 0))
    }

    var content: Content { state.withLock { $0 } }

    public func record(_ value: Int64) { record(Double(value)) }

    public func record(_ value: Double) {
        guard value.isFinite else { return }
        var place = 0
        while place < bounds.count, value > bounds[place] { place += 1 }
        state.withLock { content in
            content.counts[place] += 1
            content.sum += value
        }
    }

    /// Timers are kept in seconds.
    public func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
