import Detection
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
    /// A group of a stream is taken if the stream goes on where it begins, and then as far as it can be: a record whose id is
    /// known with other content becomes a dead letter.
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
        _ groups: [IntakeGroup], known: KnownDuplicates = .none, nowMicroseconds: Int64, sealer: Sealer, judge: Judge
    ) throws(LedgerError) -> Taken {
        let time = max(nowMicroseconds, timeMicroseconds)
        judge.adopt(registry)
        var outcomes: [GroupOutcome] = []
        var news: [LedgerGroup] = []
        let undo: LedgerUndo?
        do throws(LedgerError) {
            undo = try propose { state, undo throws(LedgerError) in
                var intake = Intake(known: known, time: time, judge: judge, bodies: BodyReader(sealer: sealer))
                var drafts: [Intake.Draft] = []
                drafts.reserveCapacity(groups.count)
                for (position, group) in groups.enumerated() {
                    drafts.append(try intake.take(group, at: position, into: &state, &undo))
                }
                (outcomes, news) = intake.conclude(groups, drafts)
                state.reports.note(news.lazy.flatMap(\.records), judge.models)
                state.timeMicroseconds = time
                return !news.isEmpty
            }
        } catch {
            judge.discardStaged()
            throw error
        }
        let command =
            undo == nil ? nil : Command.transactions(timeMicroseconds: time, groups: news, models: judge.models)
        return Taken(command: command, outcomes: outcomes, undo: undo)
    }
}

/// One `take` at work.
private struct Intake {
    let known: KnownDuplicates
    let time: Int64
    let judge: Judge
    var bodies: BodyReader
    /// Of what was taken, in order.
    var tokens: [Token] = []

    /// What a group comes to, before its records are judged.
    enum Draft {
        case answered(GroupOutcome)
        case taken(isNew: [Bool], key: LedgerKey?)
        case streamed(IntakeStream, isNew: [Bool], deadLetters: [DeadLetter])
    }

