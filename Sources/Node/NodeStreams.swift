import Foundation
import Gateway
import Kafka
import Ledger
import Logging
import Pipeline
import Raft
import Security
import ServiceLifecycle
import Streams

/// Kafka at this node: the worker that reads its partitions, and the gateway's way to the topic.
final class NodeStreams: Service {
    private static let flushMilliseconds = 5_000

    let worker: StreamWorker
    let producer: StreamProducer
    private let metrics = StreamMetrics()

    init(
        _ configuration: StreamConfiguration, node: NodeConfiguration, pipeline: Pipeline, sealer: Sealer,
        blindIndex: BlindIndex, logger: Logger
    ) throws(KafkaError) {
        worker = try StreamWorker(
            configuration, memberID: "\(node.clusterID)-\(node.nodeID.number)", sink: LedgerSink(pipeline: pipeline),
            sealer: sealer, blindIndex: blindIndex, logger: logger)
        producer = try StreamProducer(
            configuration, sealer: sealer, blindIndex: blindIndex,
            direct: { submission async throws(BackendError) in try await pipeline.submit(submission) }, logger: logger)
    }

    /// Requests still come in while this runs: the gateway stops before it.
    func run() async throws {
        worker.start()
        try? await gracefulShutdown()
        await worker.stop()
        await producer.close(flushMilliseconds: Self.flushMilliseconds)
    }

    /// The numbers of this moment.
    func publishMetrics() {
        metrics.publish(worker.report)
        metrics.publish(producer.report)
    }
}

/// What the gateway is given of streams.
struct NodeStreamBackend: StreamBackend {
    /// Nil: no Kafka.
    let streams: NodeStreams?
    let pipeline: Pipeline
    let deadlineMilliseconds: Int

    var reader: PipelineReport? { streams?.worker.report }

    var producer: StreamProducerReport? { streams?.producer.report }

    func setPaused(_ isPaused: Bool) throws(BackendError) {
        let worker = try kafka().worker
        if isPaused { worker.pause() } else { worker.resume() }
    }

    func offsets() async throws(BackendError) -> [StreamOffset] {
        try await pipeline.streamOffsets(consistency: .local, deadlineMilliseconds: deadlineMilliseconds)
    }

    func resetStream(
        _ partition: StreamPartition, clusterID: String?, nextOffset: Int64, author: String
    ) async throws(BackendError) -> StreamChangeReceipt {
        var wanted = clusterID
        if wanted == nil { wanted = try kafka().worker.report.clusterID }
        guard let wanted else {
            throw .unavailable(reason: "the brokers have not said what their cluster is called", retryAfterSeconds: 2)
        }
        let receipt = try await pipeline.resetStream(
            partition, clusterID: wanted, nextOffset: nextOffset, author: author,
            deadlineMilliseconds: deadlineMilliseconds)
        // The ledger may stand there already, and the operator says that this is right.
        streams?.worker.dismissAlarm(of: KafkaPartition(topic: partition.topic, number: partition.number))
        return receipt
    }

    func forgetStream(
        _ partition: StreamPartition, author: String
    ) async throws(BackendError) -> StreamChangeReceipt {
        try await pipeline.forgetStream(partition, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func deadLetters(after position: OutboxPosition, limit: Int) async throws(BackendError) -> DeadLetterPage {
        try await pipeline.deadLetters(after: position, limit: limit, deadlineMilliseconds: deadlineMilliseconds)
    }

    func outbox() async throws(BackendError) -> Outbox { try await pipeline.outbox() }

    private func kafka() throws(BackendError) -> NodeStreams {
        guard let streams else { throw .notFound(what: "a topic: this node is not configured for Kafka") }
        return streams
    }
}
