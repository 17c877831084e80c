import Detection
public import Raft

extension LedgerState {
    /// What the memories may have forgotten came from entries up to here; zero while nothing was forgotten. A database that
    /// has applied the log through here knows all of it.
    ///
    /// `LogIndex(.max)` while the newest forgotten entry is itself a proposal that is not committed yet: no database can
    /// know it. That takes more pending transactions than half the configured memory, and passes.
    public var evictedThrough: LogIndex {
        guard let ids = idStamps.evicted.index, let keys = keyStamps.evicted.index else { return LogIndex(.max) }
        return max(ids, keys)
    }

    /// How far the clocks of nodes and producers may be apart.
    private static let clockToleranceMicroseconds: Int64 = 10_000_000

    /// Whether the group's ids and key must be looked up in a database before it is taken: something was forgotten, and the
    /// memories neither know all of its ids (if they may have come before) nor its key.
    ///
    /// What a stream brings may come again however old it is: an operator moves the stream back, or a request went another
    /// way too. An id that was made after all that is forgotten was written can't be among it.
    public func needsLookUp(_ group: IntakeGroup) -> Bool {
        if let key = group.key, keyStamps.evicted.index != .zero, keys[key] == nil { return true }
        guard idStamps.evicted.index != .zero else { return false }
        if group.mayBeKnown { return group.records.contains { ids[$0.id] == nil } }
        guard group.stream != nil, idStamps.evictedBeforeMicroseconds > .min else { return false }
        let forgotten = (idStamps.evictedBeforeMicroseconds + Self.clockToleranceMicroseconds) / 1_000
        return group.records.contains { $0.id.milliseconds <= forgotten && ids[$0.id] == nil }
    }

    /// Whether a database's answer still covers all that was forgotten. To be asked right before `take`: in the meantime
    /// more may have been forgotten.
    public func isCovered(by known: KnownDuplicates) -> Bool { evictedThrough <= known.through }

    /// Whether a database's answer tells all that must be known of these payments to label them. If not, it lags behind
    /// what the memories have forgotten, or has not applied a payment that was taken: the same question later will do.
    public func isCovered(by known: KnownPayments, _ labels: [IntakeLabel]) -> Bool {
        isCovered(by: known, labels.lazy.map(\.id))
    }

    /// Whether a database's answer tells all that must be known of these payments to review their alerts; likewise.
    public func isCovered(by known: KnownPayments, _ reviews: [IntakeReview]) -> Bool {
        guard let reviewsForgotten = standingStamps.evicted.index, reviewsForgotten <= known.through else {
            return false
        }
        return isCovered(by: known, reviews.lazy.map(\.id))
    }

    private func isCovered(by known: KnownPayments, _ payments: some Sequence<TransactionID>) -> Bool {
        guard let labelsForgotten = verdictStamps.evicted.index, labelsForgotten <= known.through,
            let idsForgotten = idStamps.evicted.index
        else { return false }
        return payments.allSatisfy {
            known.payments[$0] != nil || (ids[$0] == nil && idsForgotten <= known.through)
        }
    }
}
