import Detection
import Ledger
import ModelFixture
import Raft
import Testing

/// What payments are judged by is part of the fold: whoever folds the same log judges the next payment alike.
@Suite struct LedgerDetectionTests {
    let ledger = TestLedger()
    static let models = [1, 2].map { ModelFixture.model(seed: $0) }
    let configuration = LedgerConfiguration(
        transactionIDs: 400, idempotencyKeys: 20, users: 40, merchants: 40, labels: 20)

    private func id(_ model: DetectionModel) -> ModelID { ModelID(model.header.id)! }

    /// A change, taken and committed.
    private func change(
        _ change: RegistryChange, _ state: inout LedgerState, _ log: inout [Command]
    ) throws {
        let taken = state.takeChange(change, author: "ada", nowMicroseconds: newYear)
        log.append(try #require(taken.command, "\(taken.outcome)"))
        state.confirm(at: state.applied.next)
    }

    private func group(_ numbers: Range<Int>) -> IntakeGroup {
        ledger.group(
            numbers.map { number in
                ledger.record(
                    number,
                    ledger.transaction(
                        user: "u\(number % 5)", amount: "\(1 + number * 37 % 900)", merchant: "m\(number % 7)",
                        location: number % 3 == 0 ? "Paris, FR" : "Berlin, DE",
                        time: newYear + Int64(number) * 60_000_000))
            })
    }

    /// A log with payments, labels, and a model and another, and the leader that made it.
    private func ledLog() throws -> (leader: LedgerState, log: [Command]) {
        var state = LedgerState(configuration: configuration)
        var log: [Command] = []
        var database = TestDatabase()
        func confirm(_ command: Command?) throws {
            let command = try #require(command)
            log.append(command)
            state.confirm(at: state.applied.next)
            database.apply(command, at: state.applied)
        }
        for step in 0..<30 {
            let taken = try ledger.take([group(step * 8..<step * 8 + 8)], &state, now: newYear)
            try confirm(taken.command)
            switch step {
            case 3:
                for model in Self.models {
                    try change(.putModel(id: id(model), artifact: model.encode()), &state, &log)
                }
            case 6: try change(.activateModel(id(Self.models[0])), &state, &log)
            case 9: try change(.shadowModel(id(Self.models[1])), &state, &log)
            case 20: try change(.activateModel(id(Self.models[1])), &state, &log)
            case 22: try change(.shadowModel(id(Self.models[0])), &state, &log)
            default: break
            }
            let labels = [step * 8, step * 8 + 3, step * 4].map { ledger.label($0, $0 % 3 == 0 ? .fraud : .legitimate) }
            let labelled = try state.takeLabels(
                labels, known: database.payments(labels.map(\.id)), nowMicroseconds: newYear, sealer: ledger.sealer)
            try confirm(labelled.command)
        }
        return (state, log)
    }

    @Test func `a new leader judges as the old one would have`() throws {
        let (leader, log) = try ledLog()
        var old = leader
        var follower = LedgerState(configuration: configuration)
        for command in log {
            try follower.fold(try Command.decode(command.encode()), at: follower.applied.next, sealer: ledger.sealer)
        }
        #expect(follower.encode() == old.encode())
        // The old leader's caches are full, the new one's are empty; a third one starts from a checkpoint.
        var restored = try LedgerState(decoding: follower.encode(), configuration: configuration)
        let groups = [group(300..<340)]
        let taken = try ledger.take(groups, &old)
        let again = try follower.take(groups, nowMicroseconds: newYear, sealer: ledger.sealer, judge: Judge())
        let third = try restored.take(groups, nowMicroseconds: newYear, sealer: ledger.sealer, judge: Judge())
        #expect(taken.command == again.command && taken.outcomes == again.outcomes)
        #expect(taken.command == third.command)
        guard case .transactions(_, let news, let models) = taken.command else { Issue.record("no command"); return }
        #expect(models == JudgingModels(active: id(Self.models[1]), shadow: id(Self.models[0])))
        let records = news.flatMap(\.records)
        #expect(records.allSatisfy { $0.scores.model != nil && $0.scores.shadow != nil })
        #expect(Set(records.map(\.score)).count > 1, "the model says the same of everything: nothing was shown")
    }

    @Test func `batches make no difference to what is said`() throws {
        let (state, _) = try ledLog()
        var together = state
        var alone = state
        let taken = try together.take(
            [group(300..<340)], nowMicroseconds: newYear, sealer: ledger.sealer, judge: Judge())
        let judge = Judge()
        var records: [LedgerRecord] = []
        for number in 300..<340 {
            let one = try alone.take(
                [group(number..<number + 1)], nowMicroseconds: newYear, sealer: ledger.sealer, judge: judge)
            guard case .transactions(_, let groups, _) = one.command else { Issue.record("no command"); return }
            records += groups.flatMap(\.records)
        }
        guard case .transactions(_, let groups, _) = taken.command else { Issue.record("no command"); return }
        // Sealed anew each time, the bodies differ.
        #expect(groups.flatMap(\.records).map(\.score) == records.map(\.score))
        #expect(groups.flatMap(\.records).map(\.reasons) == records.map(\.reasons))
    }

    @Test func `a label changes what is known of the merchant, and a later one takes it back`() throws {
        var state = LedgerState(configuration: configuration)
        let taken = try ledger.take([group(0..<8)], &state)
        state.confirm(at: state.applied.next)
        var database = TestDatabase()
        database.apply(taken.command!, at: state.applied)
        let known = database.payments([TransactionID(rawValue: 1)])
        let event = try ledger.event(of: group(1..<2).records[0])
        func features(_ state: LedgerState) -> [Float] {
            var next = event
            next = PaymentEvent(
                userKey: 99, merchantKey: next.merchantKey, amountMinor: next.amountMinor, currency: next.currency,
                minorUnitExponent: next.minorUnitExponent,
                occurredAtMicroseconds: next.occurredAtMicroseconds + 3_600_000_000)
            return state.profiles.observe(next).features.withUnsafeValues { Array($0) }
        }
        let before = features(state)
        let untouched = state.encode()
        let fraud = try state.takeLabels(
            [ledger.label(1, .fraud)], known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
        #expect(features(state) != before)
        let genuine = try state.takeLabels(
            [ledger.label(1, .legitimate)], known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
        #expect(genuine.outcome == [.changed])
        var direct = LedgerState(configuration: configuration)
        try direct.fold(taken.command!, at: LogIndex(1), sealer: ledger.sealer)
        _ = try direct.takeLabels(
            [ledger.label(1, .legitimate)], known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
        #expect(features(state) == features(direct))
        state.undo(genuine.undo!)
        state.undo(fraud.undo!)
        #expect(state.encode() == untouched)
    }

    @Test func `a model is undone with its proposal, and rolled back step by step`() throws {
        var state = LedgerState(configuration: configuration)
        var log: [Command] = []
        for model in Self.models { try change(.putModel(id: id(model), artifact: model.encode()), &state, &log) }
        let before = state.encode()
        let pending = state.takeChange(.activateModel(id(Self.models[0])), author: "ada", nowMicroseconds: newYear)
        let judge = Judge()
        judge.adopt(state.registry)
        #expect(judge.models.active == id(Self.models[0]))
        state.undo(pending.undo!)
        judge.adopt(state.registry)
        #expect(judge.models == .none && state.encode() == before)
        #expect(state.registry.modelToRollBackTo == nil)
        for model in Self.models { try change(.activateModel(id(model)), &state, &log) }
        #expect(state.registry.modelToRollBackTo == .some(id(Self.models[0])))
        try change(.rollBackModel(to: id(Self.models[0]), from: id(Self.models[1])), &state, &log)
        #expect(state.registry.modelToRollBackTo == .some(nil))
        try change(.rollBackModel(to: nil, from: id(Self.models[0])), &state, &log)
        #expect(state.registry.activeModel == nil && state.registry.modelToRollBackTo == nil)
        let taken = state.takeChange(.removeModel(id(Self.models[0])), author: "ada", nowMicroseconds: newYear)
        guard case .changed = taken.outcome else { Issue.record("\(taken.outcome)"); return }
    }

    @Test func `labels tell how right the models were, and a changed one counts once`() throws {
        let (state, log) = try ledLog()
        var expected: [ModelID: [Int]] = [:]
        var last: [TransactionID: LedgerLabel] = [:]
        for case .labels(_, let labels) in log { for label in labels { last[label.id] = label } }
        for label in last.values {
            let judged = label.judged
            for (model, isFlagged) in [
                (judged.model, judged.isFlagged), (judged.shadowModel, judged.isFlaggedByShadow),
            ] {
                guard let model else { continue }
                expected[model, default: [0, 0, 0, 0]][(label.verdict == .fraud ? 0 : 2) + (isFlagged ? 0 : 1)] += 1
            }
        }
        for model in Self.models {
            let report = try #require(state.report(of: id(model)))
            let counts = [
                report.truePositives, report.falseNegatives, report.falsePositives, report.trueNegatives,
            ]
            #expect(counts.map { Int($0) } == expected[id(model)])
            #expect(report.scored > 0)
        }
    }

    @Test func `a model that can't be read is refused, and one under another name`() {
        var state = LedgerState(configuration: configuration)
        let artifact = Self.models[0].encode()
        for change in [
            RegistryChange.putModel(id: ModelID(rawValue: 1), artifact: artifact),
            .putModel(id: id(Self.models[0]), artifact: Array(artifact.dropLast())),
        ] {
            let taken = state.takeChange(change, author: "ada", nowMicroseconds: newYear)
            guard case .refused(.unusable) = taken.outcome else { Issue.record("\(taken.outcome)"); return }
            #expect(taken.command == nil && state.pendingCount == 0)
        }
    }
}
