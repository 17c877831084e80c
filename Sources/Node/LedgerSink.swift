import Kafka
import Ledger
import Pipeline
import Streams

/// Where the worker's batches go: this node's pipeline, which carries them to the leader.
struct LedgerSink: StreamSink {
    /// A batch is carried for so long, elections included; then the worker hands it over again.
    private static let deadlineMilliseconds = 10_000
    private static let pauseMilliseconds = 100

    let pipeline: Pipeline

    func submit(_ batch: StreamBatch) async -> BatchOutcome {
        await withCheckedContinuation { continuation in
            pipeline.submitStream(batch.group, deadlineMilliseconds: Self.deadlineMilliseconds) { result in
                continuation.resume(returning: Self.outcome(result))
            }
        }
    }

    func nextOffsets() async throws -> [KafkaPartition: LedgerOffset] {
        let offsets = try await pipeline.streamOffsets(
            consistency: .linearizable, deadlineMilliseconds: Self.deadlineMilliseconds)
        return Dictionary(
            uniqueKeysWithValues: offsets.map { offset in
                (
                    KafkaPartition(topic: offset.partition.topic, number: offset.partition.number),
                    LedgerOffset(clusterID: offset.clusterID, next: offset.nextOffset)
                )
            })
    }

    private static func outcome(_ result: Result<StreamOutcome, BackendError>) -> BatchOutcome {
        switch result {
        case .success(.taken(let receipt, _)):
            return .committed(duplicates: receipt.duplicates, deadLetters: receipt.deadLetters)
        case .success(.refused(let refusal)):
            switch refusal {
            case .offsetConflict(let next): return .offsetConflict(next: next)
            case .streamChanged(let clusterID, _): return .streamChanged(clusterID: clusterID)
            case .tooManyStreams(let limit): return .tooManyPartitions(limit: limit)
            }
        case .failure(let error):
            switch error {
            case .overloaded(let reason, let seconds), .unavailable(let reason, let seconds):
                return .unavailable(
                    reason: reason, retryAfterMilliseconds: min(Self.pauseMilliseconds, 1_000 * seconds))
            case .deadlineExceeded:
                return .unavailable(
                    reason: "the leader did not answer in time", retryAfterMilliseconds: Self.pauseMilliseconds)
            // Of this node, such as nodes whose sealing keys differ: the batch is as good as it was.
            case .internal(let reason):
                return .unavailable(reason: reason, retryAfterMilliseconds: 10 * Self.pauseMilliseconds)
            case .invalid, .conflict, .notFound, .idempotencyKeyReused, .transactionIDReused, .invalidRules:
                return .invalid(reason: "\(error)")
            }
        }
    }
}
