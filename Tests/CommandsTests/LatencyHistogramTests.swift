import Commands
import Testing

@Suite("Figures of a measurement")
struct LatencyHistogramTests {
    @Test("A quantile is right to within a sixty-fourth of its value", arguments: [0.01, 0.5, 0.95, 0.99, 1.0])
    func quantiles(_ quantile: Double) {
        var histogram = LatencyHistogram()
        for value in 1...100_000 { histogram.record(microseconds: Int64(value)) }
        let expected = quantile * 100
        #expect(abs(histogram.milliseconds(quantile: quantile) - expected) <= expected / 64 + 0.001)
    }

    @Test("Histograms add up")
    func merge() {
        var first = LatencyHistogram()
        var second = LatencyHistogram()
        first.record(microseconds: 10)
        second.record(microseconds: 5_000_000_000)
        first.merge(second)
        #expect(first.count == 2)
        #expect(first.milliseconds(quantile: 0.5) == 0.01)
        #expect(first.milliseconds(quantile: 1) == 5_000_000)
    }

    @Test("Order statistics of a few values are values that were measured")
    func sample() {
        let sample = Sample([30, 10, 20, 40])
        #expect(sample.median == 25)
        #expect(sample.quantile(0.99) == 40)
        #expect(sample.quantile(0.25) == 10)
        #expect(Sample([]).median == 0)
    }
}
