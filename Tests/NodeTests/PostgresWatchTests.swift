import Node
import Raft
import Testing

@Suite("A PostgreSQL that is watched") struct PostgresWatchTests {
    private let start = ContinuousClock.now

    private func look(
        _ watch: inout PostgresWatch, at milliseconds: Int, applied: UInt64, lag: Int, isConnected: Bool = true
    ) -> Bool {
        watch.isServing(
            isConnected: isConnected, applied: LogIndex(applied), lag: lag, now: start + .milliseconds(milliseconds))
    }

    @Test func `serves while it is idle, and while it gets on`() {
        var watch = PostgresWatch()
        for second in 0..<5 { #expect(look(&watch, at: second * 1_000, applied: 7, lag: 0)) }
        for second in 5..<10 { #expect(look(&watch, at: second * 1_000, applied: UInt64(second) + 7, lag: 500)) }
    }

    @Test func `does not serve when it stands still before entries for a second, until it moves`() {
        var watch = PostgresWatch()
        #expect(look(&watch, at: 0, applied: 7, lag: 0))
        #expect(look(&watch, at: 100, applied: 7, lag: 3))
        #expect(look(&watch, at: 999, applied: 7, lag: 40))
        #expect(!look(&watch, at: 1_000, applied: 7, lag: 41))
        #expect(!look(&watch, at: 5_000, applied: 7, lag: 90))
        #expect(look(&watch, at: 5_100, applied: 8, lag: 89))
    }

    @Test func `does not serve while it is away, and has its time again when it is back`() {
        var watch = PostgresWatch()
        #expect(!look(&watch, at: 0, applied: 7, lag: 9, isConnected: false))
        #expect(look(&watch, at: 3_000, applied: 7, lag: 9))
        #expect(look(&watch, at: 3_900, applied: 7, lag: 9))
        #expect(!look(&watch, at: 4_000, applied: 7, lag: 9))
    }
}
