import Deliveries
import Detection
import Gateway
import Ledger
import Logging
import Pipeline
import Raft
import Synchronization

/// A stand-in for what analysts do with alerts, that remembers what it was asked for and fails on request.
final class MemoryAlerts: AlertBackend {
    struct Review: Equatable {
        let id: TransactionID
        let request: ReviewRequest
        let author: String
    }

    struct State {
        var page = AlertPage(alerts: [], next: nil)
        var histories: [TransactionID: AlertHistoryView] = [:]
        var lastQuery: AlertQuery?
        var lastConsistency: ReadConsistency?
        var reviews: [Review] = []
        var receipt = ReviewReceipt(standing: .new, label: nil, isRepeated: false, commitIndex: 12)
        var failure: BackendError?
        /// Nil: the node is stopping.
        var stream: AlertStream?
    }

    let state = Mutex(State())

    private func failIfAsked() throws(BackendError) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    func alerts(_ query: AlertQuery, consistency: ReadConsistency) async throws(BackendError) -> AlertPage {
        try failIfAsked()
        return state.withLock { state in
            state.lastQuery = query
            state.lastConsistency = consistency
            return state.page
        }
    }

    func alert(
        _ id: TransactionID, consistency: ReadConsistency
    ) async throws(BackendError) -> AlertHistoryView? {
        try failIfAsked()
        return state.withLock { state in
            state.lastConsistency = consistency
            return state.histories[id]
        }
    }

    func review(
        _ id: TransactionID, _ request: ReviewRequest, author: String
    ) async throws(BackendError) -> ReviewReceipt {
        try failIfAsked()
        return state.withLock { state in
            state.reviews.append(Review(id: id, request: request, author: author))
            return state.receipt
        }
    }

    func subscribe(
        after position: OutboxPosition?, until end: ContinuousClock.Instant
    ) throws(BackendError) -> AlertSubscription {
        guard let stream = state.withLock({ $0.stream }) else {
            throw .unavailable(reason: "the node is stopping", retryAfterSeconds: 2)
        }
        do throws(AlertStreamError) {
            return try stream.subscribe(after: position, until: end)
        } catch {
            throw .overloaded(reason: "\(error)", retryAfterSeconds: 10)
        }
    }
}

/// Alerts that a test makes as it goes.
final class MemoryAlertSource: AlertSource {
    private let published = Mutex<[OutgoingAlert]>([])
    let news = AlertNews()

    /// At the index, its first.
    @discardableResult
    func publish(_ index: UInt64, _ document: String) -> OutboxPosition {
        let position = OutboxPosition(index: LogIndex(index), ordinal: 0)
        published.withLock {
            $0.append(
                OutgoingAlert(position: position, id: "txn_\(index)", userKey: index, document: Array(document.utf8)))
        }
        news.announce(position)
        return position
    }

    func alerts(after position: OutboxPosition, limit: Int) async throws -> OutgoingAlerts {
        let found = published.withLock { alerts in Array(alerts.filter { $0.position > position }.prefix(limit)) }
        return OutgoingAlerts(found, through: found.last?.position ?? position)
    }

    func newest() async throws -> OutboxPosition { published.withLock { $0.last?.position ?? .start } }
}
