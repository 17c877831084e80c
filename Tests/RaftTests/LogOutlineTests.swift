import Raft
import Testing

@Suite("A log's outline")
struct LogOutlineTests {
    private static func outlines(_ terms: [UInt64], bytes: Int = 10) -> [EntryOutline] {
        terms.map { EntryOutline(term: Term($0), kind: .command, byteCount: bytes) }
    }

    private static func index(_ value: UInt64) -> LogIndex { LogIndex(value) }

    @Test("knows the term of what it keeps and of its base, and nothing of the rest")
    func terms() {
        let log = LogOutline(baseIndex: LogIndex(5), baseTerm: Term(2), outlines: Self.outlines([2, 2, 4, 7]))
        #expect((3...11).map { log.term(at: LogIndex($0))?.rawValue } == [nil, nil, 2, 2, 2, 4, 7, nil, nil])
        #expect(log.lastIndex == LogIndex(9) && log.lastTerm == Term(7) && log.count == 4)
        #expect(LogOutline(baseIndex: LogIndex(3), baseTerm: Term(1)).lastTerm == Term(1))
    }

    @Test("skips a whole term to where two logs may still agree")
    func hints() {
        let log = LogOutline(outlines: Self.outlines([1, 1, 1, 4, 4, 6]))
        func hint(_ limit: UInt64, _ term: UInt64) -> [UInt64] {
            let entry = log.lastEntry(atOrBefore: LogIndex(limit), termAtMost: Term(term))
            return [entry.index.rawValue, entry.term.rawValue]
        }
        #expect(hint(6, 6) == [6, 6])
        #expect(hint(6, 5) == [5, 4])
        #expect(hint(100, 9) == [6, 6])
        #expect(hint(4, 9) == [4, 4])
        #expect(hint(6, 3) == [3, 1])
        #expect(hint(2, 3) == [2, 1])
        #expect(hint(6, 0) == [0, 0])
    }

    @Test("tells how many entries fit, and always lets one through")
    func fitting() {
        let size = 10 + LogOutline.entryOverheadBytes
        let log = LogOutline(outlines: Self.outlines(Array(repeating: 1, count: 20)))
        #expect(log.lastIndex(from: LogIndex(3), fitting: 3 * size) == LogIndex(5))
        #expect(log.lastIndex(from: LogIndex(3), fitting: 3 * size - 1) == LogIndex(4))
        #expect(log.lastIndex(from: LogIndex(3), fitting: 1) == LogIndex(3))
        #expect(log.lastIndex(from: LogIndex(3), fitting: 1_000_000) == LogIndex(20))
        #expect(log.byteCount(after: LogIndex(0), through: LogIndex(20)) == 20 * size)
        #expect(log.byteCount(after: LogIndex(20), through: LogIndex(20)) == 0)
    }

    @Test("is, whatever was appended, truncated and compacted, as one made of what is left")
    func randomOperations() {
        for seed in UInt64(0)..<50 {
            var random = SimulationRandom(seed: seed)
            var log = LogOutline()
            var model: [EntryOutline] = []  // From index 1 on; never compacted.
            var base = 0
            for _ in 0..<200 {
                switch random.below(10) {
                case 0 where model.count > base:
                    let first = random.within(base + 1...model.count)
                    model.removeSubrange((first - 1)...)
                    log.truncate(from: LogIndex(UInt64(first)))
                case 1:
                    base = random.within(base...model.count)
                    log.compact(through: LogIndex(UInt64(base)))
                default:
                    let term = (model.last?.term.rawValue ?? 0) + (random.chance(20) ? 1 : 0)
                    let outline = EntryOutline(
                        term: Term(term), kind: random.chance(10) ? .noop : .command, byteCount: random.below(50))
                    model.append(outline)
                    log.append(outline)
                }
                let fresh = LogOutline(
                    baseIndex: LogIndex(UInt64(base)), baseTerm: base == 0 ? .zero : model[base - 1].term,
                    outlines: Array(model[base...]))
                #expect(log == fresh, "seed \(seed)")
                for index in base..<model.count {
                    #expect(log.term(at: LogIndex(UInt64(index) + 1)) == model[index].term)
                }
                let bytes = model[base...].reduce(0) { $0 + $1.byteCount + LogOutline.entryOverheadBytes }
                #expect(log.byteCount(after: log.baseIndex, through: log.lastIndex) == bytes)
            }
        }
    }
}
