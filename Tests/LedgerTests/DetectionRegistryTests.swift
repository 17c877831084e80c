import Detection
import Ledger
import Raft
import Security
import Testing

@Suite struct DetectionRegistryTests {
    let ledger = TestLedger()
    var state = LedgerState(
        configuration: LedgerConfiguration(
            transactionIDs: 100, idempotencyKeys: 20, users: 20, merchants: 20, labels: 4))

    /// Makes a change and has it committed.
    @discardableResult
    private mutating func change(_ change: RegistryChange) -> RegistryOutcome {
        let taken = state.takeChange(change, author: "ada", nowMicroseconds: newYear)
        if taken.command != nil { state.confirm(at: state.applied.next) }
        return taken.outcome
    }

    private func value(_ number: UInt64, _ other: UInt64? = nil) -> ListedValue {
        ListedValue(key: number, keys: [number] + (other.map { [$0] } ?? []), sealed: [1])
    }

    @Test mutating func `rules have numbers, and the fiftieth but one is forgotten`() {
        #expect(state.registry.activeRules == 0)
        for number in 1...60 {
            let outcome = change(
                .putRules(text: "rules: []\n# \(number)\n", comment: "", restores: nil, expecting: UInt64(number - 1)))
            #expect(outcome == .changed(version: UInt64(number)))
        }
        #expect(state.registry.rules.map(\.number) == Array(11...60))
        #expect(state.changes.index(of: state.registry.rules[0].mark.revision) == LogIndex(11))
        // The same again is no news, whatever was expected; others are refused if something else is active.
        let same = RegistryChange.putRules(text: "rules: []\n# 60\n", comment: "", restores: nil, expecting: 59)
        #expect(change(same) == .unchanged(version: 60))
        let late = RegistryChange.putRules(text: "rules: []\n", comment: "", restores: nil, expecting: 59)
        #expect(change(late) == .refused(.rulesChanged(active: 60)))
    }

    @Test mutating func `rules that don't compile are refused`() {
        let outcome = change(.putRules(text: "rules: [", comment: "", restores: nil, expecting: nil))
        guard case .refused(.unusable) = outcome else { Issue.record("\(outcome)"); return }
    }

    @Test mutating func `a list keeps its entries' dates, and two entries may share a number`() {
        change(.putList(name: "watched", kind: .merchant, description: "", values: [value(1, 7), value(2, 7)]))
        let first = state.registry.list("watched")!.mark
        #expect(state.registry.valueLists["watched"]?.keys == [1, 2, 7])
        change(.addToList(name: "watched", values: [value(3), value(1, 7)]))
        #expect(state.registry.list("watched")![1]!.mark == first)
        change(.removeFromList(name: "watched", keys: [1]))
        #expect(state.registry.valueLists["watched"]?.keys == [2, 3, 7])
        #expect(change(.removeFromList(name: "watched", keys: [1])) == .unchanged(version: 3))
        let outcome = change(.putList(name: "watched", kind: .user, description: "", values: []))
        #expect(outcome == .refused(.listKindDiffers(name: "watched", kind: .merchant)))
        #expect(change(.addToList(name: "other", values: [])) == .refused(.unknownList(name: "other")))
        change(.deleteList(name: "watched"))
        #expect(state.registry.listNames.isEmpty && state.registry.valueLists.lists.isEmpty)
        #expect(change(.deleteList(name: "watched")) == .unchanged(version: 0))
    }

