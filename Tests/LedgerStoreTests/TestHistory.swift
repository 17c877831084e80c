import Detection
import Ledger
import ModelFixture
import Raft

import struct Security.BlindIndex
import class Security.Sealer
import struct Security.SealingKey

/// A leader whose entries a store applies: payments, labels, and rules, lists and models that change in between.
final class TestHistory {
    let log = TestLog()
    let sealer: Sealer
    let blindIndex: BlindIndex
    let configuration = LedgerConfiguration(
        transactionIDs: 4_000, idempotencyKeys: 20, users: 12, merchants: 10, labels: 20)
    private(set) var state: LedgerState
    private let judge = Judge()
    /// What the leader said, by id, in the order of the log.
    private(set) var judged: [(id: TransactionID, decision: Decision, score: Float)] = []

    init() {
        let key = SealingKey(bytes: [UInt8](repeating: 3, count: 32))
        sealer = Sealer(key: key)
        blindIndex = BlindIndex(key: key)
        state = LedgerState(configuration: configuration)
    }

    private func append(_ command: Command?) {
        guard let command else { return }
        let index = log.append(command)
        state.confirm(at: index)
    }

    /// An entry that changes nothing.
    func pause() { state.advance(to: log.appendNoop()) }

    /// Takes these payments into one entry: in groups of three.
    func pay(_ numbers: Range<Int>, afterSeconds: Int64) throws {
        let groups = stride(from: numbers.lowerBound, to: numbers.upperBound, by: 3).map { first in
            IntakeGroup(
                records: (first..<min(first + 3, numbers.upperBound)).map { record($0) }, mayBeKnown: false)
        }
        let taken = try state.take(
            groups, nowMicroseconds: TestCommands.start + afterSeconds * 1_000_000, sealer: sealer, judge: judge)
        if case .transactions(_, let news, _) = taken.command {
            judged += news.flatMap(\.records).map { ($0.id, $0.decision, $0.score) }
        }
        append(taken.command)
    }

    func label(_ numbers: [Int], _ verdict: Verdict, known: KnownPayments) throws -> [LabelOutcome] {
        let labels = numbers.map {
            IntakeLabel(
                id: TestCommands.id($0), verdict: verdict, source: "test", labelledAtMicroseconds: TestCommands.start)
        }
        let taken = try state.takeLabels(labels, known: known, nowMicroseconds: 0, sealer: sealer)
        append(taken.command)
        return taken.outcome
    }

    func change(_ change: RegistryChange) -> RegistryOutcome {
        let taken = state.takeChange(change, author: "ada", nowMicroseconds: 0)
        append(taken.command)
        return taken.outcome
    }

    private func record(_ number: Int) -> IntakeRecord {
        let transaction = Transaction(
            userID: "u\(number % 17)",
            amount: Amount(minorUnits: Int64(100 + number * 7_919 % 90_000), currency: Currency("EUR")!)!,
            merchant: "m\(number % 13)", location: number % 5 == 0 ? "Paris, FR" : "Berlin, DE",
            occurredAtMicroseconds: TestCommands.start + Int64(number) * 45_000_000)
        let id = TestCommands.id(number)
        let body = TransactionBody.encode(transaction, blindIndex)
        let sealed = body.withUnsafeBytes { plain in
            id.withBigEndianBytes { sealer.seal(plain, associatedData: $0) }
        }
        return IntakeRecord(
            id: id, fingerprint: Fingerprint.ofBody(body, blindIndex),
            userKey: blindIndex.index(transaction.userID, in: .user),
            occurredAtMicroseconds: transaction.occurredAtMicroseconds, body: sealed)
    }

    /// A merchant of the payments, as lists have it.
    func merchant(_ number: Int) -> ListedValue {
        let key = blindIndex.index("nm\(number)", in: .merchant)
        return ListedValue(key: key, keys: [key], sealed: [1])
    }
}
