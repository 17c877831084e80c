public import CoreMetrics
import Synchronization

/// Keeps metrics and writes them as Prometheus reads them (text format 0.0.4).
///
/// The backend of swift-metrics as well: counters become counters, meters and recorders gauges, aggregating recorders and
/// timers histograms. A name has one type for ever, and a bounded number of label sets; what is past the bound is counted
/// together under label values "other".
public final class PrometheusRegistry: MetricsFactory, Sendable {
    public static let defaultMaxSeriesPerName = 256
    public static let maxNames = 1024

    enum Series: Sendable {
        case counter(PrometheusCounter)
        case gauge(PrometheusGauge)
        case histogram(PrometheusHistogram)
    }

    struct Family: Sendable {
        var help: String?
        /// Keyed by the written labels: `route="/metrics",status="200"`.
        var series: [String: Series] = [:]
    }

    private let maxSeriesPerName: Int
    private let families = Mutex<[String: Family]>([:])
    private let collectors = Mutex<[@Sendable () -> Void]>([])

    public init(maxSeriesPerName: Int = PrometheusRegistry.defaultMaxSeriesPerName) {
        precondition(maxSeriesPerName > 0, "a name has at least one series")
        self.maxSeriesPerName = maxSeriesPerName
    }

    /// Says what a metric is, for its HELP line.
    public func describe(_ name: String, _ help: String) {
        let name = PrometheusText.metricName(name)
        families.withLock { families in
            guard families[name] != nil || families.count < Self.maxNames else { return }
            families[name, default: Family()].help = help
        }
    }

    /// Runs `update` before each exposition, to set gauges whose values are had by asking.
    public func onCollect(_ update: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(update) }
    }

    public func counter(_ name: String, _ labels: [(String, String)] = []) -> PrometheusCounter {
        let made = series(name, labels) { .counter(PrometheusCounter()) }
        if case .counter(let counter) = made { return counter }
        return PrometheusCounter()
    }

    public func gauge(_ name: String, _ labels: [(String, String)] = []) -> PrometheusGauge {
        let made = series(name, labels) { .gauge(PrometheusGauge()) }
        if case .gauge(let gauge) = made { return gauge }
        return PrometheusGauge()
    }

    public func histogram(
        _ name: String, _ labels: [(String, String)] = [], bounds: [Double] = PrometheusHistogram.durationBounds
    ) -> PrometheusHistogram {
        let made = series(name, labels) { .histogram(PrometheusHistogram(bounds: bounds)) }
        if case .histogram(let histogram) = made { return histogram }
        return PrometheusHistogram(bounds: bounds)
    }

    /// All metrics as text, in a fixed order: by name, then by labels.
    public func exposition() -> [UInt8] {
        for update in collectors.withLock({ $0 }) { update() }
        let families = families.withLock { $0 }
        var text: [UInt8] = []
        text.reserveCapacity(16_384)
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            PrometheusText.append(name, family, to: &text)
        }
        return text
    }

    /// The series of these labels, made if it is new. A name that has another type already gives a series that is not of
    /// the type wanted: the caller then keeps a metric that no one reads, which harms nothing.
    private func series(_ name: String, _ labels: [(String, String)], _ make: () -> Series) -> Series {
        let name = PrometheusText.metricName(name)
        let key = PrometheusText.labels(labels)
        return families.withLock { families in
            if let known = families[name]?.series[key] { return known }
            guard families[name] != nil || families.count < Self.maxNames else { return make() }
            var family = families[name] ?? Family()
            let made = make()
            if let other = family.series.values.first, other.kind != made.kind { return made }
            var place = key
            if family.series.count >= maxSeriesPerName {
                place = PrometheusText.labels(labels.map { ($0.0, "other") })
                if let overflow = family.series[place] { return overflow }
                // One place is spent on what is past the bound, for each set of label names; those sets are few.
                guard family.series.count < maxSeriesPerName * 2 else { return made }
            }
            family.series[place] = made
            families[name] = family
            return made
        }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions, bounds: PrometheusHistogram.sizeBounds) : gauge(label, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    // Metrics live as long as the process: a series that vanished would look like a reset to Prometheus.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}

extension PrometheusRegistry.Series {
    enum Kind: String { case counter, gauge, histogram }

    var kind: Kind {
        switch self {
        case .counter: .counter
        case .gauge: .gauge
        case .histogram: .histogram
        }
    }
}
