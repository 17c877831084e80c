public import Deliveries
public import Ledger
public import Pipeline

/// What analysts do with alerts. Called from any thread, by many requests at once.
///
/// Any node takes these. A review returns once it is committed on a majority. `author` is the subject of the token that a
/// request carries.
public protocol AlertBackend: Sendable {
    /// Newest first.
    func alerts(_ query: AlertQuery, consistency: ReadConsistency) async throws(BackendError) -> AlertPage

    /// The alert of a transaction, and what was done with it; nil: there is none.
    func alert(_ id: TransactionID, consistency: ReadConsistency) async throws(BackendError) -> AlertHistoryView?

    /// Throws `conflict` (`alertChanged`) if the alert stands otherwise than is expected, `notFound` if there is none.
    func review(_ id: TransactionID, _ request: ReviewRequest, author: String) async throws(BackendError)
        -> ReviewReceipt

    /// A live stream of the alerts after a position; nil: of those that come from now on. Throws `overloaded` or
    /// `unavailable`.
    func subscribe(
        after position: OutboxPosition?, until end: ContinuousClock.Instant
    ) throws(BackendError) -> AlertSubscription
}
