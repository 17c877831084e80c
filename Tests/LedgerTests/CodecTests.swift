import Bytes
import Detection
import Ledger
import Testing

@Suite struct CodecTests {
    let ledger = TestLedger()

    private var commands: [Command] {
        let none = Array(#"[{"code":"no_rule_fired","text":"5 rules checked, none fired","points":0}]"#.utf8)
        func record(_ id: UInt128, _ decision: Decision, _ reasons: [UInt8], _ body: [UInt8]) -> LedgerRecord {
            LedgerRecord(
                id: TransactionID(rawValue: id), fingerprint: .max, userKey: 5, occurredAtMicroseconds: newYear,
                decision: decision, score: 0.25, reasons: reasons, body: body)
        }
        let key = LedgerKey(
            key: IdempotencyKey(digest: .max), fingerprint: 3, first: TransactionID(rawValue: 9), count: 12)
        return [
            .verify(timeMicroseconds: newYear, id: 77), .transactions(timeMicroseconds: 0, groups: []),
            .transactions(
                timeMicroseconds: newYear,
                groups: [
                    LedgerGroup(
                        key: nil, records: [record(1, .approve, none, [1, 2, 3]), record(.max, .block, [91, 93], [])]),
                    LedgerGroup(key: key, records: []), LedgerGroup(key: key, records: [record(4, .review, none, [0])]),
                ]),
        ]
    }

    @Test func commandsReadBack() throws {
        for command in commands { #expect(try Command.decode(command.encode()) == command) }
    }

    @Test func theCommonReasonsTakeOneByte() {
        guard case .transactions(let time, let groups) = commands[2] else { return }
        let record = groups[2].records[0]
        let encoded = Command.transactions(timeMicroseconds: time, groups: [LedgerGroup(key: nil, records: [record])])
            .encode()
        #expect(encoded.count == 14 + 5 + 16 + 8 + 8 + 8 + 1 + 4 + 1 + 4 + 1)
        #expect(RuleSet.ruleCount == 5, "or the text for no reason is written out each time")
    }

    @Test func cutOrDamagedCommandsNeverCrash() {
        var random = SeededRandom(12)
        for command in commands {
            let bytes = command.encode()
            for count in 0..<bytes.count {
                #expect(throws: MalformedBytes.self) { try Command.decode(Array(bytes.prefix(count))) }
            }
            #expect(throws: MalformedBytes.self) { try Command.decode(bytes + [0]) }
            for _ in 0..<3000 {
                var damaged = bytes
                for _ in 0...random.below(3) { damaged[random.below(damaged.count)] = UInt8(random.below(256)) }
                if let decoded = try? Command.decode(damaged) { #expect(decoded.encode().count == damaged.count) }
            }
        }
        for _ in 0..<3000 {
            _ = try? Command.decode([1, UInt8(1 + random.below(2))] + random.bytes(random.below(200)))
        }
    }

    @Test func groupsReadBackOneAfterTheOther() throws {
        let groups = [
            ledger.group(ids: [1, 2], key: 5, keyFingerprint: 6), ledger.group(ids: [3]),
            IntakeGroup(records: [ledger.record(4, ledger.transaction())], mayBeKnown: false),
        ]
        var writer = ByteWriter()
        for group in groups { group.encode(into: &writer) }
        let decoded = try writer.bytes.withUnsafeBytes {
            var reader = ByteReader($0)
            let decoded = try groups.map { _ in try IntakeGroup(from: &reader) }
            #expect(reader.isAtEnd)
            return decoded
        }
        #expect(decoded == groups)
    }

    @Test func cutOrDamagedGroupsNeverCrash() {
        var writer = ByteWriter()
        ledger.group(ids: [1, 2], key: 5, keyFingerprint: 6).encode(into: &writer)
        damage(writer.bytes) { reader in _ = try IntakeGroup(from: &reader) }
        var empty = ByteWriter()
        IntakeGroup(records: [], mayBeKnown: false).encode(into: &empty)
        #expect(throws: MalformedBytes.self) {
            try empty.bytes.withUnsafeBytes {
                var reader = ByteReader($0)
                _ = try IntakeGroup(from: &reader)
            }
        }
    }

    @Test func outcomesReadBack() throws {
        let outcomes: [GroupOutcome] = [
            .accepted([.duplicate, .accepted(decision: .block, score: 1, reasons: [91, 93]), .duplicate]),
            .accepted([]),
            .duplicateKey(first: TransactionID(rawValue: .max), count: 500), .keyReused,
            .idReused([TransactionID(rawValue: 1), TransactionID(rawValue: 2)]),
        ]
        for outcome in outcomes {
            var writer = ByteWriter()
            outcome.encode(into: &writer)
            let decoded = try writer.bytes.withUnsafeBytes {
                var reader = ByteReader($0)
                let decoded = try GroupOutcome(from: &reader)
                #expect(reader.isAtEnd)
                return decoded
            }
            #expect(decoded == outcome)
            damage(writer.bytes) { reader in _ = try GroupOutcome(from: &reader) }
        }
    }

    /// Every cut is refused; random changes are refused or read as something else.
    private func damage(_ bytes: [UInt8], _ read: (inout ByteReader) throws -> Void) {
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) {
                try Array(bytes.prefix(count)).withUnsafeBytes {
                    var reader = ByteReader($0)
                    try read(&reader)
                }
            }
        }
        var random = SeededRandom(13)
        for _ in 0..<2000 {
            var damaged = bytes
            for _ in 0...random.below(3) { damaged[random.below(damaged.count)] = UInt8(random.below(256)) }
            damaged.withUnsafeBytes {
                var reader = ByteReader($0)
                try? read(&reader)
            }
        }
    }
}
