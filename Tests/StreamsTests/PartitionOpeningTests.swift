import Kafka
import Streams
import Testing

@Suite struct `Where a partition begins` {
    private static let partition = KafkaPartition(topic: "payments", number: 0)

    private func opening(
        _ stored: LedgerOffset?, _ range: ClosedRange<Int64>, start: StreamStart = .earliest
    ) -> PartitionOpening {
        PartitionOpening(
            of: Self.partition, stored: stored, clusterID: "c",
            watermarks: KafkaWatermarks(low: range.lowerBound, high: range.upperBound), start: start)
    }

    private func kind(_ opening: PartitionOpening) -> StreamAlarm.Kind? {
        if case .alarm(let kind, _) = opening { kind } else { nil }
    }

    @Test func `is where the ledger stands`() {
        for next in [Int64(10), 15, 20] {
            let opening = opening(LedgerOffset(clusterID: "c", next: next), 10...20)
            #expect(opening == .begin(offset: next, isKnown: true))
        }
    }

    @Test func `is an end of it when no ledger has heard of it`() {
        #expect(opening(nil, 10...20) == .begin(offset: 10, isKnown: false))
        #expect(opening(nil, 10...20, start: .latest) == .begin(offset: 20, isKnown: false))
    }

    @Test func `is nowhere when records would be skipped`() {
        #expect(kind(opening(LedgerOffset(clusterID: "c", next: 9), 10...20)) == .offsetExpired)
        #expect(kind(opening(LedgerOffset(clusterID: "c", next: 21), 10...20)) == .offsetBeyondEnd)
        #expect(kind(opening(LedgerOffset(clusterID: "d", next: 15), 10...20)) == .otherCluster)
    }
}
