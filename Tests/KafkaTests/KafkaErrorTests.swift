import CRdkafka
import Kafka
import Testing

@Suite struct `A Kafka error` {
    @Test(
        arguments: [
            (RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, .unreachable, true),
            (RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, .timedOut, true),
            (RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, .other, true),
            (RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, .tooLarge, false),
            (RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, .unknownTopic, false),
            (RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, .notAuthenticated, false),
            (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .notAuthorized, false),
            (RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, .offsetOutOfRange, false),
            (RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, .fenced, false),
            (RD_KAFKA_RESP_ERR_INVALID_RECORD, .other, false),
        ] as [(rd_kafka_resp_err_t, KafkaError.Kind, Bool)])
    func `says in plain words what it is, and whether it passes`(
        code: rd_kafka_resp_err_t, kind: KafkaError.Kind, isTemporary: Bool
    ) {
        let error = KafkaError(code: code, detail: "payments")
        #expect(error.kind == kind && error.isTemporary == isTemporary)
        #expect(error.code == String(cString: rd_kafka_err2name(code)) && !error.message.isEmpty)
        #expect("\(error)" == "Kafka \(error.code!): \(error.message) (payments)")
        // Words of ours, not the library's "Broker: …" and "Local: …", where there is something to do about it.
        if kind != .other { #expect(!error.message.contains(":")) }
    }

    @Test func `says that a record may have been stored`() {
        let error = KafkaError(code: RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, persistence: .possiblyPersisted)
        #expect("\(error)".hasSuffix("; the record may have been stored nevertheless"))
    }
}
