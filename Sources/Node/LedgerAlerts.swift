import Deliveries
import Gateway
import Ledger
import Pipeline

/// The alerts that this node's PostgreSQL has, for whoever sends them out.
final class LedgerAlerts: AlertSource {
    private static let deadlineMilliseconds = 5_000
    private static let patience = Duration.seconds(5)

    let news = AlertNews()
    private let pipeline: Pipeline
    private let store: LedgerStore

    init(pipeline: Pipeline, store: LedgerStore) {
        self.pipeline = pipeline
        self.store = store
    }

    func alerts(after position: OutboxPosition, limit: Int) async throws -> OutgoingAlerts {
        let page = try await pipeline.outbox(
            after: position, limit: limit, deadlineMilliseconds: Self.deadlineMilliseconds)
        return OutgoingAlerts(page.alerts.map(OutgoingAlert.init), through: page.through)
    }

    func newest() async throws -> OutboxPosition { .end(of: store.progress.applied) }

    /// Tells the news until the task is cancelled.
    func follow() async {
        var told = OutboxPosition.start
        while !Task.isCancelled {
            guard await pipeline.alertsArrived(after: told, deadline: .now + Self.patience) else { continue }
            let applied = OutboxPosition.end(of: store.progress.applied)
            if applied > told {
                told = applied
                news.announce(told)
            } else {
                // It fell back in a crash, and gets there again.
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}

extension OutgoingAlert {
    init(_ alert: AlertView) {
        self.init(
            position: alert.position, id: "\(alert.transaction.id)", userKey: alert.userKey,
            document: AlertDocument.encode(alert))
    }
}
