import Deliveries
import Gateway
import Ledger
import Pipeline

/// What the gateway is given of alerts: the pipeline, with the node's deadline, and the live stream.
struct NodeAlerts: AlertBackend {
    let pipeline: Pipeline
    let stream: AlertStream
    let deadlineMilliseconds: Int

    func alerts(_ query: AlertQuery, consistency: ReadConsistency) async throws(BackendError) -> AlertPage {
        try await pipeline.alerts(query, consistency: consistency, deadlineMilliseconds: deadlineMilliseconds)
    }

    func alert(
        _ id: TransactionID, consistency: ReadConsistency
    ) async throws(BackendError) -> AlertHistoryView? {
        try await pipeline.alert(id, consistency: consistency, deadlineMilliseconds: deadlineMilliseconds)
    }

    func review(
        _ id: TransactionID, _ request: ReviewRequest, author: String
    ) async throws(BackendError) -> ReviewReceipt {
        try await pipeline.review(id, request, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func subscribe(
        after position: OutboxPosition?, until end: ContinuousClock.Instant
    ) throws(BackendError) -> AlertSubscription {
        do throws(AlertStreamError) {
            return try stream.subscribe(after: position, until: end)
        } catch {
            switch error {
            case .tooManySubscribers: throw .overloaded(reason: "\(error)", retryAfterSeconds: 10)
            case .closed: throw .unavailable(reason: "\(error)", retryAfterSeconds: 2)
            }
        }
    }
}
