import Bytes
import Detection
import Testing

@Suite struct ValueListsTests {
    private func encoded(_ lists: ValueLists) -> [UInt8] {
        var writer = ByteWriter()
        lists.encode(into: &writer)
        return writer.bytes
    }

    private func decoded(_ bytes: [UInt8]) throws -> ValueLists {
        try bytes.withUnsafeBytes {
            var reader = ByteReader($0)
            return try ValueLists(from: &reader)
        }
    }

    private func randomChange(_ random: inout SeededRandom) -> ListChange {
        let name = ["a", "b", "c", "d"][random.below(4)]
        let keys = (0..<random.below(6)).map { _ in UInt64(random.below(20)) }
        switch random.below(6) {
        case 0: return .create(name: name, kind: ListKind.allCases[random.below(5)])
        case 1: return .delete(name: name)
        case 2: return .remove(keys: keys, from: name)
        default: return .add(keys: keys, to: name)
        }
    }

    @Test(arguments: 0..<5)
    func changesUndoneInReverseLeaveNoTrace(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var lists = ValueLists()
        var undos: [(undo: ValueLists.Undo, before: ValueLists)] = []
        for _ in 0..<2000 {
            if random.below(3) == 0, let (undo, before) = undos.popLast() {
                lists.undo(undo)
                #expect(lists == before)
                #expect(encoded(lists) == encoded(before))
                continue
            }
            let before = lists
            do {
                undos.append((try lists.apply(randomChange(&random)), before))
            } catch {
                #expect(lists == before, "what is refused changes nothing")
            }
            #expect(lists.entryCount == lists.lists.reduce(0) { $0 + $1.keys.count })
        }
    }

    @Test func equalListsGiveEqualBytesAndBackAgain() throws {
        var random = SeededRandom(seed: 9)
        var lists = ValueLists()
        for _ in 0..<500 { _ = try? lists.apply(randomChange(&random)) }
        let restored = try decoded(encoded(lists))
        #expect(restored == lists)
        #expect(restored.entryCount == lists.entryCount)
        var backwards = ValueLists()
        for list in lists.lists.reversed() {
            try backwards.apply(.create(name: list.name, kind: list.kind))
            try backwards.apply(.add(keys: list.keys.sorted().reversed(), to: list.name))
        }
        #expect(encoded(backwards) == encoded(lists))
    }

    @Test func whatNoChangeCouldHaveMadeIsMalformed() throws {
        var lists = ValueLists()
        try lists.apply(.create(name: "ab", kind: .user))
        try lists.apply(.add(keys: [1, 2, 3], to: "ab"))
        try lists.apply(.create(name: "cd", kind: .country))
        let bytes = encoded(lists)
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) { try decoded(Array(bytes.prefix(count))) }
        }
        for (place, value) in [(0, UInt8(65)), (3, 0x20), (5, 9), (10, 9)] {
            var wrong = bytes
            wrong[place] = value
            #expect(throws: MalformedBytes.self) { try decoded(wrong) }
        }
        var random = SeededRandom(seed: 4)
        for _ in 0..<2000 {
            var wrong = bytes
            wrong[random.below(wrong.count)] = UInt8(random.below(256))
            if let read = try? decoded(wrong) { #expect(encoded(read).count <= wrong.count) }
        }
    }

    @Test func listsAndEntriesAreBounded() throws {
        var lists = ValueLists()
        for number in 0..<ValueLists.maximumLists { try lists.apply(.create(name: "l\(number)", kind: .user)) }
        #expect(throws: ListError.tooManyLists) { try lists.apply(.create(name: "another", kind: .user)) }
        let full = (0..<UInt64(ValueLists.maximumEntriesPerList)).map { $0 }
        let lists4 = ValueLists.maximumEntries / ValueLists.maximumEntriesPerList
        for number in 0..<lists4 { try lists.apply(.add(keys: full, to: "l\(number)")) }
        #expect(throws: ListError.tooManyEntries(list: "l0")) { try lists.apply(.add(keys: [.max], to: "l0")) }
        try lists.apply(.add(keys: [5, 5, 6], to: "l0"))
        #expect(throws: ListError.tooManyEntriesInAll) { try lists.apply(.add(keys: [1], to: "l\(lists4)")) }
        #expect(lists.entryCount == ValueLists.maximumEntries)
    }

    @Test func errorsSayWhatIsWrong() throws {
        var lists = ValueLists()
        for name in ["", "A", "1a", "a b", "a\u{1b}", String(repeating: "x", count: 65)] {
            #expect(throws: ListError.invalidName(name)) { try lists.apply(.create(name: name, kind: .user)) }
        }
        try lists.apply(.create(name: "a", kind: .user))
        #expect(throws: ListError.exists("a")) { try lists.apply(.create(name: "a", kind: .device)) }
        for change in [ListChange.delete(name: "b"), .add(keys: [1], to: "b"), .remove(keys: [1], from: "b")] {
            #expect(throws: ListError.unknown("b")) { try lists.apply(change) }
        }
        #expect(!ListError.invalidName("a\u{1b}").description.contains("\u{1b}"))
        #expect(ListKind.allCases.allSatisfy { ListKind(name: $0.name) == $0 })
    }
}
