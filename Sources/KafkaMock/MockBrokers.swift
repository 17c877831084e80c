public import CRdkafka

/// librdkafka's mock brokers in this process, over real sockets, on ports of the system's choice. They keep about 5 MB a
/// partition in memory, and are no measure for anything about durability, transactions or fencing: for tests, and for trying
/// things out without a broker.
public final class MockBrokers: @unchecked Sendable {
    public struct Failure: Error {
        public var message: String

        public init(message: String) { self.message = message }
    }

    /// The protocol's numbers of requests that can be made to fail.
    public enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case joinGroup = 11
        case heartbeat = 12
        case syncGroup = 14
        case initProducerID = 22
    }

    private let host: OpaquePointer
    private let cluster: OpaquePointer
    public let count: Int

    public init(_ count: Int = 1) throws {
        self.count = count
        var message = [CChar](repeating: 0, count: 512)
        let configuration = rd_kafka_conf_new()
        // It would complain that it has no brokers itself.
        rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
        guard let host = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &message, message.count) else {
            throw Failure(message: "no client for the mock brokers")
        }
        guard let cluster = rd_kafka_mock_cluster_new(host, Int32(count)) else {
            throw Failure(message: "no mock brokers")
        }
        self.host = host
        self.cluster = cluster
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(host)
    }

    /// `host:port` each.
    public var addresses: [String] {
        String(cString: rd_kafka_mock_cluster_bootstraps(cluster)).split(separator: ",").map(String.init)
    }

    public func createTopic(_ name: String, partitions: Int = 1) throws {
        try check(rd_kafka_mock_topic_create(cluster, name, Int32(partitions), Int32(count)))
    }

    /// All brokers, or one of them, counted from 1, refuse connections. Nobody else leads their partitions.
    public func goDown(_ broker: Int? = nil) throws {
        try check(rd_kafka_mock_broker_set_down(cluster, Int32(broker ?? -1)))
    }

    public func comeUp(_ broker: Int? = nil) throws {
        try check(rd_kafka_mock_broker_set_up(cluster, Int32(broker ?? -1)))
    }

    public func setLeader(of topic: String, partition: Int, to broker: Int) throws {
        try check(rd_kafka_mock_partition_set_leader(cluster, topic, Int32(partition), Int32(broker)))
    }

    /// Each answer takes that long.
    public func setRoundTrip(milliseconds: Int) throws {
        try check(rd_kafka_mock_broker_set_rtt(cluster, -1, Int32(milliseconds)))
    }

    /// The next requests of the kind fail so, one error each.
    public func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    public func stopFailing(_ request: Request) {
        rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
    }

    /// What the brokers say about the topic when they are asked where it is; nil for the truth.
    public func setError(of topic: String, to error: rd_kafka_resp_err_t?) {
        rd_kafka_mock_topic_set_error(cluster, topic, error ?? RD_KAFKA_RESP_ERR_NO_ERROR)
    }

    private func check(_ code: rd_kafka_resp_err_t) throws {
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw Failure(message: String(cString: rd_kafka_err2str(code)))
        }
    }
}
