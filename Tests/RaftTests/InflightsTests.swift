import Raft
import Testing

@Suite("The in-flight window")
struct InflightsTests {
    @Test("is full at its bound in messages, and frees what is acknowledged")
    func messages() {
        var window = Inflights(maxMessages: 3, maxBytes: 1000)
        for index in 1...3 { window.add(last: LogIndex(UInt64(index * 10)), byteCount: 1) }
        #expect(window.isFull && window.count == 3)
        window.free(through: LogIndex(9))
        #expect(window.isFull, "nothing in flight ends at or before 9")
        window.free(through: LogIndex(20))
        #expect(window.count == 1 && !window.isFull)
        window.free(through: LogIndex(100))
        #expect(window.isEmpty && window.byteCount == 0)
    }

    @Test("is full at its bound in bytes, which the last append may cross")
    func bytes() {
        var window = Inflights(maxMessages: 10, maxBytes: 100)
        window.add(last: LogIndex(1), byteCount: 99)
        #expect(!window.isFull)
        window.add(last: LogIndex(2), byteCount: 500)
        #expect(window.isFull && window.byteCount == 599)
        window.free(through: LogIndex(1))
        #expect(window.isFull)
        window.free(through: LogIndex(2))
        #expect(!window.isFull && window.byteCount == 0)
    }

    @Test("loses no bytes however often it goes round (etcd-io/raft e419ba5)")
    func goesRound() {
        var window = Inflights(maxMessages: 4, maxBytes: 1_000_000)
        var expected: [(last: UInt64, bytes: Int)] = []
        var random = SimulationRandom(seed: 7)
        var last: UInt64 = 0
        for _ in 0..<10_000 {
            if !window.isFull, random.chance(60) {
                last += UInt64(random.within(1...3))
                expected.append((last, random.below(100)))
                window.add(last: LogIndex(last), byteCount: expected.last!.bytes)
            } else {
                let match = UInt64(random.within(0...Int(last) + 1))
                expected.removeAll { $0.last <= match }
                window.free(through: LogIndex(match))
            }
            #expect(window.count == expected.count)
            #expect(window.byteCount == expected.reduce(0) { $0 + $1.bytes })
        }
    }

    @Test("forgets all at once")
    func removeAll() {
        var window = Inflights(maxMessages: 2, maxBytes: 10)
        window.add(last: LogIndex(5), byteCount: 50)
        window.removeAll()
        #expect(window.isEmpty && !window.isFull && window.byteCount == 0)
        window.add(last: LogIndex(1), byteCount: 1)
        #expect(window.count == 1)
    }
}
