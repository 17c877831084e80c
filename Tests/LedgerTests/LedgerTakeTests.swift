import Detection
import Ledger
import Raft
import Security
import Testing

@Suite struct LedgerTakeTests {
    let ledger = TestLedger()
    var state = LedgerState(configuration: LedgerConfiguration(transactionIDs: 100, idempotencyKeys: 20, users: 20))

    @Test mutating func newRecordsAreJudgedAndBecomeACommand() throws {
        let group = ledger.group([
            ledger.record(1, ledger.transaction()), ledger.record(2, ledger.transaction(amount: "10000.01")),
        ])
        let taken = try ledger.take([group], &state)
        let checked = "\(RuleProgram.standard.activeCount) rules checked, none fired"
        let none = Assessment(
            decision: .approve, score: 0,
            reasons: [
                Reason(code: "no_model", text: "no model is active: rules alone decided", points: 0),
                Reason(code: "no_rule_fired", text: checked, points: 0),
            ]
        ).reasonsJSON
        guard case .accepted(let outcomes) = taken.outcomes[0],
            case .accepted(let decision, let score, let reasons) = outcomes[1]
        else { Issue.record("refused"); return }
        #expect(outcomes[0] == .accepted(decision: .approve, score: 0, reasons: none))
        #expect(decision == .review && score == 0.5)
        #expect(String(decoding: reasons, as: UTF8.self).contains("10,000.01 EUR is over the limit of 10,000.00 EUR"))
        guard case .transactions(newYear, let groups, _) = taken.command else { Issue.record("no command"); return }
        #expect(groups.count == 1 && groups[0].key == nil)
        #expect(groups[0].records.map(\.id) == group.records.map(\.id))
        #expect(groups[0].records.map(\.body) == group.records.map(\.body))
        #expect(groups[0].records.map(\.decision) == [.approve, .review])
        #expect(state.transactionCount == 2 && state.pendingCount == 1)
    }

    @Test mutating func eachRecordIsJudgedByThoseBeforeIt() throws {
        let records = (1...14).map { ledger.record($0, ledger.transaction()) }
        let taken = try ledger.take([ledger.group(records)], &state)
        guard case .accepted(let outcomes) = taken.outcomes[0] else { Issue.record("refused"); return }
        let fired = outcomes.map { outcome in
            guard case .accepted(_, let score, _) = outcome else { return false }
            return score > 0
        }
        #expect(fired == [Bool](repeating: false, count: 12) + [true, true], "the thirteenth is one too many")
    }

    @Test mutating func aRepeatedIDIsADuplicateOrAConflict() throws {
        #expect(try ledger.take([ledger.group(ids: [1, 2])], &state).summary == ["new new"])
        #expect(try ledger.take([ledger.group(ids: [2, 3])], &state).summary == ["duplicate new"])
        let before = state.profiles[user: ledger.record(1, ledger.transaction()).userKey]
        let other = ledger.group([
            ledger.record(9, ledger.transaction()), ledger.record(1, ledger.transaction(amount: "1")),
            ledger.record(2, ledger.transaction()), ledger.record(3, ledger.transaction(amount: "2")),
        ])
        let taken = try ledger.take([other], &state)
        #expect(taken.summary == ["reused 1 3"])
        #expect(taken.command == nil && taken.undo == nil)
        #expect(state.profiles[user: ledger.record(1, ledger.transaction()).userKey] == before)
        #expect(try ledger.take([ledger.group(ids: [9])], &state).summary == ["new"], "nothing of it was taken")
        #expect(state.transactionCount == 4)
    }

    @Test mutating func idsAreComparedWithinAGroupAndAmongGroupsOfOneTake() throws {
        let conflicting = ledger.group([
            ledger.record(5, ledger.transaction()), ledger.record(5, ledger.transaction(amount: "99")),
        ])
        let taken = try ledger.take(
            [ledger.group(ids: [1, 1, 2]), ledger.group(ids: [2, 3]), conflicting, ledger.group(ids: [5])], &state)
        #expect(taken.summary == ["new duplicate new", "duplicate new", "reused 5", "new"])
        #expect(state.transactionCount == 4)
    }

    @Test mutating func aKeyDecidesBeforeTheIDsDo() throws {
        let first = ledger.group(ids: [1, 2], key: 7, keyFingerprint: 70)
        #expect(try ledger.take([first], &state).summary == ["new new"])
        let again = ledger.group(ids: [11, 12], key: 7, keyFingerprint: 70)
        let other = ledger.group(ids: [21], key: 7, keyFingerprint: 71)
        let taken = try ledger.take([again, other], &state)
        #expect(taken.summary == ["key of 1 +2", "key reused"])
        #expect(taken.command == nil)
        #expect(state.transactionCount == 2)
    }

