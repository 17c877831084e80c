public import Ledger
public import Pipeline
public import Streams

/// What operators do with the way between Kafka and the ledger. Called from any thread, by many requests at once.
///
/// The reader and the producer are this node's. A change of offsets is the cluster's: it returns once it is committed on a
/// majority. `author` is the subject of the token that a request carries.
public protocol StreamBackend: Sendable {
    /// How it stands between Kafka and the ledger on this node; nil: this node reads no topic.
    var reader: PipelineReport? { get }

    /// Requests on their way to the topic; nil: this node writes to none.
    var producer: StreamProducerReport? { get }

    /// This node reads nothing until it is resumed. Throws `notFound` where there is no Kafka.
    func setPaused(_ isPaused: Bool) throws(BackendError)

    /// How far the ledger has come, in order of topic and partition.
    func offsets() async throws(BackendError) -> [StreamOffset]

    /// An operator's word where to go on after an alarm.
    /// - Parameter clusterID: nil: the one that the brokers have now.
    func resetStream(_ partition: StreamPartition, clusterID: String?, nextOffset: Int64, author: String)
        async throws(BackendError) -> StreamChangeReceipt

    /// What comes of the partition next is taken wherever it begins.
    func forgetStream(_ partition: StreamPartition, author: String) async throws(BackendError) -> StreamChangeReceipt

    /// In the order of the log.
    /// - Parameter limit: 1...100.
    func deadLetters(after position: OutboxPosition, limit: Int) async throws(BackendError) -> DeadLetterPage

    /// Channels and how far they have come.
    func outbox() async throws(BackendError) -> Outbox
}
