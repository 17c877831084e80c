import Chaos
import Testing

@Suite("Pauses")
struct FailoverSampleTests {
    @Test("Are the longest stretch without an acknowledgement from the fault on")
    func pause() {
        #expect(FailoverSample.pause(since: 1_000, [500, 900, 1_500, 41_500, 42_000]) == 40)
        #expect(FailoverSample.pause(since: 1_000, [31_000, 32_000]) == 30)
        #expect(FailoverSample.pause(since: 1_000, []) == 0)
    }

    @Test("Have quantiles that rounds really had")
    func quantiles() {
        let sample = FailoverSample(kind: .crash, pauses: (1...100).map(Double.init))
        #expect(sample.quantile(0.5) == 50)
        #expect(sample.quantile(0.99) == 99)
        #expect(sample.quantile(1) == 100)
    }

    @Test("Fail the kind that has a failed post, a round that did not bite, or too long a pause")
    func verdict() {
        #expect(FailoverSample(kind: .crash, pauses: [100]).isPass)
        #expect(!FailoverSample(kind: .crash, pauses: [100], failed: 1).isPass)
        #expect(!FailoverSample(kind: .crash, pauses: [100], toothless: 1).isPass)
        #expect(!FailoverSample(kind: .crash, pauses: [501]).isPass)
        #expect(!FailoverSample(kind: .crash).isPass)
    }
}
