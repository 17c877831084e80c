import CoreMetrics
import Gateway
import Testing

@Suite("Metrics are written as Prometheus reads them")
struct PrometheusTests {
    private func text(_ registry: PrometheusRegistry) -> String {
        String(decoding: registry.exposition(), as: UTF8.self)
    }

    @Test("The exposition is the same to the byte, whatever the order of making")
    func golden() {
        let registry = PrometheusRegistry()
        let histogram = registry.histogram("request_seconds", [("route", "/a"), ("code", "200")], bounds: [0.1, 1])
        registry.describe("request_seconds", "How long,\nwith a \\ in it.")
        histogram.record(0.05)
        histogram.record(0.1)
        histogram.record(0.5)
        histogram.record(3.0)
        registry.gauge("queue.depth").set(2.5)
        registry.counter("taken_total", [("by", "b\"\\\n")]).increment(by: Int64(3))
        registry.counter("taken_total", [("by", "a")]).increment(by: 0.5)
        registry.describe("never_made", "Not shown.")
        #expect(
            text(registry) == #"""
                # TYPE queue_depth gauge
                queue_depth 2.5
                # HELP request_seconds How long,\nwith a \\ in it.
                # TYPE request_seconds histogram
                request_seconds_bucket{code="200",route="/a",le="0.1"} 2
                request_seconds_bucket{code="200",route="/a",le="1"} 3
                request_seconds_bucket{code="200",route="/a",le="+Inf"} 4
                request_seconds_sum{code="200",route="/a"} 3.65
                request_seconds_count{code="200",route="/a"} 4
                # TYPE taken_total counter
                taken_total{by="a"} 0.5
                taken_total{by="b\"\\\n"} 3

                """#)
    }

    @Test("The metrics API of Swift ends in the registry")
    func swiftMetrics() {
        let registry = PrometheusRegistry()
        Counter(label: "c", dimensions: [("x", "1")], factory: registry).increment(by: 2)
        Gauge(label: "g", factory: registry).record(7)
        Meter(label: "m", factory: registry).increment(by: 1.5)
        Timer(label: "t", factory: registry).recordMilliseconds(20)
        Recorder(label: "r", factory: registry).record(100)
        let text = text(registry)
        #expect(text.contains("c{x=\"1\"} 2\n"))
        #expect(text.contains("# TYPE g gauge\ng 7\n"))
        #expect(text.contains("m 1.5\n"))
        #expect(text.contains("t_bucket{le=\"0.01\"} 0\nt_bucket{le=\"0.025\"} 1\n"))
        #expect(text.contains("t_sum 0.02\n"))
        #expect(text.contains("# TYPE r histogram\n"))
    }

    @Test("A counter never goes back")
    func counterGrows() {
        let counter = PrometheusRegistry().counter("c")
        counter.increment(by: 2.0)
        counter.increment(by: -1.0)
        counter.increment(by: .nan)
        #expect(counter.value == 2)
    }

    @Test("Label sets past the bound are counted together")
    func bound() {
        let registry = PrometheusRegistry(maxSeriesPerName: 2)
        for user in 0..<100 { registry.counter("c", [("user", String(user))]).increment(by: 1.0) }
        #expect(
            text(registry) == """
                # TYPE c counter
                c{user="0"} 1
                c{user="1"} 1
                c{user="other"} 98

                """)
    }

    @Test("A name keeps its first type")
    func typeClash() {
        let registry = PrometheusRegistry()
        registry.counter("x").increment(by: 1.0)
        registry.gauge("x").set(9.0)
        #expect(text(registry) == "# TYPE x counter\nx 1\n")
    }

    @Test("Names are made fit")
    func names() {
        let registry = PrometheusRegistry()
        registry.counter("9 lives/ä", [("a-b", "1")]).increment(by: 1.0)
        #expect(text(registry).hasSuffix("_9_lives___{a_b=\"1\"} 1\n"))
    }

    @Test("Gauges that are had by asking are asked at each exposition")
    func collected() {
        let registry = PrometheusRegistry()
        let gauge = registry.gauge("now")
        registry.onCollect { gauge.increment(by: 1) }
        #expect(text(registry).contains("now 1\n"))
        #expect(text(registry).contains("now 2\n"))
    }
}
