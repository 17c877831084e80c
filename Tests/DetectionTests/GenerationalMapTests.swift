import Bytes
import Detection
import OrderedCollections
import Testing

@Suite struct GenerationalMapTests {
    typealias Map = GenerationalMap<Int, Int>

    @Test func theOldGenerationIsDroppedWhenTheYoungOneIsFull() {
        var map = Map(capacity: 4)
        for key in 1...4 { _ = map.set(key, key * 10) }
        #expect((1...4).map { map[$0] } == [10, 20, 30, 40])
        #expect(map.set(5, 50).isRotation)
        #expect((1...5).map { map[$0] } == [nil, nil, 30, 40, 50])
    }

    @Test func aWriteRenewsAnEntryAndAReadDoesNot() {
        var map = Map(capacity: 4)
        for key in 1...3 { _ = map.set(key, key) }
        _ = map.set(1, 11)
        _ = map[2]
        _ = map.set(4, 4)
        #expect((1...4).map { map[$0] } == [11, nil, 3, 4])
    }

    /// Against the plainest model: the list of all writes, from which the content follows.
    @Test(arguments: 0..<20)
    func anyWritesAndUndosLeaveWhatTheModelHas(seed: Int) {
        var random = SeededRandom(UInt64(seed))
        let capacity = 2 + random.below(12)
        var map = Map(capacity: capacity)
        var writes: [(key: Int, value: Int)] = []
        var undos: [Map.Undo] = []
        var snapshots: [Map] = []
        for step in 0..<600 {
            if random.below(5) < 2, let undo = undos.popLast() {
                map.undo(undo)
                writes.removeLast()
                #expect(map.same(as: snapshots.removeLast()))
            } else {
                snapshots.append(map)
                let key = random.below(20)
                undos.append(map.set(key, step))
                writes.append((key, step))
            }
            #expect(map.count <= capacity)
        }
        let model = Model(capacity: capacity, writes: writes)
        #expect(Array(map.young.keys) == model.young.map(\.key))
        #expect(Array(map.young.values) == model.young.map(\.value))
        #expect(Array(map.old.keys) == model.old.map(\.key))
        #expect(Array(map.old.values) == model.old.map(\.value))
        while let undo = undos.popLast() { map.undo(undo) }
        #expect(map.count == 0)
    }

    @Test(arguments: 0..<5)
    func anUpdateInPlaceIsASetOfTheChangedValue(seed: Int) {
        var random = SeededRandom(UInt64(100 + seed))
        var inPlace = Map(capacity: 10)
        var replaced = Map(capacity: 10)
        for _ in 0..<500 {
            let key = random.below(15)
            inPlace.update(key, default: 1000) { $0 += key }
            _ = replaced.set(key, (replaced[key] ?? 1000) + key)
            #expect(inPlace.same(as: replaced))
        }
    }

    @Test func encodedAndDecodedItGoesOnAlike() throws {
        var random = SeededRandom(7)
        var map = Map(capacity: 10)
        for step in 0..<200 {
            _ = map.set(random.below(30), step)
            let bytes = map.encoded
            var restored = try Map(capacity: 10, decoding: bytes)
            #expect(restored.encoded == bytes)
            #expect(restored.same(as: map))
            let key = random.below(30)
            _ = restored.set(key, -1)
            var original = map
            _ = original.set(key, -1)
            #expect(restored.same(as: original))
        }
    }

    @Test func bytesOfALargerMapOrWithARepeatedKeyAreMalformed() throws {
        var map = Map(capacity: 10)
        for key in 0..<5 { _ = map.set(key, key) }
        let bytes = map.encoded
        #expect(throws: MalformedBytes.self) { try Map(capacity: 8, decoding: bytes) }
        var repeated = bytes
        repeated[4 + 16] = 0
        #expect(throws: MalformedBytes.self) { try Map(capacity: 10, decoding: repeated) }
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) { try Map(capacity: 10, decoding: Array(bytes.prefix(count))) }
        }
    }

    @Test func foldingProfilesUndoablyOrNotIsTheSame() throws {
        var random = SeededRandom(8)
        var plain = Profiles(capacity: 8)
        var undoable = Profiles(capacity: 8)
        for step in 0..<400 {
            let payment = event(user: UInt64(random.below(12)), amount: Int64(step))
            plain.fold(payment)
            _ = undoable.foldUndoably(payment)
            let undos = (0..<random.below(4)).map { _ in undoable.foldUndoably(event(user: UInt64(random.below(12)))) }
            for undo in undos.reversed() { undoable.undo(undo) }
            #expect(plain.encoded == undoable.encoded)
        }
        let bytes = plain.encoded
        let restored = try bytes.withUnsafeBytes {
            var reader = ByteReader($0)
            return try Profiles(capacity: 8, from: &reader)
        }
        #expect(restored.encoded == bytes)
        #expect(restored.count == plain.count)
    }

    private struct Model {
        var young: [(key: Int, value: Int)] = []
        var old: [(key: Int, value: Int)] = []

        init(capacity: Int, writes: [(key: Int, value: Int)]) {
            for write in writes {
                if let position = young.firstIndex(where: { $0.key == write.key }) {
                    young[position].value = write.value
                    continue
                }
                if young.count == capacity / 2 {
                    old = young
                    young = []
                }
                young.append(write)
            }
        }
    }
}

extension GenerationalMap<Int, Int> {
    fileprivate func same(as other: Self) -> Bool { encoded == other.encoded }

    fileprivate var encoded: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer, key: { $1.write($0) }, value: { $1.write($0) })
        return writer.bytes
    }

    fileprivate init(capacity: Int, decoding bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes {
            var reader = ByteReader($0)
            return try Self(
                capacity: capacity, from: &reader, entriesOfAtLeast: 16,
                key: { reader throws(MalformedBytes) in try reader.read(Int.self) },
                value: { reader throws(MalformedBytes) in try reader.read(Int.self) })
        }
    }
}
