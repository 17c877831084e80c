import CRdkafka
public import Logging
import Threads

/// Makes topics. Nodes never do: it is for who sets a cluster up.
public enum KafkaTopicMaker {
    /// Makes a topic unless it is there. Brokers learn of it one after another.
    /// - Parameter replicas: nil for what the brokers have as their default.
    /// - Returns: whether it is new.
    /// - Throws: `invalidConfiguration`, `unreachable` or `timedOut`, `notAuthorized`, or what the brokers have against it.
    public static func make(
        _ name: String, partitions: Int, replicas: Int? = nil, _ connection: KafkaConnection,
        timeoutMilliseconds: Int = 15_000, logger: Logger
    ) async throws(KafkaError) -> Bool {
        try connection.validate()
        var connection = connection
        connection.statisticsIntervalMilliseconds = 0
        var properties = KafkaProperties()
        try connection.render(into: &properties, owning: KafkaProperties())
        let handle = try KafkaHandle(.producer, properties, KafkaCallbacks(logger: logger))
        let result: Result<Bool, KafkaError> = await withCheckedContinuation { continuation in
            // The library's call blocks.
            _ = DedicatedThread(name: "kafka-topics") {
                let result = Result { () throws(KafkaError) in
                    try handle.makeTopic(
                        name, partitions: partitions, replicas: replicas, timeoutMilliseconds: timeoutMilliseconds)
                }
                handle.destroy()
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }
}

extension KafkaHandle {
    fileprivate func makeTopic(
        _ name: String, partitions: Int, replicas: Int?, timeoutMilliseconds: Int
    ) throws(KafkaError) -> Bool {
        var message = [CChar](repeating: 0, count: 512)
        guard
            let topic = rd_kafka_NewTopic_new(
                name, Int32(clamping: partitions), Int32(clamping: replicas ?? -1), &message, message.count)
        else { throw .invalid("topic", message.text) }
        defer { rd_kafka_NewTopic_destroy(topic) }
        let options = rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        let timeout = Int32(clamping: timeoutMilliseconds)
        let code = rd_kafka_AdminOptions_set_request_timeout(options, timeout, &message, message.count)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code, detail: message.text) }
        guard let queue = rd_kafka_queue_new(pointer) else { throw KafkaError(.other, "no queue for an answer") }
        defer { rd_kafka_queue_destroy(queue) }
        var topics: [OpaquePointer?] = [topic]
        rd_kafka_CreateTopics(pointer, &topics, 1, options, queue)
        // The library answers by itself when the time is up.
        guard let event = rd_kafka_queue_poll(queue, timeout + 5_000) else {
            throw KafkaError(code: RD_KAFKA_RESP_ERR__TIMED_OUT, detail: name)
        }
        defer { rd_kafka_event_destroy(event) }
        return try Self.isNew(event, name)
    }

    private static func isNew(_ event: OpaquePointer, _ name: String) throws(KafkaError) -> Bool {
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(code: code, detail: rd_kafka_event_error_string(event).map { String(cString: $0) })
        }
        var count = 0
        guard let result = rd_kafka_event_CreateTopics_result(event),
            let topics = rd_kafka_CreateTopics_result_topics(result, &count), count == 1, let topic = topics[0]
        else { throw KafkaError(.other, "no answer about the topic", detail: name) }
        switch rd_kafka_topic_result_error(topic) {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return true
        case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: return false
        case let code:
            throw KafkaError(code: code, detail: rd_kafka_topic_result_error_string(topic).map { String(cString: $0) })
        }
    }
}
