import Ledger
import Synchronization
import Testing

@Suite struct TransactionIDTests {
    @Test func theWrittenFormReadsBack() throws {
        var random = SeededRandom(1)
        for _ in 0..<200 {
            let id = TransactionID(rawValue: UInt128(random.next()) << 64 | UInt128(random.next()))
            #expect(id.description.count == 30)
            #expect(TransactionID(id.description) == id)
            #expect(TransactionID("txn_" + id.description.dropFirst(4).lowercased()) == id)
        }
        #expect(TransactionID(rawValue: 0).description == "txn_00000000000000000000000000")
        #expect(TransactionID(rawValue: .max).description == "txn_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
        // The ULID specification's example.
        let example = try #require(TransactionID("txn_01ARZ3NDEKTSV4RRFFQ69G5FAV"))
        #expect(example.milliseconds == 1_469_922_850_259)
        #expect(example.description == "txn_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    }

    @Test(arguments: [
        "", "txn_", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "txn_01ARZ3NDEKTSV4RRFFQ69G5FA", "txn_01ARZ3NDEKTSV4RRFFQ69G5FAVV",
        "txn_81ARZ3NDEKTSV4RRFFQ69G5FAV", "txn_0IARZ3NDEKTSV4RRFFQ69G5FAV", "txn_0UARZ3NDEKTSV4RRFFQ69G5FAV",
        "TXN_01ARZ3NDEKTSV4RRFFQ69G5FAV", "txn-01ARZ3NDEKTSV4RRFFQ69G5FAV", "txn_01ARZ3NDEKTSV4RRFFQ69G5F V",
        "txn_01ARZ3NDEKTSV4RRFFQ69G5Fé",
    ])
    func otherTextIsNoID(text: String) {
        #expect(TransactionID(text) == nil)
    }

    @Test func idsSortAsTheirTextsDo() {
        var random = SeededRandom(2)
        let ids = (0..<300).map { _ in TransactionID(rawValue: UInt128(random.next()) << 64 | UInt128(random.next())) }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }

    @Test func theBytesAreBigEndian() {
        let id = TransactionID(rawValue: 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10)
        #expect(id.withBigEndianBytes { Array($0) } == Array(1...16))
    }

    @Test func idsRiseThoughTheClockStepsBack() {
        let time = Atomic<Int64>(1000)
        let generator = TransactionIDGenerator(seed: [1, 2, 3, 4]) { time.load(ordering: .relaxed) }
        var last = TransactionID(rawValue: 0)
        for now in [1000, 1000, 1001, 500, 0, 1001, 1002, -5, 2000] as [Int64] {
            time.store(now, ordering: .relaxed)
            for count in [1, 5, 1] {
                let first = generator.next(count: count)
                #expect(first > last)
                last = first.advanced(by: count - 1)
            }
        }
        #expect(last.milliseconds == 2000)
    }

    @Test func eachMillisecondBeginsAtAnotherPlace() {
        let time = Atomic<Int64>(0)
        let generator = TransactionIDGenerator(seed: [1, 2, 3, 4]) { time.add(1, ordering: .relaxed).newValue }
        let low = (0..<100).map { _ in generator.next().rawValue & (1 << 80 - 1) }
        #expect(Set(low).count == 100)
        #expect(low.allSatisfy { $0 < 1 << 79 })
    }

    @Test func idsAreUniqueAcrossThreadsAndConsecutiveWithinACall() async {
        let generator = TransactionIDGenerator()
        let all = await withTaskGroup(of: [TransactionID].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<500).flatMap { _ in
                        let first = generator.next(count: 3)
                        return (0..<3).map { first.advanced(by: $0) }
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(all).count == 6000)
        #expect(TransactionIDGenerator().next() != TransactionIDGenerator().next())
    }
}
