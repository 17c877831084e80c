/// How to reach the brokers: what producers, consumers and look-ups have in common.
public struct KafkaConnection: Equatable, Sendable {
    /// `host:port` each. Name all that there are: one may be away, and one may lag behind the others.
    public var brokers: [String]
    /// Shown in the brokers' logs and quotas, 1 to 128 bytes.
    public var clientID: String
    public var security: KafkaSecurity
    /// Between attempts to reach a broker that is away, 100 to 60,000.
    public var reconnectBackoffLimitMilliseconds: Int
    /// Between two sets of figures; 0 for none, else 100 to 3,600,000.
    public var statisticsIntervalMilliseconds: Int
    /// Properties of the library that have no field here, by their own names. Those that the module's promises rest on are
    /// refused.
    public var extraProperties: [String: String]
    /// The same for what must not be shown, such as `ssl.keystore.password`.
    public var secretProperties: [String: KafkaSecret]

    public init(
        brokers: [String], clientID: String = "redoubt", security: KafkaSecurity = KafkaSecurity(),
        reconnectBackoffLimitMilliseconds: Int = 1_000, statisticsIntervalMilliseconds: Int = 5_000,
        extraProperties: [String: String] = [:], secretProperties: [String: KafkaSecret] = [:]
    ) {
        self.brokers = brokers
        self.clientID = clientID
        self.security = security
        self.reconnectBackoffLimitMilliseconds = reconnectBackoffLimitMilliseconds
        self.statisticsIntervalMilliseconds = statisticsIntervalMilliseconds
        self.extraProperties = extraProperties
        self.secretProperties = secretProperties
    }

    /// Throws `invalidConfiguration`, with the name of the field.
    public func validate() throws(KafkaError) {
        if brokers.isEmpty { throw .invalid("brokers", "at least one is needed, as host:port") }
        for broker in brokers where !Self.isAddress(broker) {
            throw .invalid("brokers", "\"\(broker)\" is not host:port with a port of 1 to 65535")
        }
        guard (1...128).contains(clientID.utf8.count) else { throw .invalid("clientID", "has 1 to 128 bytes") }
        try Self.check(
            reconnectBackoffLimitMilliseconds, in: 100...60_000, "reconnectBackoffLimitMilliseconds")
        if statisticsIntervalMilliseconds != 0 {
            try Self.check(statisticsIntervalMilliseconds, in: 100...3_600_000, "statisticsIntervalMilliseconds")
        }
        try security.validate()
    }

    /// Extra properties are not to touch what the module sets itself.
    func render(into properties: inout KafkaProperties, owning owned: KafkaProperties) throws(KafkaError) {
        var common = KafkaProperties()
        common.set("bootstrap.servers", brokers.joined(separator: ","))
        common.set("client.id", clientID)
        common.set("socket.keepalive.enable", true)
        // Off by default, and then a small request may wait 40 ms for an acknowledgement of the one before.
        common.set("socket.nagle.disable", true)
        // The defaults stretch a broker that hangs to a minute.
        common.set("socket.timeout.ms", 15_000)
        // An attempt that began while a cable was cut goes on waiting after it is mended, TCP's own repetitions being ever rarer.
        common.set("socket.connection.setup.timeout.ms", 2_000)
        common.set("reconnect.backoff.ms", 50)
        common.set("reconnect.backoff.max.ms", reconnectBackoffLimitMilliseconds)
        common.set("statistics.interval.ms", statisticsIntervalMilliseconds)
        // Brokers close idle connections; that is no news.
        common.set("log.connection.close", false)
        common.set("allow.auto.create.topics", false)
        security.render(into: &common)
        var extraProperties = extraProperties
        // Kerberos and tokens are settings of the library alone, and so is that there is a login then.
        if security.login == nil, let text = extraProperties.removeValue(forKey: "security.protocol") {
            common.set("security.protocol", text)
        }
        let taken = Set(common.names + owned.names).union(Self.aliases)
        let refusal = "is set by a field of its own or fixed"
        for (name, value) in extraProperties.sorted(by: { $0.key < $1.key }) {
            if taken.contains(name) { throw .invalid("extraProperties.\(name)", refusal) }
            if KafkaProperties.isSecret(name) {
                throw .invalid("extraProperties.\(name)", "is a secret and belongs into secretProperties")
            }
            properties.set(name, value)
        }
        for (name, value) in secretProperties.sorted(by: { $0.key < $1.key }) {
            if taken.contains(name) { throw .invalid("secretProperties.\(name)", refusal) }
            properties.set(name, secret: value)
        }
        properties.merge(common)
        properties.merge(owned)
    }

    /// Other names of properties that are fixed or have a field.
    private static let aliases: Set<String> = [
        "metadata.broker.list", "acks", "request.required.acks", "queue.buffering.max.ms", "message.timeout.ms",
        "max.in.flight", "max.in.flight.requests.per.connection", "retries", "message.send.max.retries",
        "compression.codec", "transactional.id", "enable.gapless.guarantee", "sasl.mechanisms",
        "auto.commit.interval.ms", "auto.commit.enable", "log.queue", "test.mock.num.brokers", "plugin.library.paths",
    ]

    private static func isAddress(_ text: String) -> Bool {
        guard !text.contains(where: { $0 == "," || $0.isWhitespace }), let colon = text.lastIndex(of: ":"),
            colon != text.startIndex, let port = UInt16(text[text.index(after: colon)...])
        else { return false }
        return port > 0
    }

    static func check(_ value: Int, in range: ClosedRange<Int>, _ field: String) throws(KafkaError) {
        guard range.contains(value) else {
            throw .invalid(field, "is \(value) and must be \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
