package import CRdkafka

extension KafkaError {
    /// An error code of the library in plain words. `detail` is what the library says besides.
    package init(code: rd_kafka_resp_err_t, detail: String? = nil, persistence: Persistence? = nil) {
        let (kind, message) = Self.plainWords(code)
        self.init(
            kind, message, code: String(cString: rd_kafka_err2name(code)), detail: detail, persistence: persistence)
    }

    /// Takes the error over and frees it.
    init(consuming error: OpaquePointer) {
        let code = rd_kafka_error_code(error)
        let detail = String(cString: rd_kafka_error_string(error))
        let isFatal = rd_kafka_error_is_fatal(error) != 0
        rd_kafka_error_destroy(error)
        self.init(code: code, detail: detail)
        if isFatal, kind != .fenced { kind = .fatal }
    }

    private static func plainWords(_ code: rd_kafka_resp_err_t) -> (Kind, String) {
        switch code {
        case RD_KAFKA_RESP_ERR__TRANSPORT: (.unreachable, "the connection to a broker failed or broke")
        case RD_KAFKA_RESP_ERR__RESOLVE: (.unreachable, "a broker's name cannot be resolved")
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: (.unreachable, "no broker can be reached")
        case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE: (.unreachable, "the broker is not available")
        case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT: (.timedOut, "the record was not acknowledged in time")
        case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
            (.timedOut, "the broker did not answer in time")
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: (.overloaded, "the library's queue is full")
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
            RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
            (.tooLarge, "the record is larger than the topic or the client allows")
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: (.unknownTopic, "the topic does not exist")
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: (.unknownTopic, "the topic or the partition does not exist")
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION: (.unknownTopic, "the topic's name is not valid")
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: (.unknownPartition, "the topic has no such partition")
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            (.notAuthenticated, "the broker does not accept the user name or password")
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
            (.notAuthenticated, "the broker does not offer this way to log in")
        case RD_KAFKA_RESP_ERR__SSL: (.notAuthenticated, "TLS could not be agreed with the broker")
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED: (.notAuthorized, "this client may not use the topic")
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED: (.notAuthorized, "this client may not use the group")
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            (.notAuthorized, "this client may not do this in the cluster")
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            (.offsetOutOfRange, "the partition does not hold the offset")
        case RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
            (.fenced, "another member has joined under this member's name")
        case RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
            (.fenced, "another producer has taken this one's place")
        case RD_KAFKA_RESP_ERR__FATAL: (.fatal, "the client cannot go on")
        case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
            (.fatal, "the broker saw records out of their order")
        case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID: (.fatal, "the broker has forgotten this producer")
        case RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
            (.closed, "the record was given up before it was acknowledged")
        case RD_KAFKA_RESP_ERR__DESTROY: (.closed, "the client is being closed")
        case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
            (.other, "the consumer was busy too long and has left its group")
        case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST: (.notAssigned, "the partitions were taken away")
        case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE: (.other, "the partition has no leader at the moment")
        case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION: (.other, "the partition's leader has changed")
        case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR__ISR_INSUFF:
            (.other, "too few of the partition's replicas are in step")
        case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR__WAIT_COORD:
            (.other, "the group's coordinator is not ready")
        case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR: (.other, "the broker's disk failed")
        case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED: (.other, "the broker's quota for this client is used up")
        default: (.other, String(cString: rd_kafka_err2str(code)))
        }
    }

    static let temporaryCodes: Set<String> = [
        "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        "_ISR_INSUFF", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS", "_WAIT_COORD",
        "KAFKA_STORAGE_ERROR", "THROTTLING_QUOTA_EXCEEDED", "NETWORK_EXCEPTION", "_MAX_POLL_EXCEEDED",
        "REBALANCE_IN_PROGRESS",
    ]
}
