public import Deliveries
public import Ledger
public import Pipeline

/// Whom the cluster tells of alerts. Called from any thread, by many requests at once.
///
/// Any node takes these. A change returns once it is committed on a majority. `author` is the subject of the token that a
/// request carries. `notFound` names what is not there.
public protocol WebhookBackend: Sendable {
    /// By name.
    func webhooks() async throws(BackendError) -> [WebhookView]

    /// Makes a webhook, or changes it. Throws `invalid` for a URL that may not be called, and for a new one without a
    /// secret.
    /// - Parameter secret: nil: the one that it has.
    func putWebhook(_ name: String, url: String, secret: [UInt8]?, isEnabled: Bool, author: String)
        async throws(BackendError) -> OutboxReceipt

    func removeWebhook(_ name: String, author: String) async throws(BackendError) -> OutboxReceipt

    /// One request that is plainly a test.
    func testWebhook(_ name: String) async throws(BackendError) -> WebhookSender.Report

    /// Tries deliveries again that were given up: one, or (nil) the oldest hundred.
    func replayWebhook(_ name: String, position: OutboxPosition?) async throws(BackendError) -> Replay.Report
}
