import Detection
public import Security

extension LedgerState {
    /// The leader's part for labels: drops those that say what is known already, and makes the entry of the rest. One that
    /// comes again, because an election took the answer away, is told what became of it, and does not come on top of what
    /// was said since.
    ///
    /// `known` must tell of all payments: see `isCovered`. A payment that it does not have is unknown. Throws if the body
    /// of a payment cannot be opened or understood, naming the label's place as its group; the state is then as before.
    public mutating func takeLabels(
        _ labels: [IntakeLabel], known: KnownPayments, nowMicroseconds: Int64, sealer: Sealer
    ) throws(LedgerError) -> TakenOther<[LabelOutcome]> {
        let time = max(nowMicroseconds, timeMicroseconds)
        var outcomes: [LabelOutcome] = []
        outcomes.reserveCapacity(labels.count)
        var news: [LedgerLabel] = []
        let undo = try propose { state, undo throws(LedgerError) in
            var bodies = BodyReader(sealer: sealer)
            for (position, label) in labels.enumerated() {
                if let outcome = state.takenLabels[label.number] {
                    outcomes.append(outcome)
                    continue
                }
                guard let payment = known.payments[label.id] else {
                    outcomes.append(.unknownTransaction)
                    continue
                }
                let previous = state.verdicts[label.id] ?? payment.verdict
                guard previous != label.verdict else {
                    outcomes.append(.unchanged)
                    continue
                }
                let new = LedgerLabel(
                    number: label.number, id: label.id, userKey: payment.userKey, verdict: label.verdict,
                    previous: previous, source: label.source, labelledAtMicroseconds: label.labelledAtMicroseconds,
                    judged: payment.judged, body: payment.body)
                let event = try bodies.event(of: new, at: position)
                state.take(new, event, &undo)
                news.append(new)
                outcomes.append(new.outcome)
            }
            state.timeMicroseconds = time
            return !news.isEmpty
        }
        return TakenOther(
            command: undo == nil ? nil : .labels(timeMicroseconds: time, news), outcome: outcomes, undo: undo)
    }

    /// The leader's part for a change of rules, lists or models: makes it, unless it can't be made or was made already.
    public mutating func takeChange(
        _ change: RegistryChange, author: String, nowMicroseconds: Int64
    ) -> TakenOther<RegistryOutcome> {
        precondition(author.utf8.count <= Command.maximumAuthorBytes, "an author's name is bounded")
        if let refusal = Judge.refusal(of: change) {
            return TakenOther(command: nil, outcome: .refused(refusal), undo: nil)
        }
        let time = max(nowMicroseconds, timeMicroseconds)
        let command = Command.change(timeMicroseconds: time, author: author, change)
        var outcome: RegistryOutcome?
        // Nothing of a change can fail.
        let undo = try? propose { state, undo in
            outcome = state.make(change, author: author, timeMicroseconds: time, &undo)
            guard case .changed = outcome else { return false }
            return true
        }
        guard let outcome else { preconditionFailure("a change has an outcome") }
        return TakenOther(command: undo == nil ? nil : command, outcome: outcome, undo: undo)
    }

    /// The leader's part for an operator's word on a stream.
    public mutating func takeStreamChange(
        _ change: StreamChange, author: String, nowMicroseconds: Int64
    ) -> TakenOther<StreamChangeOutcome> {
        precondition(author.utf8.count <= Command.maximumAuthorBytes, "an author's name is bounded")
        let time = max(nowMicroseconds, timeMicroseconds)
        var outcome = StreamChangeOutcome.unchanged
        // Nothing of it can fail.
        let undo = try? propose { state, undo in
            outcome = state.make(change, timeMicroseconds: time, &undo)
            return !undo.streams.isEmpty
        }
        let command = Command.stream(timeMicroseconds: time, author: author, change)
        return TakenOther(command: undo == nil ? nil : command, outcome: outcome, undo: undo)
    }

    /// As the leader's part that came to `command`, for one that was undone: its undo stays valid.
    mutating func takeAgain(_ command: Command, sealer: Sealer) throws(LedgerError) {
        switch command {
        case .transactions(let time, let groups, let models):
            let events = try BodyReader(sealer: sealer).events(of: groups)
            _ = try propose { state, undo throws(LedgerError) in
                let mark = EntryMark.pending(undo.ordinal)
                for source in groups.lazy.compactMap(\.source) { undo.streams.append(state.streams.advance(source)) }
                for record in groups.lazy.flatMap(\.records) {
                    state.insert(record.id, record.fingerprint, mark, &undo)
                }
                for (event, record) in zip(events, groups.lazy.flatMap(\.records)) {
                    let token = record.token ?? state.profiles.observe(event).token
                    undo.profiles.append(state.profiles.foldUndoably(event, token))
                }
                for group in groups {
                    if let key = group.key { state.insert(key, time, mark, &undo) }
                }
                state.reports.note(groups.lazy.flatMap(\.records), models)
                state.timeMicroseconds = time
                return true
            }
        case .labels(let time, let labels):
            let events = try BodyReader(sealer: sealer).events(of: labels)
            _ = try propose { state, undo throws(LedgerError) in
                for (label, event) in zip(labels, events) { state.take(label, event, &undo) }
                state.timeMicroseconds = time
                return true
            }
        case .change(let time, let author, let change):
            _ = try propose { state, undo throws(LedgerError) in
                _ = state.make(change, author: author, timeMicroseconds: time, &undo)
                return true
            }
        case .reviews(let time, let reviews):
            let events = try BodyReader(sealer: sealer).events(of: reviews.compactMap(\.label))
            _ = try propose { state, undo throws(LedgerError) in
                var events = events[...]
                for review in reviews { state.take(review, review.label == nil ? nil : events.popFirst(), &undo) }
                state.timeMicroseconds = time
                return true
            }
        case .outbox(let time, let author, let changes):
            _ = try propose { state, undo throws(LedgerError) in
                undo.outbox = state.outbox
                _ = state.fold(changes, author: author, timeMicroseconds: time)
                state.timeMicroseconds = time
                return true
            }
        case .stream(let time, _, let change):
            _ = try propose { state, undo throws(LedgerError) in
                _ = state.make(change, timeMicroseconds: time, &undo)
                return true
            }
        case .verify: break
        }
    }

    mutating func take(_ label: LedgerLabel, _ event: LabelEvent, _ undo: inout LedgerUndo) {
        undo.profiles.append(profiles.foldUndoably(event))
        insert(label, .pending(undo.ordinal), &undo)
        reports.note(label)
    }

    private mutating func make(
        _ change: StreamChange, timeMicroseconds time: Int64, _ undo: inout LedgerUndo
    ) -> StreamChangeOutcome {
        let (outcome, change) = streams.make(change)
        guard let change else { return outcome }
        undo.streams.append(change)
        timeMicroseconds = time
        return outcome
    }

    private mutating func make(
        _ change: RegistryChange, author: String, timeMicroseconds time: Int64, _ undo: inout LedgerUndo
    ) -> RegistryOutcome {
        let before = registry
        let outcome = registry.apply(change, author: author, timeMicroseconds: time)
        guard case .changed = outcome else { return outcome }
        undo.registry = before
        reports.keep(registry)
        timeMicroseconds = time
        return outcome
    }
}

extension Command {
    /// The entry's time, where the ledger's own clock follows it.
    var timeThatMoves: Int64? {
        switch self {
        case .transactions(let time, _, _), .labels(let time, _), .reviews(let time, _), .change(let time, _, _),
            .outbox(let time, _, _), .stream(let time, _, _):
            time
        case .verify: nil
        }
    }
}