    @Test mutating func aKeyIsForgottenAfter24Hours() throws {
        let day = IdempotencyKey.lifetimeMicroseconds
        _ = try ledger.take([ledger.group(ids: [1], key: 7, keyFingerprint: 70)], &state)
        let again = ledger.group(ids: [2], key: 7, keyFingerprint: 70)
        #expect(try ledger.take([again], &state, now: newYear + day - 1).summary == ["key of 1 +1"])
        #expect(try ledger.take([again], &state, now: newYear + day).summary == ["new"])
        #expect(try ledger.take([again], &state, now: newYear + day + 1).summary == ["key of 2 +1"])
    }

    @Test mutating func aNewKeyIsRecordedThoughAllItsRecordsAreDuplicates() throws {
        _ = try ledger.take([ledger.group(ids: [1, 2])], &state)
        let taken = try ledger.take([ledger.group(ids: [1, 2], key: 7, keyFingerprint: 70)], &state)
        #expect(taken.summary == ["duplicate duplicate"])
        guard case .transactions(_, let groups, _) = taken.command else { Issue.record("no command"); return }
        #expect(groups[0].records.isEmpty)
        #expect(groups[0].key?.first.rawValue == 1 && groups[0].key?.count == 2)
        #expect(try ledger.take([ledger.group(ids: [3], key: 7, keyFingerprint: 9)], &state).summary == ["key reused"])
    }

    @Test mutating func whatTheDatabaseKnowsCountsAsKnown() throws {
        let record = ledger.record(1, ledger.transaction())
        let id = TransactionID(rawValue: 8)
        var known = KnownDuplicates(ids: [record.id: record.fingerprint, TransactionID(rawValue: 2): 0])
        known.keys[IdempotencyKey(digest: 7)] = KnownKey(
            first: id, count: 3, fingerprint: 70, acceptedAtMicroseconds: newYear - 1000)
        let groups = [
            ledger.group([record]), ledger.group(ids: [2]), ledger.group(ids: [4], key: 7, keyFingerprint: 70),
        ]
        let taken = try ledger.take(groups, &state, known: known)
        #expect(taken.summary == ["duplicate", "reused 2", "key of 8 +3"])
        #expect(taken.command == nil && state.pendingCount == 0)
        let tomorrow = newYear + IdempotencyKey.lifetimeMicroseconds
        #expect(try ledger.take([groups[2]], &state, known: known, now: tomorrow).summary == ["new"])
    }

    @Test mutating func entryTimeNeverGoesBack() throws {
        _ = try ledger.take([ledger.group(ids: [1])], &state, now: newYear + 500)
        let taken = try ledger.take([ledger.group(ids: [2])], &state, now: newYear)
        guard case .transactions(let time, _, _) = taken.command else { Issue.record("no command"); return }
        #expect(time == newYear + 500)
    }

    @Test mutating func aBodyThatCannotBeOpenedIsNamedAndNothingIsTaken() throws {
        let stranger = TestLedger(key: 2)
        var tampered = ledger.record(4, ledger.transaction())
        tampered = IntakeRecord(
            id: TransactionID(rawValue: 5), fingerprint: tampered.fingerprint, userKey: tampered.userKey,
            occurredAtMicroseconds: newYear, body: tampered.body)
        let untouched = state.digest()
        let cases: [(IntakeGroup, UInt128)] = [
            (stranger.group(ids: [3]), 3), (ledger.group([ledger.record(1, ledger.transaction()), tampered]), 5),
        ]
        for (group, id) in cases {
            let error = #expect(throws: LedgerError.self) {
                try ledger.take([ledger.group(ids: [1], key: 1), group], &state)
            }
            guard case .sealedBody(group: 1, let named, _) = error else { Issue.record("\(error as Any)"); return }
            #expect(named.rawValue == id)
            #expect(state.digest() == untouched)
        }
        let honest = ledger.record(6, ledger.transaction())
        let lying = IntakeRecord(
            id: honest.id, fingerprint: 1, userKey: honest.userKey ^ 1, occurredAtMicroseconds: newYear,
            body: honest.body)
        let error = #expect(throws: LedgerError.self) { try ledger.take([ledger.group([lying])], &state) }
        guard case .malformedBody(group: 0, _, _) = error else { Issue.record("\(error as Any)"); return }
        #expect(state.digest() == untouched)
    }

    @Test mutating func undoingRestoresTheStateToTheByte() throws {
        _ = try ledger.take([ledger.group(ids: [1, 2], key: 7)], &state)
        state.confirm(at: LogIndex(1))
        let before = state.digest()
        let first = try ledger.take([ledger.group(ids: [3], key: 8)], &state, now: newYear + 5)
        let second = try ledger.take([ledger.group(ids: Array(4...80), user: "u2")], &state, now: newYear + 9)
        state.undo(second.undo!)
        state.undo(first.undo!)
        #expect(state.digest() == before)
    }
}
