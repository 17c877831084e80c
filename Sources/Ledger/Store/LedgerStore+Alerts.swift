public import Raft

extension LedgerStore {
    /// The alerts behind `position`, in the order of the log. Throws `invalidLimit` unless `limit` is in `pageLimits`.
    public func alerts(
        after position: OutboxPosition, limit: Int, atLeast: LogIndex = .zero,
        deadline: ContinuousClock.Instant = .now
    ) async throws -> StoredAlerts {
        try check(limit)
        return try await read(atLeast: atLeast, deadline: deadline) { connection in
            let alerts = try AlertQueries.after(position, limit: limit, connection)
            return (alerts, alerts.applied)
        }
    }

    /// The alert of a transaction, with its reviews; nil if there is none.
    public func alert(
        _ id: TransactionID, atLeast: LogIndex = .zero, deadline: ContinuousClock.Instant = .now
    ) async throws -> StoredAlertHistory? {
        try await read(atLeast: atLeast, deadline: deadline) { connection in
            let answer = try AlertQueries.alert(id, connection)
            return (answer.value, answer.applied)
        }
    }

    /// The alerts that pass the filter, newest first. Throws `invalidLimit` unless `limit` is in `pageLimits`.
    public func alerts(
        _ filter: AlertFilter = AlertFilter(), limit: Int, after cursor: AlertCursor? = nil,
        atLeast: LogIndex = .zero, deadline: ContinuousClock.Instant = .now
    ) async throws -> StoredAlertPage {
        try check(limit)
        return try await read(atLeast: atLeast, deadline: deadline) { connection in
            let page = try AlertQueries.page(filter, limit: limit, after: cursor, connection)
            return (page, page.applied)
        }
    }

    /// Waits until the database may hold alerts of entries behind this one; false: not until the deadline, or never again.
    public func alertsArrived(after index: LogIndex, deadline: ContinuousClock.Instant) async -> Bool {
        do {
            try await status.alertWaiters.wait(
                for: index.next, deadline: deadline, outcome: { [status] index in status.alertsOutcome(index) },
                lateness: { [status] in .notAppliedInTime(index: index.next, applied: status.current.applied) })
            return true
        } catch {
            return false
        }
    }

    private func check(_ limit: Int) throws(LedgerStoreError) {
        guard Self.pageLimits.contains(limit) else { throw .invalidLimit(limit, allowed: Self.pageLimits) }
    }
}
