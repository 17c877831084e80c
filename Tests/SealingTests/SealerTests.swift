import Security
import Synchronization
import Testing

@Suite struct SealerTests {
    let key = SealingKey(bytes: Array(0..<32))

    @Test(arguments: [0, 1, 15, 16, 17, 120, 5000])
    func whatWasSealedOpensToTheSame(count: Int) throws {
        let sealer = Sealer(key: key)
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let sealed = sealer.sealed(plain, "id")
        #expect(sealed.count == count + Sealer.overhead)
        #expect(try sealer.opened(sealed, "id") == plain)
        #expect(try Sealer(key: key).opened(sealed, "id") == plain, "another sealer with the same key")
    }

    @Test func theSealedBytesDoNotShowTheContent() {
        let plain = [UInt8](repeating: 0x41, count: 64)
        let sealer = Sealer(key: key)
        let one = sealer.sealed(plain, "id")
        let other = sealer.sealed(plain, "id")
        #expect(!one.contains(sequence: [0x41, 0x41, 0x41, 0x41]))
        #expect(one.dropFirst(29) != other.dropFirst(29), "equal contents seal to different bytes")
    }

    @Test func everyChangedByteIsNoticed() throws {
        let sealer = Sealer(key: key)
        let sealed = sealer.sealed(Array("content".utf8), "id")
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: SecurityError.self, "byte \(position)") { try sealer.opened(changed, "id") }
        }
        #expect(throws: SecurityError.tampered) { try sealer.opened(sealed, "ie") }
        #expect(throws: SecurityError.tampered) { try sealer.opened(sealed, "") }
        #expect(try sealer.opened(sealed, "id") == Array("content".utf8), "failures leave the sealer usable")
    }

    @Test func everyCutIsNoticed() {
        let sealer = Sealer(key: key)
        let sealed = sealer.sealed(Array("content".utf8), "id")
        for count in 0..<sealed.count {
            #expect(throws: SecurityError.self, "\(count) bytes") {
                try sealer.opened(Array(sealed.prefix(count)), "id")
            }
        }
        #expect(throws: SecurityError.notSealed(reason: "44 bytes, at least 45 needed")) {
            try sealer.opened(Array(sealed.prefix(44)), "id")
        }
    }

    @Test func nothingIsLeftOfAContentThatWasTamperedWith() {
        let sealer = Sealer(key: key)
        var sealed = sealer.sealed(Array("content".utf8), "id")
        sealed[30] ^= 1
        var plain: [UInt8] = [1, 2, 3]
        #expect(throws: SecurityError.tampered) {
            try sealed.withUnsafeBytes {
                try sealer.open($0, associatedData: .init(start: nil, count: 0), into: &plain)
            }
        }
        #expect(plain.isEmpty)
    }

    @Test func aWrongKeyIsNamedBesideTheLoadedOne() {
        let other = SealingKey(bytes: Array(1..<33))
        let sealed = Sealer(key: other).sealed([1], "id")
        let error = SecurityError.wrongKey(record: other.keyID, loaded: key.keyID)
        #expect(throws: error) { try Sealer(key: key).opened(sealed, "id") }
        #expect("\(error)" == "sealed with key \(other.keyID), but the loaded key is \(key.keyID)")
        #expect("\(key.keyID)".count == 8)
    }

    @Test func aSessionEndsWithItsLastNonce() throws {
        let sealer = Sealer(key: key, sealsPerSession: 3)
        let sealed = (0..<7).map { _ in sealer.sealed([9], "id") }
        #expect(sealed.map(\.counter) == [0, 1, 2, 0, 1, 2, 0])
        #expect(Set(sealed.map(\.session)).count == 3)
        for record in sealed { #expect(try sealer.opened(record, "id") == [9]) }
    }

    @Test func moreSessionsThanAreKeptStillOpen() throws {
        let sealer = Sealer(key: key, sealsPerSession: 1)
        let sealed = (0..<150).map { sealer.sealed([UInt8($0)], "id") }
        for _ in 0..<2 {
            for (number, record) in sealed.enumerated() { #expect(try sealer.opened(record, "id") == [UInt8(number)]) }
        }
    }

    @Test func noNonceIsUsedTwiceAcrossThreadsAndSealers() async throws {
        let sealers = (0..<3).map { _ in Sealer(key: key, sealsPerSession: 50) }
        let all = await withTaskGroup(of: [[UInt8]].self) { group in
            for task in 0..<6 {
                group.addTask { (0..<400).map { sealers[task % 3].sealed([UInt8($0 & 255)], "\(task)") } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(all.count == 2400)
        #expect(Set(all.map { Array($0[5..<29]) }).count == 2400, "session and counter together are unique")
    }

    @Test func manyThreadsOpenAtOnce() async throws {
        let sealer = Sealer(key: key, sealsPerSession: 20)
        let sealed = (0..<200).map { sealer.sealed([UInt8($0)], "id") }
        let wrong = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    sealed.enumerated().count { number, record in (try? sealer.opened(record, "id")) != [UInt8(number)]
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}

extension Sealer {
    func sealed(_ plain: [UInt8], _ associatedData: String) -> [UInt8] {
        plain.withUnsafeBytes { plain in Array(associatedData.utf8).withUnsafeBytes { seal(plain, associatedData: $0) }
        }
    }

    func opened(_ sealed: [UInt8], _ associatedData: String) throws -> [UInt8] {
        var plain: [UInt8] = []
        try sealed.withUnsafeBytes { sealed in
            try Array(associatedData.utf8).withUnsafeBytes { try open(sealed, associatedData: $0, into: &plain) }
        }
        return plain
    }
}

extension [UInt8] {
    fileprivate var session: [UInt8] { Array(self[5..<21]) }
    fileprivate var counter: UInt64 { self[21..<29].reduce(0) { $0 << 8 | UInt64($1) } }

    fileprivate func contains(sequence: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: sequence) }
    }
}
