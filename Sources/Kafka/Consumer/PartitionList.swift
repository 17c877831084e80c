import CRdkafka

/// The library's list of partitions, freed with the last reference.
final class PartitionList {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// With an offset for each, or without.
    init(_ partitions: some Collection<(KafkaPartition, Int64?)>) {
        pointer = rd_kafka_topic_partition_list_new(Int32(partitions.count))
        for (partition, offset) in partitions {
            let element = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.number)
            if let offset { element!.pointee.offset = offset }
        }
    }

    convenience init(_ partitions: some Collection<KafkaPartition>) {
        self.init(partitions.map { ($0, nil) })
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    /// The first error of one of the partitions.
    var error: KafkaError? {
        for index in 0..<Int(pointer.pointee.cnt) {
            let element = pointer.pointee.elems[index]
            guard element.err != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            return KafkaError(code: element.err, detail: "\(String(cString: element.topic))/\(element.partition)")
        }
        return nil
    }

    static func partitions(
        of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) -> [KafkaPartition] {
        guard let list else { return [] }
        return (0..<Int(list.pointee.cnt)).map { index in
            let element = list.pointee.elems[index]
            return KafkaPartition(topic: String(cString: element.topic), number: element.partition)
        }
    }
}
