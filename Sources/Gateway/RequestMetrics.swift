import Synchronization

/// How long requests take, by route and status.
final class RequestMetrics: Sendable {
    static let name = "redoubt_http_request_duration_seconds"

    private let registry: PrometheusRegistry
    /// Keyed by route and status, so that a request makes no strings.
    private let histograms = Mutex<[Int: PrometheusHistogram]>([:])

    init(_ registry: PrometheusRegistry) {
        self.registry = registry
        registry.describe(
            Self.name,
            "Time from a request's head to the end of its response (of a stream: to its beginning), by route and status."
        )
    }

    func record(_ route: Route, status: Int, nanoseconds: Int64) {
        let histogram = histograms.withLock { histograms in
            let key = route.rawValue << 16 | status
            if let known = histograms[key] { return known }
            let made = registry.histogram(Self.name, [("route", route.template), ("status", String(status))])
            histograms[key] = made
            return made
        }
        histogram.recordNanoseconds(nanoseconds)
    }
}
