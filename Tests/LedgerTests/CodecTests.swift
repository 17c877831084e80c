import Bytes
import Detection
import Ledger
import Raft
import Testing

@Suite struct CodecTests {
    let ledger = TestLedger()

    private static let token = Token(
        -127, 127, 0, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)

    private static let outboxChanges: [OutboxChange] = {
        let position = OutboxPosition(index: LogIndex(7), ordinal: 3)
        func failure(_ id: TransactionID?) -> FailedDelivery {
            FailedDelivery(position: position, id: id, attempts: 3, reason: "410", failedAtMicroseconds: newYear)
        }
        return [
            .delivered(channel: "kafka:alerts", through: position), .failed(channel: "a", failure(nil)),
            .failed(channel: "a", failure(TransactionID(rawValue: 3))), .settled(channel: "a", position),
            .putWebhook(name: "a", url: "https://a", secret: nil, isEnabled: true, from: position),
            .putWebhook(name: "b", url: "https://b", secret: [1, 2], isEnabled: false, from: .start),
            .removeWebhook(name: "a"),
        ]
    }()

    private var commands: [Command] {
        let none = Array(#"[{"code":"no_rule_fired","text":"5 rules checked, none fired","points":0}]"#.utf8)
        func record(
            _ id: UInt128, _ decision: Decision, _ reasons: [UInt8], _ body: [UInt8], token: Token? = Self.token
        ) -> LedgerRecord {
            LedgerRecord(
                id: TransactionID(rawValue: id), fingerprint: .max, userKey: 5, occurredAtMicroseconds: newYear,
                decision: decision, score: 0.25, reasons: reasons, body: body, token: token)
        }
        func scored(_ id: UInt128, token: Token? = Token(repeating: 4)) -> LedgerRecord {
            LedgerRecord(
                id: TransactionID(rawValue: id), fingerprint: 1, userKey: 5, occurredAtMicroseconds: newYear,
                decision: .review, score: 0.5, reasons: none, body: [1], token: token,
                scores: RecordScores(
                    model: id == 5 ? .init(rules: 0, forest: 0.25, transformer: 1, probability: 0.5) : nil,
                    shadow: .init(probability: 0.125, decision: .block)))
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
            .transactions(
                timeMicroseconds: newYear, groups: [LedgerGroup(key: nil, records: [scored(5), scored(6)])],
                models: JudgingModels(active: ModelID(rawValue: 3), shadow: ModelID(rawValue: 4))),
            // As earlier versions of the program wrote them.
            .transactions(
                timeMicroseconds: newYear,
                groups: [LedgerGroup(key: nil, records: [record(1, .approve, none, [1], token: nil)])]),
            .transactions(
                timeMicroseconds: newYear, groups: [LedgerGroup(key: nil, records: [scored(5, token: nil)])],
                models: JudgingModels(active: nil, shadow: ModelID(rawValue: 4))),
            .labels(
                timeMicroseconds: newYear,
                [
                    LedgerLabel(
                        id: TransactionID(rawValue: 4), userKey: 5, verdict: .fraud, previous: nil, source: "bank",
                        labelledAtMicroseconds: newYear, judged: JudgedPayment(), body: [1]),
                    LedgerLabel(
                        number: .max, id: TransactionID(rawValue: 4), userKey: 5, verdict: .legitimate,
                        previous: .fraud, source: "é",
                        labelledAtMicroseconds: newYear,
                        judged: JudgedPayment(
                            model: ModelID(rawValue: 3), isFlagged: true, shadowModel: ModelID(rawValue: 4),
                            isFlaggedByShadow: true), body: []),
                ]),
            .change(
                timeMicroseconds: newYear, author: "ada",
                .putList(
                    name: "a", kind: .country, description: "d",
                    values: [ListedValue(key: 1, keys: [1, 2], sealed: [9])])),
            .change(timeMicroseconds: newYear, author: "", .rollBackModel(to: ModelID(rawValue: 1), from: nil)),
            .transactions(
                timeMicroseconds: newYear,
                groups: [
                    LedgerGroup(
                        source: ledger.range(at: 5...9, expecting: 3), records: [record(1, .approve, none, [1])],
                        deadLetters: [
                            ledger.deadLetter(at: 6),
                            DeadLetter(
                                offset: 7, reason: DeadLetter.idReused, detail: "",
                                transactionID: TransactionID(rawValue: 4), content: [1, 2]),
                        ]), LedgerGroup(source: ledger.range(at: 0...0), records: [], deadLetters: []),
                ]),
            .reviews(
                timeMicroseconds: newYear,
                [
                    LedgerReview(
                        id: TransactionID(rawValue: 4), author: "ada", action: .assign(to: "bob"), note: nil,
                        standing: AlertStanding(state: .assigned, assignee: "bob", revision: 1, lastReview: 7),
                        label: nil),
                    LedgerReview(
                        id: TransactionID(rawValue: 4), author: "é", action: .confirm, note: [1, 2],
                        standing: AlertStanding(state: .confirmed, assignee: nil, revision: 2, lastReview: nil),
                        label: LedgerLabel(
                            id: TransactionID(rawValue: 4), userKey: 5, verdict: .fraud, previous: nil,
                            source: "review:é", labelledAtMicroseconds: newYear, judged: JudgedPayment(), body: [1])),
                ]),
            .outbox(timeMicroseconds: newYear, author: "ada", Self.outboxChanges),
            .stream(
                timeMicroseconds: newYear, author: "ada", StreamChange(partition: ledger.partition(), position: nil)),
            .stream(
                timeMicroseconds: newYear, author: "",
                StreamChange(
                    partition: ledger.partition(3), position: StreamPosition(clusterID: "k", nextOffset: .max))),
        ]
    }

    @Test func commandsReadBack() throws {
        for command in commands { #expect(try Command.decode(command.encode()) == command) }
    }

    @Test func theCommonReasonsTakeOneByte() {
        guard case .transactions(let time, let groups, _) = commands[2] else { return }
        let record = groups[2].records[0]
        let encoded = Command.transactions(timeMicroseconds: time, groups: [LedgerGroup(key: nil, records: [record])])
            .encode()
        #expect(encoded.count == 16 + 5 + 16 + 8 + 8 + 8 + 1 + 4 + 1 + 4 + 1 + 16)
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
            _ = try? Command.decode([1, UInt8(1 + random.below(9))] + random.bytes(random.below(200)))
        }
    }

    @Test func groupsReadBackOneAfterTheOther() throws {
        let groups = [
            ledger.group(ids: [1, 2], key: 5, keyFingerprint: 6), ledger.group(ids: [3]),
            IntakeGroup(records: [ledger.record(4, ledger.transaction())], mayBeKnown: false),
            ledger.stretch(ids: [5, 6], at: 7...9, expecting: 4),
            IntakeGroup(
                stream: IntakeStream(
                    range: ledger.range(at: 3...4), offsets: [],
                    deadLetters: [ledger.deadLetter(at: 3), ledger.deadLetter(at: 4)]), records: [],
                mayBeKnown: false),
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
        var stream = ByteWriter()
        IntakeGroup(
            stream: IntakeStream(
                range: ledger.range(at: 3...4), offsets: [3], deadLetters: [ledger.deadLetter(at: 4)]),
            records: [ledger.record(1, ledger.transaction())], mayBeKnown: false
        ).encode(into: &stream)
        damage(stream.bytes) { reader in _ = try IntakeGroup(from: &reader) }
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
            .streamed(StreamReceipt(nextOffset: 7, accepted: 1, duplicates: 2, deadLetters: 3)),
            .streamRefused(.offsetConflict(next: 4)), .streamRefused(.tooManyStreams(limit: 9)),
            .streamRefused(.streamChanged(clusterID: "k", next: 4)),
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
