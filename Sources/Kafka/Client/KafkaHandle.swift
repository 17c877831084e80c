import CRdkafka
import Logging

/// A client of the library, producer or consumer. Destroyed by the thread that polls it, or with the last reference to it.
final class KafkaHandle: @unchecked Sendable {
    enum Role {
        case producer, consumer
    }

    let pointer: OpaquePointer
    /// What a poll can be broken off by.
    private let polled: OpaquePointer?
    /// Lives as long as the client, which knows only its address.
    private let callbacks: KafkaCallbacks
    private var isDestroyed = false

    /// `callbacks` are called from polls, but for the logger, which any thread of the library may call.
    init(_ role: Role, _ properties: KafkaProperties, _ callbacks: KafkaCallbacks) throws(KafkaError) {
        let configuration = try properties.makeConfiguration()
        callbacks.install(in: configuration, role)
        var message = [CChar](repeating: 0, count: 512)
        let type = role == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        guard let pointer = rd_kafka_new(type, configuration, &message, message.count) else {
            rd_kafka_conf_destroy(configuration)
            // The library's message names the property, and never the value of a password.
            throw KafkaError(.invalidConfiguration, message.text)
        }
        self.pointer = pointer
        self.callbacks = callbacks
        if role == .consumer {
            rd_kafka_poll_set_consumer(pointer)
            polled = rd_kafka_queue_get_consumer(pointer)
        } else {
            polled = rd_kafka_queue_get_main(pointer)
        }
    }

    deinit { destroy() }

    /// Ends the client and its connections; what it still queues is lost. The pointer must not be used after that, so that
    /// whoever shares the client has to be parted from it first.
    func destroy(withoutClosing: Bool = false) {
        guard !isDestroyed else { return }
        isDestroyed = true
        if let polled { rd_kafka_queue_destroy(polled) }
        rd_kafka_destroy_flags(pointer, withoutClosing ? Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE) : 0)
    }

    /// Has the poll that runs, or the next one, return at once. From any thread.
    func wake() {
        if let polled { rd_kafka_queue_yield(polled) }
    }

    /// The error after which the client can't go on, if there was one.
    var fatalError: KafkaError? {
        var message = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(pointer, &message, message.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        var error = KafkaError(code: code, detail: message.text)
        if error.kind != .fenced { error.kind = .fatal }
        return error
    }

    /// Asks the partition's leader. Blocks for `timeoutMilliseconds` at most.
    func watermarks(
        of partition: KafkaPartition, timeoutMilliseconds: Int
    ) throws(KafkaError) -> KafkaWatermarks {
        var low: Int64 = 0
        var high: Int64 = 0
        let code = rd_kafka_query_watermark_offsets(
            pointer, partition.topic, partition.number, &low, &high, Int32(timeoutMilliseconds))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code, detail: "\(partition)") }
        return KafkaWatermarks(low: low, high: high)
    }
}

/// What the library calls back. The closures are set before the client is made and not changed after that.
final class KafkaCallbacks: @unchecked Sendable {
    let logger: Logger
    var delivered: ((UnsafePointer<rd_kafka_message_t>) -> Void)?
    var rebalanced: ((rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> Void)?
    var measured: ((UnsafeRawBufferPointer) -> Void)?
    var failed: ((KafkaError) -> Void)?

    init(logger: Logger) { self.logger = logger }

    fileprivate static func from(_ opaque: UnsafeMutableRawPointer?) -> KafkaCallbacks {
        Unmanaged<KafkaCallbacks>.fromOpaque(opaque!).takeUnretainedValue()
    }

    fileprivate func install(in configuration: OpaquePointer, _ role: KafkaHandle.Role) {
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_log_cb(configuration) { handle, level, _, text in
            guard let handle, let text else { return }
            let callbacks = KafkaCallbacks.from(rd_kafka_opaque(handle))
            callbacks.logger.log(level: Logger.Level(syslog: level), "Kafka: \(String(cString: text))")
        }
        rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
            let detail = reason.map { String(cString: $0) }
            KafkaCallbacks.from(opaque).failed?(
                KafkaError(code: rd_kafka_resp_err_t(rawValue: code), detail: detail))
        }
        rd_kafka_conf_set_stats_cb(configuration) { _, text, length, opaque in
            KafkaCallbacks.from(opaque).measured?(UnsafeRawBufferPointer(start: text, count: length))
            // The library frees the text.
            return 0
        }
        switch role {
        case .producer:
            rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
                if let message { KafkaCallbacks.from(opaque).delivered?(message) }
            }
        case .consumer:
            rd_kafka_conf_set_rebalance_cb(configuration) { _, code, partitions, opaque in
                KafkaCallbacks.from(opaque).rebalanced?(code, partitions)
            }
        }
    }
}

extension Logger.Level {
    /// The library numbers its levels as syslog does. Its errors are mostly a broker that went away: the module reports what
    /// matters itself.
    fileprivate init(syslog level: Int32) {
        switch level {
        case ...2: self = .error
        case 3, 4: self = .warning
        case 5: self = .info
        default: self = .debug
        }
    }
}
