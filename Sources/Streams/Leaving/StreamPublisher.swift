public import Kafka
public import Logging

/// Takes what leaves the ledger to its topics: alerts, and records that are no payments.
///
/// At least once: after a failure the caller sends the same again from where it knows all to be acknowledged, and readers
/// drop doubles by the header `redoubt-alert-id`, or by the origin of a dead letter. To be closed when it is no longer needed.
public final class StreamPublisher: Sendable {
    private let producer: KafkaProducer

    /// Needs no broker yet. Throws `invalidConfiguration` with the name of the field.
    public init(_ configuration: StreamConfiguration, logger: Logger) throws(KafkaError) {
        try configuration.validate()
        producer = try KafkaProducer(configuration.producer, logger: logger)
    }

    /// Returns when all are acknowledged, in order.
    /// - Throws: the first error; those before it, and some after it, may be there.
    public func publish(_ records: [KafkaRecord]) async throws(KafkaError) {
        for result in try await producer.send(records) { _ = try result.get() }
    }

    @discardableResult
    public func close(flushMilliseconds: Int) async -> Int {
        await producer.close(flushMilliseconds: flushMilliseconds)
    }
}