    @Test mutating func `a state reads back with its registry and its labels`() throws {
        change(.putList(name: "watched", kind: .merchant, description: "d", values: [value(1, 7), value(2)]))
        change(.putRules(text: "rules: []\n", comment: "none", restores: nil, expecting: nil))
        let taken = try ledger.take([ledger.group(ids: [1, 2])], &state)
        state.confirm(at: state.applied.next)
        var database = TestDatabase()
        database.apply(taken.command!, at: state.applied)
        let labels = [ledger.label(1), ledger.label(2, .legitimate)]
        let labelled = try state.takeLabels(
            labels, known: database.payments(labels.map(\.id)), nowMicroseconds: newYear, sealer: ledger.sealer)
        #expect(labelled.outcome == [.accepted, .accepted])
        state.confirm(at: state.applied.next)
        let restored = try LedgerState(decoding: state.encode(), configuration: state.configuration)
        #expect(restored.encode() == state.encode())
        #expect(restored.registry.list("watched") == state.registry.list("watched"))
        #expect(restored.registry.valueLists == state.registry.valueLists)
        #expect(restored.registry.rules == state.registry.rules)
        for count in stride(from: 0, to: state.encode().count, by: 3) {
            #expect(throws: InvalidLedgerState.self) {
                try LedgerState(decoding: Array(state.encode().prefix(count)), configuration: state.configuration)
            }
        }
    }

    @Test mutating func `a digest tells any difference of profiles, labels and registry`() throws {
        var digests: Set<String> = [state.digest().description]
        let taken = try ledger.take([ledger.group(ids: [1])], &state)
        state.confirm(at: state.applied.next)
        var database = TestDatabase()
        database.apply(taken.command!, at: state.applied)
        digests.insert(state.digest().description)
        let known = database.payments([TransactionID(rawValue: 1)])
        for verdict in [Verdict.fraud, .legitimate] {
            var other = state
            _ = try other.takeLabels(
                [ledger.label(1, verdict)], known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
            other.confirm(at: other.applied.next)
            digests.insert(other.digest().description)
        }
        change(.putRules(text: "rules: []\n", comment: "", restores: nil, expecting: nil))
        digests.insert(state.digest().description)
        #expect(digests.count == 5)
    }

    @Test mutating func `a label that is carried twice is told what came of it, and undoes nothing said since`()
        throws
    {
        let taken = try ledger.take([ledger.group(ids: [1, 2])], &state)
        state.confirm(at: state.applied.next)
        var database = TestDatabase()
        database.apply(taken.command!, at: state.applied)
        let known = database.payments([1, 2].map { TransactionID(rawValue: $0) })
        func take(_ labels: [IntakeLabel], _ state: inout LedgerState) throws -> TakenOther<[LabelOutcome]> {
            try state.takeLabels(labels, known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
        }
        let (fraud, since) = ([ledger.label(1), ledger.label(2)], [ledger.label(1, .legitimate)])
        let before = state.encode()
        let undone = try take(fraud, &state)
        state.undo(undone.undo!)
        #expect(state.encode() == before)
        // On one node by its leader's way, on another by everybody's.
        var follower = state
        let first = try take(fraud, &state)
        #expect(first.outcome == [.accepted, .accepted])
        state.confirm(at: state.applied.next)
        try follower.fold(first.command!, at: follower.applied.next, sealer: ledger.sealer)
        #expect(try take(since, &follower).outcome == [.changed])
        follower.confirm(at: follower.applied.next)
        var restored = try LedgerState(decoding: follower.encode(), configuration: state.configuration)
        for again in [fraud, since] {
            let taken = try take(again, &restored)
            #expect(taken.command == nil)
            #expect(taken.outcome == again.map { $0.verdict == .fraud ? .accepted : .changed })
        }
        #expect(restored.encode() == follower.encode())
        // Said anew, it is a label like any other.
        #expect(try take([ledger.label(1)], &restored).outcome == [.changed])
    }

    @Test mutating func `a label of a payment that the database lags behind waits, of one that nobody took is unknown`()
        throws
    {
        let taken = try ledger.take([ledger.group(ids: [1])], &state)
        state.confirm(at: state.applied.next)
        #expect(!state.isCovered(by: KnownPayments(), [ledger.label(1)]))
        #expect(state.isCovered(by: KnownPayments(), [ledger.label(2)]))
        var database = TestDatabase()
        database.apply(taken.command!, at: state.applied)
        let known = database.payments([TransactionID(rawValue: 1)])
        #expect(state.isCovered(by: known, [ledger.label(1)]))
        let labels = [ledger.label(2), ledger.label(1), ledger.label(1), ledger.label(1, .legitimate)]
        let labelled = try state.takeLabels(
            labels, known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
        #expect(labelled.outcome == [.unknownTransaction, .accepted, .unchanged, .changed])
        guard case .labels(_, let news) = labelled.command else { Issue.record("no command"); return }
        #expect(news.map(\.previous) == [nil, .fraud])
    }
}
