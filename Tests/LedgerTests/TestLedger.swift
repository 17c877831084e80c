import Detection
import Ledger
import Raft
import Security

/// A seeded generator, so that a failure repeats. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// 2026-01-01 00:00 UTC.
let newYear: Int64 = 1_767_225_600_000_000

/// The secrets and settings that all nodes of a test share.
struct TestLedger {
    let sealer: Sealer
    let blindIndex: BlindIndex
    let judge = Judge()

    init(key: UInt8 = 1) {
        let key = SealingKey(bytes: [UInt8](repeating: key, count: 32))
        sealer = Sealer(key: key)
        blindIndex = BlindIndex(key: key)
    }

    func transaction(
        user: String = "u1", amount: String = "12.50", currency: String = "EUR", merchant: String = "Café",
        location: String = "Berlin, DE", time: Int64 = newYear
    ) -> Transaction {
        Transaction(
            userID: user, amount: try! Amount.parse(decimal: amount, currency: Currency(currency)!), merchant: merchant,
            location: location, occurredAtMicroseconds: time)
    }

    func record(_ id: Int, _ transaction: Transaction) -> IntakeRecord {
        let id = TransactionID(rawValue: UInt128(id))
        let body = TransactionBody.encode(transaction, blindIndex)
        let sealed = body.withUnsafeBytes { body in id.withBigEndianBytes { sealer.seal(body, associatedData: $0) } }
        return IntakeRecord(
            id: id, fingerprint: Fingerprint.ofBody(body, blindIndex),
            userKey: blindIndex.index(transaction.userID, in: .user),
            occurredAtMicroseconds: transaction.occurredAtMicroseconds, body: sealed)
    }

    func group(_ records: [IntakeRecord], key: UInt128? = nil, keyFingerprint: UInt64 = 0) -> IntakeGroup {
        IntakeGroup(
            key: key.map { IdempotencyKey(digest: $0) }, keyFingerprint: keyFingerprint, records: records,
            mayBeKnown: true)
    }

    /// One record of `user` for each id.
    func group(ids: [Int], key: UInt128? = nil, keyFingerprint: UInt64 = 0, user: String = "u1") -> IntakeGroup {
        group(ids.map { record($0, transaction(user: user)) }, key: key, keyFingerprint: keyFingerprint)
    }

    func take(
        _ groups: [IntakeGroup], _ state: inout LedgerState, known: KnownDuplicates = .none, now: Int64 = newYear
    ) throws -> Taken {
        try state.take(groups, known: known, nowMicroseconds: now, sealer: sealer, judge: judge)
    }
}

extension TestLedger {
    /// What is in a record's body.
    func event(of record: IntakeRecord) throws -> PaymentEvent {
        var plain: [UInt8] = []
        try record.id.withBigEndianBytes { associatedData in
            try record.body.withUnsafeBytes { try sealer.open($0, associatedData: associatedData, into: &plain) }
        }
        return try plain.withUnsafeBytes { try TransactionBody.decodeEvent($0) }
    }

    func label(_ id: Int, _ verdict: Verdict = .fraud, time: Int64 = newYear) -> IntakeLabel {
        IntakeLabel(
            id: TransactionID(rawValue: UInt128(id)), verdict: verdict, source: "test", labelledAtMicroseconds: time)
    }
}

/// What a database would hold of a log.
struct TestDatabase {
    private var known: [TransactionID: KnownPayment] = [:]
    var through = LogIndex.zero

    mutating func apply(_ command: Command, at index: LogIndex) {
        through = index
        switch command {
        case .transactions(_, let groups, let models):
            for record in groups.flatMap(\.records) {
                known[record.id] = KnownPayment(
                    userKey: record.userKey, body: record.body,
                    judged: JudgedPayment(
                        model: record.scores.model == nil ? nil : models.active, isFlagged: record.decision != .approve,
                        shadowModel: record.scores.shadow == nil ? nil : models.shadow,
                        isFlaggedByShadow: (record.scores.shadow?.decision ?? .approve) != .approve),
                    verdict: nil, alert: record.decision == .approve ? nil : .new)
            }
        case .labels(_, let labels):
            for label in labels {
                guard let before = known[label.id] else { continue }
                known[label.id] = KnownPayment(
                    userKey: before.userKey, body: before.body, judged: before.judged, verdict: label.verdict,
                    alert: before.alert)
            }
        case .reviews(_, let reviews):
            for review in reviews {
                guard let before = known[review.id] else { continue }
                known[review.id] = KnownPayment(
                    userKey: before.userKey, body: before.body, judged: before.judged,
                    verdict: review.label?.verdict ?? before.verdict, alert: review.standing)
            }
        case .verify, .change, .stream, .outbox: break
        }
    }

    func payments(_ ids: [TransactionID]) -> KnownPayments {
        KnownPayments(
            payments: Dictionary(
                ids.compactMap { id in known[id].map { (id, $0) } }, uniquingKeysWith: { $1 }), through: through)
    }
}

extension Taken {
    /// "new" or "duplicate" for each record, or the group's other outcome.
    var summary: [String] {
        outcomes.map { outcome in
            switch outcome {
            case .accepted(let records):
                records.map { if case .duplicate = $0 { "duplicate" } else { "new" } }.joined(separator: " ")
            case .duplicateKey(let first, let count): "key of \(first.rawValue) +\(count)"
            case .keyReused: "key reused"
            case .idReused(let ids): "reused " + ids.map { "\($0.rawValue)" }.joined(separator: " ")
            case .streamed(let receipt): "streamed to \(receipt.nextOffset)"
            case .streamRefused(let refusal): "\(refusal)"
            }
        }
    }
}

extension LedgerGroup {
    /// The same group with other tokens.
    func withTokens(_ token: (LedgerRecord) -> Token?) -> LedgerGroup {
        LedgerGroup(
            key: key,
            records: records.map {
                LedgerRecord(
                    id: $0.id, fingerprint: $0.fingerprint, userKey: $0.userKey,
                    occurredAtMicroseconds: $0.occurredAtMicroseconds, decision: $0.decision, score: $0.score,
                    reasons: $0.reasons, body: $0.body, token: token($0), scores: $0.scores)
            })
    }
}
