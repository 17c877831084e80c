import Pipeline
import Raft
import Testing

@Suite struct `How far the log may be compacted` {
    private func compactable(_ progress: PipelineProgress, checkpoint: UInt64 = 100, flushed: UInt64 = 100) -> UInt64? {
        progress.compactable(checkpoint: LogIndex(checkpoint), flushed: LogIndex(flushed))?.rawValue
    }

    @Test func `is no further than every member, the fold, PostgreSQL and a checkpoint are`() {
        let progress = PipelineProgress(folded: LogIndex(90))
        #expect(compactable(progress) == nil)
        progress.compactionFloorRose(to: LogIndex(50))
        #expect(compactable(progress, checkpoint: 20) == 20)
        #expect(compactable(progress, flushed: 30) == 30)
        #expect(compactable(progress) == 50)
        progress.compactionFloorRose(to: LogIndex(95))
        #expect(compactable(progress) == 90)
        #expect(compactable(progress) == nil)
    }

    @Test func `is no further than the lowest hold that lives`() throws {
        let progress = PipelineProgress(folded: LogIndex(100))
        progress.compactionFloorRose(to: LogIndex(100))
        var low = progress.hold(after: LogIndex(40))
        let high = progress.hold(after: LogIndex(60))
        #expect(low?.index == LogIndex(40) && high?.index == LogIndex(60))
        #expect(compactable(progress) == 40)
        #expect(compactable(progress) == nil)
        low = nil
        #expect(low == nil && compactable(progress) == 60)
        #expect(progress.hold(after: LogIndex(59)) == nil)
        withExtendedLifetime(high) {}
    }
}
