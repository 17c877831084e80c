import CRdkafka

extension KafkaHandle {
    func subscribe(_ topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { KafkaPartition(topic: $0, number: RD_KAFKA_PARTITION_UA) })
        let code = rd_kafka_subscribe(pointer, list.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code) }
    }

    /// Replaces the whole assignment; nil takes it away.
    func assign(_ list: PartitionList?) throws(KafkaError) {
        let code = rd_kafka_assign(pointer, list?.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code) }
    }

    func pause(_ partitions: [KafkaPartition]) throws(KafkaError) {
        let list = PartitionList(partitions)
        let code = rd_kafka_pause_partitions(pointer, list.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code) }
        if let error = list.error { throw error }
    }

    func resume(_ partitions: [KafkaPartition]) throws(KafkaError) {
        let list = PartitionList(partitions)
        let code = rd_kafka_resume_partitions(pointer, list.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code) }
        if let error = list.error { throw error }
    }

    /// When it returns, nothing of what was fetched before can come any more.
    func seek(_ partition: KafkaPartition, to offset: Int64, timeoutMilliseconds: Int) throws(KafkaError) {
        let list = PartitionList([(partition, offset)])
        if let error = rd_kafka_seek_partitions(pointer, list.pointer, Int32(timeoutMilliseconds)) {
            throw KafkaError(consuming: error)
        }
        if let error = list.error { throw error }
    }

    /// Leaves the assignment in good order, calling back as a rebalance does. A member with a lasting name stays in its group
    /// until the session times out.
    /// - Returns: whether it came to its end within the time.
    func close(timeoutMilliseconds: Int) -> Bool {
        guard let queue = rd_kafka_queue_new(pointer) else { return false }
        defer { rd_kafka_queue_destroy(queue) }
        if let error = rd_kafka_consumer_close_queue(pointer, queue) {
            rd_kafka_error_destroy(error)
            return false
        }
        let deadline = monotonicMilliseconds() + Int64(timeoutMilliseconds)
        while rd_kafka_consumer_closed(pointer) == 0 {
            guard monotonicMilliseconds() < deadline else { return false }
            // Not the call that only serves callbacks: it aborts the process on a record, and some may be on their way.
            if let message = rd_kafka_consume_queue(queue, 20) { rd_kafka_message_destroy(message) }
        }
        return true
    }
}

extension KafkaReceivedRecord {
    /// Copies what the library lends.
    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        self.init(
            offset: message.pointee.offset, timestampMilliseconds: timestamp >= 0 ? timestamp : nil,
            key: Self.bytes(message.pointee.key, message.pointee.key_len),
            value: Self.bytes(message.pointee.payload, message.pointee.len), headers: Self.headers(message))
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
    }

    private static func headers(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        return (0..<rd_kafka_header_cnt(list)).compactMap { index in
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name
            else { return nil }
            return KafkaHeader(name: String(cString: name), value: bytes(value, size))
        }
    }
}
