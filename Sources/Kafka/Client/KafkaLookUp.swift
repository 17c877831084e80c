import CRdkafka
public import Logging
import Threads

/// Asks the brokers about topics and their ends, on a thread and a client of its own.
public final class KafkaLookUp: Sendable {
    private struct State {
        var jobs: [@Sendable (KafkaHandle?) -> Void] = []
        var isClosed = false
    }

    private let state = Monitor(State())
    private let thread: DedicatedThread
    private static let jobLimit = 256

    /// Needs no broker yet. Throws `invalidConfiguration` with the name of the field.
    public init(_ connection: KafkaConnection, logger: Logger) throws(KafkaError) {
        try connection.validate()
        var connection = connection
        connection.statisticsIntervalMilliseconds = 0
        var properties = KafkaProperties()
        try connection.render(into: &properties, owning: KafkaProperties())
        let handle = try KafkaHandle(.producer, properties, KafkaCallbacks(logger: logger))
        thread = DedicatedThread(name: "kafka-look-up") { [state] in
            while let job = Self.next(state, handle) { job(handle) }
            handle.destroy()
        }
    }

    deinit { stop() }

    /// The topic, or nil if the brokers do not know it. Does not make it.
    /// - Throws: `unreachable` or `timedOut` if no broker answers within `timeoutMilliseconds`, `notAuthorized`,
    ///   `overloaded` if 256 questions wait already, `closed`.
    public func topic(
        _ name: String, timeoutMilliseconds: Int = 5_000
    ) async throws(KafkaError) -> KafkaTopic? {
        try await run { handle throws(KafkaError) in
            try handle.topic(name, timeoutMilliseconds: timeoutMilliseconds)
        }
    }

    /// The oldest offset that the partition holds, and the next one.
    /// - Throws: as `topic`, and `unknownTopic` or `unknownPartition`.
    public func watermarks(
        of partition: KafkaPartition, timeoutMilliseconds: Int = 5_000
    ) async throws(KafkaError) -> KafkaWatermarks {
        try await run { handle throws(KafkaError) in
            try handle.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds)
        }
    }

    /// What the brokers call their cluster, to tell it from another; nil if they do not say.
    public func clusterID(timeoutMilliseconds: Int = 5_000) async throws(KafkaError) -> String? {
        try await run { handle throws(KafkaError) in
            guard let text = rd_kafka_clusterid(handle.pointer, Int32(timeoutMilliseconds)) else { return nil }
            defer { rd_kafka_mem_free(handle.pointer, text) }
            return String(cString: text)
        }
    }

    /// Fails what waits with `closed`; what is under way may take until its timeout.
    public func close() async {
        stop()
        await withCheckedContinuation { continuation in
            // Joining blocks, and a question may be under way for seconds: not on the threads that all share.
            _ = DedicatedThread(name: "kafka-close") { [thread] in
                thread.join()
                continuation.resume()
            }
        }
    }

    private func stop() { state.update { $0.isClosed = true } }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (KafkaHandle) throws(KafkaError) -> Value
    ) async throws(KafkaError) -> Value {
        let result: Result<Value, KafkaError> = await withCheckedContinuation { continuation in
            let refusal = state.update { state -> KafkaError? in
                if state.isClosed { return Self.closedError }
                guard state.jobs.count < Self.jobLimit else {
                    return KafkaError(.overloaded, "\(Self.jobLimit) questions wait for an answer, which is the limit")
                }
                state.jobs.append { handle in
                    guard let handle else { return continuation.resume(returning: .failure(Self.closedError)) }
                    continuation.resume(returning: Result { () throws(KafkaError) in try body(handle) })
                }
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// The next question; nil after the end, when those that waited have been refused.
    private static func next(_ state: Monitor<State>, _ handle: KafkaHandle) -> (@Sendable (KafkaHandle?) -> Void)? {
        while true {
            let (job, refused) = state.withLock { state in
                if state.isClosed {
                    defer { state.jobs = [] }
                    return (nil as (@Sendable (KafkaHandle?) -> Void)?, state.jobs)
                }
                return (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), [])
            }
            for job in refused { job(nil) }
            if let job { return job }
            if state.withLock({ $0.isClosed }) { return nil }
            // Nobody else serves the client's callbacks.
            rd_kafka_poll(handle.pointer, 0)
            _ = state.wait(timeoutMilliseconds: 1_000) { $0.isClosed || !$0.jobs.isEmpty ? true : nil }
        }
    }

    private static let closedError = KafkaError(.closed, "the look-up has been closed")
}

extension KafkaHandle {
    /// Blocks for `timeoutMilliseconds` at most.
    func topic(_ name: String, timeoutMilliseconds: Int) throws(KafkaError) -> KafkaTopic? {
        guard let topic = rd_kafka_topic_new(pointer, name, nil) else {
            throw KafkaError(code: rd_kafka_last_error(), detail: name)
        }
        defer { rd_kafka_topic_destroy(topic) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(pointer, 0, topic, &metadata, Int32(timeoutMilliseconds))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code: code, detail: name) }
        defer { rd_kafka_metadata_destroy(metadata) }
        for index in 0..<Int(metadata.pointee.topic_cnt) {
            let found = metadata.pointee.topics[index]
            guard let foundName = found.topic, String(cString: foundName) == name else { continue }
            switch found.err {
            case RD_KAFKA_RESP_ERR_NO_ERROR: return KafkaTopic(name: name, found)
            case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: return nil
            default: throw KafkaError(code: found.err, detail: name)
            }
        }
        return nil
    }
}

extension KafkaTopic {
    fileprivate init(name: String, _ metadata: rd_kafka_metadata_topic) {
        let partitions = (0..<Int(metadata.partition_cnt)).map { index in
            let partition = metadata.partitions[index]
            return Partition(
                number: partition.id, leader: partition.leader >= 0 ? partition.leader : nil,
                replicas: (0..<Int(partition.replica_cnt)).map { partition.replicas[$0] },
                replicasInStep: (0..<Int(partition.isr_cnt)).map { partition.isrs[$0] })
        }
        self.init(name: name, partitions: partitions.sorted { $0.number < $1.number })
    }
}
