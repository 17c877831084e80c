import Detection
import Ledger
import Logging
import Pipeline
import Raft
import Synchronization

import struct Security.BlindIndex
import struct Security.SHA256Digest
import class Security.Sealer
import struct Security.SealingKey

/// A log in memory that plays consensus: the test decides what is committed, and when an office is lost.
final class Desk: Sendable {
    struct State {
        var log: [LedgerEntry] = []
        var refusesProposals = false
        var folded = LogIndex.zero
        var digests: [(LogIndex, SHA256Digest)] = []
        var checkpoints: [CommittedFold] = []
        var checkpointBytes = 0
        var lookUps: [[TransactionID]] = []
        var known = KnownDuplicates.none
        var failure: String?
        var now: Int64 = 1_000_000_000
    }

    let state = Mutex(State())
    let sealer = Sealer(key: SealingKey(bytes: [UInt8](repeating: 7, count: 32)))
    let blindIndex = BlindIndex(key: SealingKey(bytes: [UInt8](repeating: 7, count: 32)))

    /// The id's transaction, sealed.
    func group(_ number: Int, amount: Int64 = 1_00, mayBeKnown: Bool = false) -> IntakeGroup {
        let transaction = Transaction(
            userID: "ada", amount: Amount(minorUnits: amount, currency: Currency("EUR")!)!, merchant: "Books",
            location: "Berlin, DE", occurredAtMicroseconds: 1_000_000 * Int64(number))
        let id = TransactionID(rawValue: UInt128(number))
        let body = TransactionBody.encode(transaction, blindIndex)
        let sealed = body.withUnsafeBytes { plain in
            id.withBigEndianBytes { sealer.seal(plain, associatedData: $0) }
        }
        return IntakeGroup(
            records: [
                IntakeRecord(
                    id: id, fingerprint: Fingerprint.ofBody(body, blindIndex),
                    userKey: blindIndex.index("ada", in: .user),
                    occurredAtMicroseconds: transaction.occurredAtMicroseconds, body: sealed)
            ], mayBeKnown: mayBeKnown)
    }

    func sequencer(
        _ configuration: LedgerConfiguration = LedgerConfiguration(), bytesPerCheckpoint: Int = 64 << 20
    ) throws -> Sequencer {
        var limits = Sequencer.Limits()
        limits.bytesPerCheckpoint = bytesPerCheckpoint
        let environment = SequencerEnvironment(
            sealer: sealer, now: { self.state.withLock { $0.now } },
            entries: { from, through, _ in
                self.state.withLock { Array($0.log[Int(from.rawValue) - 1..<Int(through.rawValue)]) }
            },
            propose: { payload, term, _, completion in
                let isTaken = self.state.withLock { state in
                    guard !state.refusesProposals else { return false }
                    state.log.append(
                        LedgerEntry(
                            index: LogIndex(UInt64(state.log.count + 1)), term: term, kind: .command,
                            payload: payload))
                    return true
                }
                completion(isTaken)
            },
            lookUp: { ids, _ in
                self.state.withLock { state in
                    state.lookUps.append(ids)
                    return state.known
                }
            },
            payments: { ids, _ in self.payments(ids) },
            appliedIndex: { self.state.withLock { LogIndex(UInt64($0.log.count)) } }, isPostgresReady: { true },
            logBytes: { 0 }, folded: { index in self.state.withLock { $0.folded = index } },
            canCheckpoint: { true }, checkpointBytes: { self.state.withLock { $0.checkpointBytes } },
            checkpoint: { fold in self.state.withLock { $0.checkpoints.append(fold) } },
            digest: { ledger, index in self.state.withLock { $0.digests.append((index, ledger.digest())) } },
            failed: { error in self.state.withLock { $0.failure = "\(error)" } })
        let sequencer = Sequencer(
            environment: environment,
            fold: CommittedFold(state: LedgerState(configuration: configuration), term: .zero, membership: .none),
            limits: limits, logger: Logger(label: "test"))
        sequencer.start()
        return sequencer
    }

    func append(noop term: Term) -> LogIndex { append(.noop, [], term: term) }

    func append(_ kind: EntryKind, _ payload: [UInt8], term: Term) -> LogIndex {
        state.withLock { state in
            let index = LogIndex(UInt64(state.log.count + 1))
            state.log.append(LedgerEntry(index: index, term: term, kind: kind, payload: payload))
            return index
        }
    }

    /// What a database knows of payments that has applied all of the log.
    func payments(_ ids: [TransactionID]) -> KnownPayments {
        let log = state.withLock { $0.log }
        var known = KnownPayments(through: LogIndex(UInt64(log.count)))
        for entry in log where entry.kind == .command {
            switch try! Command.decode(entry.payload) {
            case .transactions(_, let groups, let models):
                for record in groups.flatMap(\.records) where ids.contains(record.id) {
                    known.payments[record.id] = KnownPayment(
                        userKey: record.userKey, body: record.body,
                        judged: JudgedPayment(
                            model: record.scores.model == nil ? nil : models.active,
                            isFlagged: record.decision != .approve),
                        verdict: nil, alert: record.decision == .approve ? nil : .new)
                }
            case .labels(_, let labels):
                for label in labels {
                    guard let before = known.payments[label.id] else { continue }
                    known.payments[label.id] = KnownPayment(
                        userKey: before.userKey, body: before.body, judged: before.judged, verdict: label.verdict)
                }
            case .verify, .change, .stream, .reviews, .outbox: break
            }
        }
        return known
    }

    var lastIndex: LogIndex { state.withLock { LogIndex(UInt64($0.log.count)) } }

    func eventually(_ condition: (State) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if state.withLock({ condition($0) }) { return true }
            await Task.yield()
        }
        return false
    }
}

/// Answers as they come.
final class Answers: Sendable {
    private let outcomes = Mutex<[Int: WorkOutcome]>([:])

    func reply(_ number: Int) -> Sequencer.Reply {
        { outcome in self.outcomes.withLock { $0[number] = outcome } }
    }

    subscript(_ number: Int) -> WorkOutcome? { outcomes.withLock { $0[number] } }

    func wait(for number: Int) async -> WorkOutcome? {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let outcome = self[number] { return outcome }
            await Task.yield()
        }
        return nil
    }
}
