import Raft
import Testing

@Suite("The record of what is durable")
struct DurabilityTests {
    private static func entries(_ first: UInt64, _ last: UInt64) -> (first: LogIndex, last: LogIndex) {
        (LogIndex(first), LogIndex(last))
    }

    @Test("rises with the disk's reports, and not by the same report twice")
    func rises() {
        var durability = Durability(durableIndex: LogIndex(3))
        let first = durability.begin(hardState: false, entries: Self.entries(4, 6))
        let second = durability.begin(hardState: true, entries: Self.entries(7, 7))
        #expect(durability.durableIndex == LogIndex(3) && !durability.isHardStateDurable)
        durability.complete(first)
        durability.complete(first)
        #expect(durability.durableIndex == LogIndex(6) && durability.hardStateBarrier == second)
        durability.complete(second)
        #expect(durability.durableIndex == LogIndex(7) && durability.isHardStateDurable)
    }

    @Test("does not take an overwritten write for its successor (cockroach #124440)")
    func overwritten() {
        var durability = Durability(durableIndex: LogIndex(3))
        let old = durability.begin(hardState: false, entries: Self.entries(4, 9))
        let new = durability.begin(hardState: false, entries: Self.entries(5, 6))
        durability.complete(old)
        #expect(durability.durableIndex == LogIndex(4), "entry 4 stands; 5 is another by now")
        durability.complete(new)
        #expect(durability.durableIndex == LogIndex(6))
    }

    @Test("falls when durable entries are replaced")
    func falls() {
        var durability = Durability(durableIndex: LogIndex(9))
        let ticket = durability.begin(hardState: false, entries: Self.entries(4, 4))
        #expect(durability.durableIndex == LogIndex(3))
        durability.complete(ticket)
        #expect(durability.durableIndex == LogIndex(4))
    }
}
