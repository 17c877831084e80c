import CRdkafka
import CRdkafkaShims

extension KafkaHandle {
    /// Queues a record, which the library copies. `sequence` comes back with the delivery report.
    func produce(_ record: KafkaRecord, sequence: UInt) -> rd_kafka_resp_err_t {
        let headers = record.headers.isEmpty ? nil : Self.headers(record.headers)
        let code = record.key.withOptionalBytes { key in
            record.value.withOptionalBytes { value in
                redoubt_kafka_produce(
                    pointer, record.topic, record.partition ?? RD_KAFKA_PARTITION_UA, key?.baseAddress, key?.count ?? 0,
                    value?.baseAddress, value?.count ?? 0, headers, record.timestampMilliseconds ?? 0,
                    UnsafeMutableRawPointer(bitPattern: sequence))
            }
        }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, let headers { rd_kafka_headers_destroy(headers) }
        return code
    }

    private static func headers(_ headers: [KafkaHeader]) -> OpaquePointer? {
        let list = rd_kafka_headers_new(headers.count)
        for header in headers {
            header.value.withOptionalBytes { value in
                _ = rd_kafka_header_add(
                    list, header.name, header.name.utf8.count, value?.baseAddress, value?.count ?? 0)
            }
        }
        return list
    }
}

extension [UInt8]? {
    /// The library takes a null pointer for "none", so that empty bytes need an address.
    fileprivate func withOptionalBytes<Result>(_ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        switch self {
        case .none: body(nil)
        case .some(let bytes) where bytes.isEmpty:
            withUnsafeBytes(of: UInt8(0)) { body(UnsafeRawBufferPointer(start: $0.baseAddress, count: 0)) }
        case .some(let bytes): bytes.withUnsafeBytes { body($0) }
        }
    }
}
