public import Detection
public import Security

extension LedgerState {
    /// The leader's part: drops what was taken before, judges the rest by the profiles, and makes the entry of it.
    ///
    /// For each group, in order:
    /// 1. A key less than 24 hours old decides: `duplicateKey` for the same content, else `keyReused`.
    /// 2. An id that is known with other content refuses the whole group (`idReused`), be it known from an earlier entry,
    ///    an earlier group or from the group itself. With the same content the record is a `duplicate`.
    /// 3. What is left is judged and folded record by record, so each record is judged by all before it.
    ///
    /// A new key is recorded even if every record of its group is a duplicate: the promise that a key comes back with the
    /// same answer, or is refused with other content, holds without exception.
    ///
    /// `known` must cover what the memories have forgotten, for groups that need it: see `needsLookUp` and `isCovered`.
    /// The entry's time is `nowMicroseconds`, or that of the entry before if the clock stands behind it.
    ///
    /// Throws if a body cannot be opened or understood, naming group and id; the state is then as before, and the other
    /// groups can be taken without that one.
    public mutating func take(
        _ groups: [IntakeGroup], known: KnownDuplicates = .none, nowMicroseconds: Int64, sealer: Sealer, rules: RuleSet
    ) throws(LedgerError) -> Taken {
        let time = max(nowMicroseconds, timeMicroseconds)
        var outcomes: [GroupOutcome] = []
        outcomes.reserveCapacity(groups.count)
        var news: [LedgerGroup] = []
        let undo = try propose { state, undo throws(LedgerError) in
            var intake = Intake(known: known, time: time, rules: rules, bodies: BodyReader(sealer: sealer))
            for (position, group) in groups.enumerated() {
                outcomes.append(try intake.take(group, at: position, into: &state, &undo, &news))
            }
            state.timeMicroseconds = time
            return !news.isEmpty
        }
        let command = undo == nil ? nil : Command.transactions(timeMicroseconds: time, groups: news)
        return Taken(command: command, outcomes: outcomes, undo: undo)
    }

    /// As a `take` that comes to `command`, for one that was undone: `taken.undo` stays valid.
    mutating func takeAgain(_ command: Command, sealer: Sealer) throws(LedgerError) {
        guard case .transactions(let time, let groups) = command else { return }
        let events = try BodyReader(sealer: sealer).events(of: groups)
        _ = try propose { state, undo throws(LedgerError) in
            let mark = EntryMark.pending(undo.ordinal)
            for record in groups.lazy.flatMap(\.records) { state.insert(record.id, record.fingerprint, mark, &undo) }
            for event in events { undo.profiles.append(state.profiles.foldUndoably(event)) }
            for group in groups {
                if let key = group.key { state.insert(key, time, mark, &undo) }
            }
            state.timeMicroseconds = time
            return true
        }
    }
}

/// One `take` at work.
private struct Intake {
    let known: KnownDuplicates
    let time: Int64
    let rules: RuleSet
    var bodies: BodyReader

    mutating func take(
        _ group: IntakeGroup, at position: Int, into state: inout LedgerState, _ undo: inout LedgerUndo,
        _ news: inout [LedgerGroup]
    ) throws(LedgerError) -> GroupOutcome {
        if let key = group.key, let answer = answer(to: key, group.keyFingerprint, state) { return answer }

        let savedStamps = state.idStamps
        let savedCount = undo.ids.count
        let savedTransactions = state.transactionCount
        var isNew: [Bool] = []
        isNew.reserveCapacity(group.records.count)
        var conflicts: [TransactionID] = []
        for record in group.records {
            if let fingerprint = state.ids[record.id] ?? known.ids[record.id] {
                if fingerprint != record.fingerprint { conflicts.append(record.id) }
                isNew.append(false)
            } else {
                state.insert(record.id, record.fingerprint, .pending(undo.ordinal), &undo)
                isNew.append(true)
            }
        }
        guard conflicts.isEmpty else {
            while undo.ids.count > savedCount { state.ids.undo(undo.ids.removeLast()) }
            state.idStamps = savedStamps
            state.transactionCount = savedTransactions
            return .idReused(conflicts)
        }
        return .accepted(try judge(group, isNew, at: position, into: &state, &undo, &news))
    }

    private func answer(to key: IdempotencyKey, _ fingerprint: UInt64, _ state: LedgerState) -> GroupOutcome? {
        guard let before = state.keys[key] ?? known.keys[key],
            time - before.acceptedAtMicroseconds < IdempotencyKey.lifetimeMicroseconds
        else { return nil }
        return before.fingerprint == fingerprint ? .duplicateKey(first: before.first, count: before.count) : .keyReused
    }

    private mutating func judge(
        _ group: IntakeGroup, _ isNew: [Bool], at position: Int, into state: inout LedgerState,
        _ undo: inout LedgerUndo, _ news: inout [LedgerGroup]
    ) throws(LedgerError) -> [RecordOutcome] {
        var outcomes: [RecordOutcome] = []
        outcomes.reserveCapacity(isNew.count)
        var records: [LedgerRecord] = []
        records.reserveCapacity(isNew.count)
        for (record, isNew) in zip(group.records, isNew) {
            guard isNew else {
                outcomes.append(.duplicate)
                continue
            }
            let event = try bodies.event(record.id, record.userKey, record.body, group: position)
            let assessment = rules.assess(event, profile: state.profiles[event.userKey])
            undo.profiles.append(state.profiles.foldUndoably(event))
            let reasons = assessment.reasonsJSON
            outcomes.append(.accepted(decision: assessment.decision, score: assessment.score, reasons: reasons))
            records.append(
                LedgerRecord(
                    id: record.id, fingerprint: record.fingerprint, userKey: record.userKey,
                    occurredAtMicroseconds: record.occurredAtMicroseconds, decision: assessment.decision,
                    score: assessment.score, reasons: reasons, body: record.body))
        }
        let key = group.key.map {
            LedgerKey(
                key: $0, fingerprint: group.keyFingerprint, first: group.records[0].id, count: group.records.count)
        }
        if let key { state.insert(key, time, .pending(undo.ordinal), &undo) }
        if key != nil || !records.isEmpty { news.append(LedgerGroup(key: key, records: records)) }
        return outcomes
    }
}
