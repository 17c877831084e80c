public import Ledger
import Raft
import Security

extension Pipeline {
    /// One page of the alerts; `AlertQuery` says of which.
    public func alerts(
        _ query: AlertQuery, consistency: ReadConsistency, deadlineMilliseconds: Int
    ) async throws(BackendError) -> AlertPage {
        guard LedgerStore.pageLimits ~= query.limit else {
            throw .invalid([InvalidField(field: "limit", reason: "must be 1 to 1000")])
        }
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        let floor = try await freshness(consistency, deadline: deadline)
        let filter = AlertFilter(
            state: query.state, decision: query.decision,
            userKey: query.userID.map { blindIndex.index($0, in: .user) }, fromMicroseconds: query.fromMicroseconds,
            toMicroseconds: query.toMicroseconds)
        let page = try await reading {
            try await store.alerts(filter, limit: query.limit, after: query.after, atLeast: floor, deadline: deadline)
        }
        var views: [AlertView] = []
        for stored in page.alerts { views.append(try view(stored)) }
        return AlertPage(alerts: views, next: page.next)
    }

    /// The alert of a transaction, and what was done with it; nil if there is none.
    public func alert(
        _ id: TransactionID, consistency: ReadConsistency, deadlineMilliseconds: Int
    ) async throws(BackendError) -> AlertHistoryView? {
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        let floor = try await freshness(consistency, deadline: deadline)
        let history = try await reading { try await store.alert(id, atLeast: floor, deadline: deadline) }
        guard let history else { return nil }
        var reviews: [ReviewView] = []
        for review in history.reviews { reviews.append(try view(review)) }
        return AlertHistoryView(alert: try view(history.alert), reviews: reviews)
    }

    /// Carries a review to the log: returns once it is committed on a majority. A verdict labels the payment in the same
    /// entry.
    ///
    /// Throws `conflict` (`alertChanged`) if the alert stands otherwise than is expected, `notFound` if there is none.
    public func review(
        _ id: TransactionID, _ request: ReviewRequest, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> ReviewReceipt {
        try Self.check(request)
        let number = request.number ?? .random(in: .min ... .max)
        let review = IntakeReview(
            number: number, id: id, author: Self.bounded(author: author), action: request.action,
            expecting: request.expectedRevision, note: request.note.map { ReviewNote.seal($0, of: number, sealer) })
        let (index, answer) = try await carry(.reviews([review]), deadlineMilliseconds: deadlineMilliseconds)
        guard case .reviews(let outcomes) = answer, outcomes.count == 1 else {
            throw .internal("no outcome for a review")
        }
        switch outcomes[0] {
        case .reviewed(let standing, let label):
            return ReviewReceipt(standing: standing, label: label, isRepeated: false, commitIndex: index.rawValue)
        case .repeated(let standing):
            return ReviewReceipt(standing: standing, label: nil, isRepeated: true, commitIndex: index.rawValue)
        case .conflict(let standing):
            throw .conflict(
                code: .alertChanged, detail: "the alert is \(standing.state.name), at revision \(standing.revision)")
        case .unknownAlert: throw .notFound(what: "alert \(id)")
        }
    }

    private static func check(_ request: ReviewRequest) throws(BackendError) {
        if case .assign(let assignee?) = request.action, !IntakeReview.isValid(assignee: assignee) {
            throw .invalid([
                InvalidField(
                    field: "assignee",
                    reason: "must be 1 to \(IntakeReview.maximumAssigneeBytes) bytes without control characters")
            ])
        }
        let bytes = request.note?.utf8.count ?? 0
        guard bytes <= ReviewNote.maximumBytes else {
            throw .invalid([
                InvalidField(field: "note", reason: "must be at most \(ReviewNote.maximumBytes) bytes, is \(bytes)")
            ])
        }
        if request.action == .note, bytes == 0 {
            throw .invalid([InvalidField(field: "note", reason: "must not be empty")])
        }
    }

    func view(_ stored: StoredAlert) throws(BackendError) -> AlertView {
        AlertView(
            position: stored.position, createdAtMicroseconds: stored.createdAtMicroseconds, userKey: stored.userKey,
            standing: stored.standing, transaction: try view(stored.transaction))
    }

    private func view(_ stored: StoredReview) throws(BackendError) -> ReviewView {
        var note: String?
        if let sealed = stored.note {
            do {
                note = try ReviewNote.open(sealed, of: stored.number, sealer)
            } catch {
                throw .internal("a note of entry \(stored.logIndex) can't be opened: \(error)")
            }
        }
        return ReviewView(
            revision: stored.revision, reviewedAtMicroseconds: stored.reviewedAtMicroseconds, author: stored.author,
            action: stored.action, state: stored.state, assignee: stored.assignee, note: note,
            logIndex: stored.logIndex.rawValue)
    }
}
