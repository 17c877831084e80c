import Foundation
import Identity
import Raft
import Testing

@Suite struct IdentityFileTests {
    private let founding = founders(3)
    private var identity: NodeIdentity {
        NodeIdentity(
            clusterID: "blue",
            record: BootRecord(
                node: NodeID(number: 2, life: 0xABC), boot: 7, nonce: .max, witnesses: [NodeID(3), NodeID(1)]),
            founding: founding, hasLog: true)
    }

    private func register() -> BootRegister {
        var register = BootRegister()
        _ = register.learn([
            identity.record, BootRecord(node: NodeID(3), boot: 1, nonce: 2, witnesses: []),
        ])
        _ = register.admit(NodeID(number: 4, life: 5))
        _ = register.admit(NodeID(number: 4, life: 6))
        return register
    }

    @Test func `an identity and a register come back as they were written`() throws {
        let directory = try TestDirectory()
        #expect(try NodeIdentity.read(path: directory.path + "/identity") == nil)
        #expect(try BootRegister.read(path: directory.path + "/register") == BootRegister())
        try identity.write(path: directory.path + "/identity")
        try register().write(path: directory.path + "/register")
        #expect(try NodeIdentity.read(path: directory.path + "/identity") == identity)
        #expect(try BootRegister.read(path: directory.path + "/register") == register())
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(names == ["identity", "register"])
    }

    @Test func `every cut and every flipped byte is damage`() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/identity"
        try identity.write(path: path)
        let whole = try #require(FileManager.default.contents(atPath: path))
        for offset in whole.indices {
            try whole[..<offset].write(to: URL(fileURLWithPath: path))
            #expect(throws: IdentityError.self) { try NodeIdentity.read(path: path) }
            var flipped = whole
            flipped[offset] ^= 0x20
            try flipped.write(to: URL(fileURLWithPath: path))
            #expect(throws: IdentityError.self) { try NodeIdentity.read(path: path) }
        }
    }

    @Test func `messages come back as they were sent; cut and changed ones are survived`() throws {
        let record = identity.record
        let records = register().all
        var messages = [
            BootMessage.ask(BootAsk(subject: .unborn(number: 2, nonce: 5), records: records)),
            .ask(BootAsk(subject: .claim(record), records: [])),
        ]
        let verdicts: [BootAnswer.Verdict] = [
            .unborn, .exists(known: nil, isFounder: true), .exists(known: NodeID(number: 2, life: 9), isFounder: false),
            .welcome(known: nil), .welcome(known: record), .stale(known: record),
            .otherLife(NodeID(number: 2, life: 1)),
        ]
        messages += verdicts.map { .answer(BootAnswer(nonce: 77, verdict: $0, records: records)) }
        var random = SystemRandomNumberGenerator()
        for message in messages {
            let bytes = message.encode()
            #expect(try bytes.withUnsafeBytes { try BootMessage.decode($0) } == message)
            for length in 0..<bytes.count {
                #expect(throws: (any Error).self) {
                    try Array(bytes[..<length]).withUnsafeBytes { try BootMessage.decode($0) }
                }
                var changed = bytes
                changed[length] = .random(in: 0...255, using: &random)
                _ = changed.withUnsafeBytes { try? BootMessage.decode($0) }
            }
            #expect(throws: (any Error).self) { try (bytes + [0]).withUnsafeBytes { try BootMessage.decode($0) } }
        }
    }
}

@Suite struct BootRegisterTests {
    private let members = BootRegister.Respondent.member(founders(3))

    private func claim(_ boot: UInt64, nonce: UInt64, life: UInt64 = 0) -> BootAsk {
        BootAsk(
            subject: .claim(
                BootRecord(node: NodeID(number: 2, life: life), boot: boot, nonce: nonce, witnesses: [])), records: [])
    }

    @Test func `a claim is welcome when it is newer or the same, and stale when it is older or another's`() {
        var register = BootRegister()
        let first = register.answer(claim(5, nonce: 1), as: members)
        #expect(first.answer.verdict == .welcome(known: nil))
        #expect(first.didChange)
        let again = register.answer(claim(5, nonce: 1), as: members)
        #expect(again.answer.verdict == .welcome(known: register.record(of: NodeID(2))))
        #expect(!again.didChange)
        let known = register.record(of: NodeID(2))!
        let outcome7 = register.answer(claim(5, nonce: 2), as: members)
        #expect(outcome7.answer.verdict == .stale(known: known))
        let outcome8 = register.answer(claim(4, nonce: 9), as: members)
        #expect(outcome8.answer.verdict == .stale(known: known))
        let outcome9 = register.answer(claim(9, nonce: 2), as: members)
        #expect(outcome9.answer.verdict == .welcome(known: known))
        #expect(register.record(of: NodeID(2))?.boot == 9)
    }

    @Test func `a life that was replaced is told of its heir, a newer one is not hindered`() {
        var register = BootRegister()
        let heir = NodeID(number: 2, life: 8)
        let outcome1 = register.admit(heir)
        #expect(outcome1)
        let outcome2 = register.admit(heir)
        #expect(!outcome2)
        let outcome10 = register.answer(claim(5, nonce: 1), as: members)
        #expect(outcome10.answer.verdict == .otherLife(heir))
        let outcome11 = register.answer(claim(1, nonce: 1, life: 9), as: members)
        #expect(outcome11.answer.verdict == .welcome(known: nil))
        let outcome3 = register.admit(NodeID(number: 2, life: 9))
        #expect(outcome3)
        let late = register.answer(claim(5, nonce: 1, life: 8), as: members)
        #expect(late.answer.verdict == .otherLife(NodeID(number: 2, life: 9)))
        let outcome4 = register.admit(heir)
        #expect(!outcome4)
        #expect(register.newestLife(ofNumber: 2) == NodeID(number: 2, life: 9))
    }

    @Test func `an empty directory vouches for nobody, and still remembers`() {
        var register = BootRegister()
        let answer = register.answer(claim(5, nonce: 1), as: .unborn)
        #expect(answer.answer.verdict == .unborn)
        #expect(answer.didChange)
        #expect(register.record(of: NodeID(2))?.boot == 5)
    }

    @Test func `what others remember is learnt, and never replaces what is newer`() {
        var register = BootRegister()
        func record(_ boot: UInt64) -> BootRecord {
            BootRecord(node: NodeID(3), boot: boot, nonce: boot, witnesses: [])
        }
        let outcome5 = register.learn([record(4)])
        #expect(outcome5)
        let outcome6 = register.learn([record(3), record(4)])
        #expect(!outcome6)
        let ask = BootAsk(subject: .unborn(number: 1, nonce: 0), records: [record(6)])
        let outcome12 = register.answer(ask, as: .unborn)
        #expect(outcome12.didChange)
        #expect(register.record(of: NodeID(3))?.boot == 6)
    }

    @Test func `it is bounded`() {
        var register = BootRegister()
        for life in UInt64(1)...3000 {
            let node = NodeID(number: 2, life: life)
            _ = register.learn([BootRecord(node: node, boot: 1, nonce: 1, witnesses: [])])
            _ = register.admit(node)
        }
        #expect(register.all.count <= 1024)
        #expect(register.newestLife(ofNumber: 2) == NodeID(number: 2, life: 3000))
        #expect(register.record(of: NodeID(number: 2, life: 3000)) != nil)
    }
}
