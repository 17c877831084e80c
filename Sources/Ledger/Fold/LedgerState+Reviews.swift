import Detection
public import Security

/// Reviews of alerts.
extension LedgerState {
    /// The leader's part for reviews: makes those that nothing speaks against, and labels the payments that they say
    /// something of, in the same entry.
    ///
    /// `known` must tell of all payments: see `isCovered`. Throws if the body of a payment cannot be opened or understood,
    /// naming the review's place as its group; the state is then as before.
    public mutating func takeReviews(
        _ reviews: [IntakeReview], known: KnownPayments, nowMicroseconds: Int64, sealer: Sealer
    ) throws(LedgerError) -> TakenOther<[ReviewOutcome]> {
        let time = max(nowMicroseconds, timeMicroseconds)
        var outcomes: [ReviewOutcome] = []
        outcomes.reserveCapacity(reviews.count)
        var news: [LedgerReview] = []
        let undo = try propose { state, undo throws(LedgerError) in
            var bodies = BodyReader(sealer: sealer)
            for (position, review) in reviews.enumerated() {
                let (outcome, new) = state.judge(review, known, timeMicroseconds: time)
                outcomes.append(outcome)
                guard let new else { continue }
                let event: LabelEvent? =
                    if let label = new.label { try bodies.event(of: label, at: position) } else { nil }
                state.take(new, event, &undo)
                news.append(new)
            }
            state.timeMicroseconds = time
            return !news.isEmpty
        }
        return TakenOther(
            command: undo == nil ? nil : .reviews(timeMicroseconds: time, news), outcome: outcomes, undo: undo)
    }

    /// What a review comes to; the second is nil if nothing is to be done.
    private func judge(
        _ review: IntakeReview, _ known: KnownPayments, timeMicroseconds time: Int64
    ) -> (ReviewOutcome, LedgerReview?) {
        guard let payment = known.payments[review.id], let stored = payment.alert else { return (.unknownAlert, nil) }
        let standing = standings[review.id] ?? stored
        if standing.lastReview == review.number { return (.repeated(standing), nil) }
        if let expecting = review.expecting, expecting != standing.revision { return (.conflict(standing), nil) }
        var label: LedgerLabel?
        var said: LabelOutcome?
        if let verdict = review.action.verdict {
            let previous = verdicts[review.id] ?? payment.verdict
            said = previous == nil ? .accepted : previous == verdict ? .unchanged : .changed
            if previous != verdict {
                label = LedgerLabel(
                    id: review.id, userKey: payment.userKey, verdict: verdict, previous: previous,
                    source: LedgerReview.labelSource(of: review.author),
                    labelledAtMicroseconds: PaymentEvent.occurredAtRange.clamping(time), judged: payment.judged,
                    body: payment.body)
            }
        }
        let new = LedgerReview(
            id: review.id, author: review.author, action: review.action, note: review.note,
            standing: standing.after(review), label: label)
        return (.reviewed(new.standing, label: said), new)
    }

    /// Takes a review in, with what its label says of the payment.
    mutating func take(_ review: LedgerReview, _ event: LabelEvent?, _ undo: inout LedgerUndo) {
        if let label = review.label, let event { take(label, event, &undo) }
        insert(review.id, review.standing, .pending(undo.ordinal), &undo)
    }

    mutating func fold(_ reviews: [LedgerReview], at mark: EntryMark, sealer: Sealer) throws(LedgerError) {
        let labels = reviews.compactMap(\.label)
        try fold(labels, at: mark, sealer: sealer)
        for review in reviews {
            let change = standings.set(review.id, review.standing)
            standingStamps.mark(mark, rotating: change.isRotation, at: timeMicroseconds)
        }
    }
}

extension ClosedRange<Int64> {
    fileprivate func clamping(_ value: Int64) -> Int64 { Swift.min(Swift.max(value, lowerBound), upperBound) }
}
