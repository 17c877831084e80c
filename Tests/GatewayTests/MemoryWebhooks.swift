import Deliveries
import Gateway
import Ledger
import Pipeline
import Synchronization

/// A stand-in for what operators do with webhooks, that remembers what it was asked for and fails on request.
final class MemoryWebhooks: WebhookBackend {
    enum Call: Equatable {
        case put(String, url: String, secret: String?, isEnabled: Bool, author: String)
        case remove(String, author: String)
        case test(String)
        case replay(String, OutboxPosition?)
    }

    struct State {
        var calls: [Call] = []
        var outcome = OutboxOutcome.changed
        var report: WebhookSender.Report?
        var replay = Replay.Report()
        var failure: BackendError?
    }

    let state = Mutex(State())
    var calls: [Call] { state.withLock { $0.calls } }

    private func note(_ call: Call) throws(BackendError) -> State {
        let state = state.withLock { state in
            state.calls.append(call)
            return state
        }
        if let failure = state.failure { throw failure }
        return state
    }

    func webhooks() async throws(BackendError) -> [WebhookView] { [] }

    func putWebhook(
        _ name: String, url: String, secret: [UInt8]?, isEnabled: Bool, author: String
    ) async throws(BackendError) -> OutboxReceipt {
        let text = secret.map { String(decoding: $0, as: UTF8.self) }
        let state = try note(.put(name, url: url, secret: text, isEnabled: isEnabled, author: author))
        return OutboxReceipt(outcomes: [state.outcome], commitIndex: 21)
    }

    func removeWebhook(_ name: String, author: String) async throws(BackendError) -> OutboxReceipt {
        OutboxReceipt(outcomes: [try note(.remove(name, author: author)).outcome], commitIndex: 22)
    }

    func testWebhook(_ name: String) async throws(BackendError) -> WebhookSender.Report {
        guard let report = try note(.test(name)).report else { throw .notFound(what: "webhook \"\(name)\"") }
        return report
    }

    func replayWebhook(_ name: String, position: OutboxPosition?) async throws(BackendError) -> Replay.Report {
        try note(.replay(name, position)).replay
    }
}
