public import Ledger
public import Pipeline

/// What the gateway needs of the node behind it. Called from any thread, by many requests at once.
public protocol GatewayBackend: Sendable {
    /// Orders, scores and commits; returns once all of it is committed.
    func submit(_ submission: Submission) async throws(BackendError) -> SubmissionReceipt

    /// One stored transaction; nil: there is none at the point of the log that `consistency` asks for.
    func transaction(_ id: TransactionID, consistency: ReadConsistency) async throws(BackendError) -> TransactionView?

    /// Stored transactions, newest first.
    func transactions(_ query: TransactionQuery, consistency: ReadConsistency) async throws(BackendError)
        -> TransactionPage

    func clusterStatus() async -> ClusterStatus

    /// Asked by every health check and every write: must cost next to nothing.
    var health: NodeHealth { get }

    /// Commits a verification entry; every node computes its content digest at the index returned.
    func startVerification() async throws(BackendError) -> UInt64

    /// This node's digest at the index of a verification entry.
    func contentDigest(at index: UInt64) async throws(BackendError) -> DigestAnswer

    /// What analysts and operators do with the detection engine.
    var detection: any DetectionBackend { get }

    /// What analysts do with alerts.
    var alerts: any AlertBackend { get }

    /// Whom the cluster tells of alerts.
    var webhooks: any WebhookBackend { get }

    /// What operators do with the way between Kafka and the ledger.
    var streams: any StreamBackend { get }

    /// What an operator can do to the cluster.
    var administration: any ClusterAdministration { get }
}
