import Ledger
import Raft
import Testing

@Suite("Positions in the outbox")
struct OutboxPositionTests {
    @Test("A position is read as it is written")
    func roundTrip() {
        for position in [
            OutboxPosition.start, place(4_711, 3), place(.max, .max),
        ] {
            #expect(OutboxPosition(position.description) == position)
        }
        #expect(place(4_711, 3).description == "4711.3")
    }

    @Test(
        "What is no position is not taken for one",
        arguments: [
            "", ".", "1", "1.", ".1", "1.2.3", "+1.0", "-1.0", "01.0", "1.00", "1.0 ", "a.b", "1.4294967296",
            "18446744073709551616.0", "１.０",
        ])
    func nonsense(_ text: String) {
        #expect(OutboxPosition(text) == nil)
    }

    @Test("Positions are ordered by entry, then by alert")
    func order() {
        #expect(place(2, 0) > place(1, 9))
        #expect(place(2, 1) > place(2, 0))
    }

    private func place(_ index: UInt64, _ ordinal: UInt32) -> OutboxPosition {
        OutboxPosition(index: LogIndex(index), ordinal: ordinal)
    }
}
