public import Logging

/// What a producer holds at the moment.
public struct KafkaProducerLoad: Equatable, Sendable {
    /// Accepted and not yet acknowledged.
    public var records: Int
    /// Of their keys, values and headers.
    public var bytes: Int
    /// Above the high mark and not yet down at the low one: records are refused with `overloaded`.
    public var isShedding: Bool
    /// How often a new client had to be made after a fatal error.
    public var replacements: Int
}

/// Sends records: idempotent, acknowledged by all replicas in step, in the order in which they were accepted, partition by
/// partition.
///
/// What was accepted is acknowledged or fails with an error, and never stays silent. After a fatal error of the library a
/// new client takes its place and sends in order all that was not acknowledged. To be closed when it is no longer needed.
public final class KafkaProducer: Sendable {
    private let worker: ProducerWorker
    private let recordByteLimit: Int
    /// More at once would never find room.
    private let batchRecordLimit: Int
    private let batchByteLimit: Int

    /// Needs no broker yet. Throws `invalidConfiguration` with the name of the field.
    public init(_ configuration: KafkaProducerConfiguration, logger: Logger) throws(KafkaError) {
        recordByteLimit = configuration.recordByteLimit
        batchRecordLimit = configuration.recordMarks.high
        batchByteLimit = configuration.byteMarks.high
        worker = try ProducerWorker(configuration, logger: logger)
    }

    deinit { worker.requestClose(flushMilliseconds: 0) }

    /// Sends one record and waits for its acknowledgement.
    ///
    /// Cancelling the task does not take the record back.
    /// - Throws: `overloaded` or `tooLarge` if it is not accepted, `closed` after `close`; else what went wrong with it, and
    ///   whether it may stand in the topic nevertheless.
    public func send(_ record: KafkaRecord) async throws(KafkaError) -> KafkaDelivery {
        try await send([record])[0].get()
    }

    /// Sends records in their order and waits until each is acknowledged or has failed: one result each, in that order.
    ///
    /// They are accepted all or none. An earlier one of the same partition may fail while a later one succeeds.
    /// - Throws: `overloaded`, `tooLarge` or `closed` if they are not accepted.
    public func send(_ records: [KafkaRecord]) async throws(KafkaError) -> [Result<KafkaDelivery, KafkaError>] {
        let outcome = await withCheckedContinuation { continuation in
            send(records) { continuation.resume(returning: $0) }
        }
        return try outcome.get()
    }

    /// As `send`, for callers that can't wait. `done` may be called before this returns, and on the producer's thread: it must
    /// not block.
    public func send(
        _ records: [KafkaRecord],
        _ done: @escaping @Sendable (Result<[Result<KafkaDelivery, KafkaError>], KafkaError>) -> Void
    ) {
        guard !records.isEmpty else { return done(.success([])) }
        let sizes = records.map(\.byteCount)
        if let refusal = refusal(records, sizes) { return done(.failure(refusal)) }
        worker.accept(records, sizes: sizes, done)
    }

    private func refusal(_ records: [KafkaRecord], _ sizes: [Int]) -> KafkaError? {
        for (record, size) in zip(records, sizes) where size > recordByteLimit {
            return KafkaError(
                .tooLarge, "a record for \(record.topic) has \(size) bytes, and the limit is \(recordByteLimit)")
        }
        let bytes = sizes.reduce(0, +)
        if records.count <= batchRecordLimit, bytes <= batchByteLimit { return nil }
        return KafkaError(
            .tooLarge,
            "\(records.count) records of \(bytes) bytes at once, and the limits are \(batchRecordLimit) and "
                + "\(batchByteLimit)")
    }

    public var load: KafkaProducerLoad { worker.load }

    /// What went wrong last between us and the brokers, if nothing was acknowledged since then.
    public var lastError: KafkaError? { worker.lastError }

    /// The library's figures, as of the last interval; nil before the first.
    public var statistics: KafkaStatistics? { worker.statistics }

    /// Takes no more, and waits for what was accepted, `flushMilliseconds` at most. What is not acknowledged by then fails
    /// with `closed`.
    /// - Returns: how many records failed so.
    @discardableResult
    public func close(flushMilliseconds: Int) async -> Int {
        let abandoned = await withCheckedContinuation { continuation in
            worker.requestClose(flushMilliseconds: flushMilliseconds) { continuation.resume(returning: $0) }
        }
        worker.join()
        return abandoned
    }

    /// For tests: breaks the client as a fatal error would.
    package func provokeFatalError() { worker.provokeFatalError() }
}