    mutating func take(
        _ group: IntakeGroup, at position: Int, into state: inout LedgerState, _ undo: inout LedgerUndo
    ) throws(LedgerError) -> Draft {
        if let stream = group.stream { return try take(stream, group, at: position, into: &state, &undo) }
        if let key = group.key, let answer = answer(to: key, group.keyFingerprint, state) { return .answered(answer) }

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
            return .answered(.idReused(conflicts))
        }
        try fold(group, isNew, at: position, into: &state, &undo)
        let key = group.key.map {
            LedgerKey(
                key: $0, fingerprint: group.keyFingerprint, first: group.records[0].id, count: group.records.count)
        }
        if let key { state.insert(key, time, .pending(undo.ordinal), &undo) }
        return .taken(isNew: isNew, key: key)
    }

    private mutating func take(
        _ stream: IntakeStream, _ group: IntakeGroup, at position: Int, into state: inout LedgerState,
        _ undo: inout LedgerUndo
    ) throws(LedgerError) -> Draft {
        if let refusal = state.streams.refusal(of: stream.range) { return .answered(.streamRefused(refusal)) }
        undo.streams.append(state.streams.advance(stream.range))
        var isNew: [Bool] = []
        isNew.reserveCapacity(group.records.count)
        var deadLetters = stream.deadLetters
        for (record, offset) in zip(group.records, stream.offsets) {
            let known = state.ids[record.id] ?? known.ids[record.id]
            isNew.append(known == nil)
            if known == nil {
                state.insert(record.id, record.fingerprint, .pending(undo.ordinal), &undo)
            } else if known != record.fingerprint {
                deadLetters.append(
                    DeadLetter(
                        offset: offset, reason: DeadLetter.idReused,
                        detail: "the ledger holds \(record.id) with other content", transactionID: record.id,
                        content: record.body))
            }
        }
        if deadLetters.count > stream.deadLetters.count { deadLetters.sort { $0.offset < $1.offset } }
        try fold(group, isNew, at: position, into: &state, &undo)
        return .streamed(stream, isNew: isNew, deadLetters: deadLetters)
    }

    /// Folds what is new, one by one, so that each is judged by all before it; judged together, which costs less.
    private mutating func fold(
        _ group: IntakeGroup, _ isNew: [Bool], at position: Int, into state: inout LedgerState,
        _ undo: inout LedgerUndo
    ) throws(LedgerError) {
        for (record, isNew) in zip(group.records, isNew) where isNew {
            let event = try bodies.event(record.id, record.userKey, record.body, group: position)
            let observation = state.profiles.observe(event)
            judge.stage(
                event, observation, history: state.profiles[user: event.userKey]?.sequence ?? TokenSequence())
            undo.profiles.append(state.profiles.foldUndoably(event, observation.token))
            tokens.append(observation.token)
        }
    }

    private func answer(to key: IdempotencyKey, _ fingerprint: UInt64, _ state: LedgerState) -> GroupOutcome? {
        guard let before = state.keys[key] ?? known.keys[key],
            time - before.acceptedAtMicroseconds < IdempotencyKey.lifetimeMicroseconds
        else { return nil }
        return before.fingerprint == fingerprint ? .duplicateKey(first: before.first, count: before.count) : .keyReused
    }

    /// Judges what was taken, and makes the groups' outcomes and the entry's content of it.
    func conclude(_ groups: [IntakeGroup], _ drafts: [Draft]) -> (outcomes: [GroupOutcome], news: [LedgerGroup]) {
        var judgements = judge.judgeStaged()[...]
        var tokens = tokens[...]
        var outcomes: [GroupOutcome] = []
        outcomes.reserveCapacity(groups.count)
        var news: [LedgerGroup] = []
        for (group, draft) in zip(groups, drafts) {
            switch draft {
            case .answered(let outcome): outcomes.append(outcome)
            case .taken(let isNew, let key):
                let (records, own) = Self.records(group, isNew, &judgements, &tokens)
                outcomes.append(.accepted(own))
                if key != nil || !records.isEmpty { news.append(LedgerGroup(key: key, records: records)) }
            case .streamed(let stream, let isNew, let deadLetters):
                let (records, _) = Self.records(group, isNew, &judgements, &tokens)
                let reused = deadLetters.count - stream.deadLetters.count
                outcomes.append(
                    .streamed(
                        StreamReceipt(
                            nextOffset: stream.range.nextOffset, accepted: records.count,
                            duplicates: isNew.count - records.count - reused, deadLetters: deadLetters.count)))
                news.append(LedgerGroup(source: stream.range, records: records, deadLetters: deadLetters))
            }
        }
        return (outcomes, news)
    }

    private static func records(
        _ group: IntakeGroup, _ isNew: [Bool], _ judgements: inout ArraySlice<Judge.Judgement>,
        _ tokens: inout ArraySlice<Token>
    ) -> ([LedgerRecord], [RecordOutcome]) {
        var outcomes: [RecordOutcome] = []
        outcomes.reserveCapacity(isNew.count)
        var records: [LedgerRecord] = []
        records.reserveCapacity(isNew.count)
        for (record, isNew) in zip(group.records, isNew) {
            guard isNew, let judgement = judgements.popFirst(), let token = tokens.popFirst() else {
                outcomes.append(.duplicate)
                continue
            }
            let (decision, score) = (judgement.assessment.decision, judgement.assessment.score)
            outcomes.append(.accepted(decision: decision, score: score, reasons: judgement.reasons))
            records.append(
                LedgerRecord(
                    id: record.id, fingerprint: record.fingerprint, userKey: record.userKey,
                    occurredAtMicroseconds: record.occurredAtMicroseconds, decision: decision, score: score,
                    reasons: judgement.reasons, body: record.body, token: token, scores: judgement.scores))
        }
        return (records, outcomes)
    }
}
