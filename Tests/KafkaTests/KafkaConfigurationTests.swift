import Foundation
import Kafka
import KafkaMock
import Testing

@Suite struct `A Kafka configuration` {
    static let connection = KafkaConnection(brokers: ["kafka-1:9092", "[::1]:9093"])

    static func producer(_ change: (inout KafkaProducerConfiguration) -> Void) -> KafkaProducerConfiguration {
        var configuration = KafkaProducerConfiguration(connection: connection)
        change(&configuration)
        return configuration
    }

    static func consumer(_ change: (inout KafkaConsumerConfiguration) -> Void) -> KafkaConsumerConfiguration {
        var configuration = KafkaConsumerConfiguration(
            connection: connection, topics: ["payments"], groupID: "redoubt", memberID: "node-1")
        change(&configuration)
        return configuration
    }

    static let invalidProducers: [(String, KafkaProducerConfiguration)] = [
        ("brokers", producer { $0.connection.brokers = [] }),
        ("brokers", producer { $0.connection.brokers = ["kafka-1"] }),
        ("brokers", producer { $0.connection.brokers = ["kafka-1:0"] }),
        ("brokers", producer { $0.connection.brokers = ["kafka-1:65536"] }),
        ("brokers", producer { $0.connection.brokers = [":9092"] }),
        ("brokers", producer { $0.connection.brokers = ["a:1,b:2"] }),
        ("clientID", producer { $0.connection.clientID = "" }),
        ("reconnectBackoffLimitMilliseconds", producer { $0.connection.reconnectBackoffLimitMilliseconds = 99 }),
        ("statisticsIntervalMilliseconds", producer { $0.connection.statisticsIntervalMilliseconds = 50 }),
        ("security.tls.authorityFile", producer { $0.connection.security.tls = .init(authorityFile: "/nowhere") }),
        ("security.tls.keyFile", producer { $0.connection.security.tls = .init(certificateFile: "/dev/null") }),
        ("security.tls.certificateFile", producer { $0.connection.security.tls = .init(keyFile: "/dev/null") }),
        (
            "security.login.mechanism",
            producer {
                $0.connection.security.login = .init(mechanism: .plain, userName: "u", password: KafkaSecret("p"))
            }
        ),
        (
            "security.login.password",
            producer {
                $0.connection.security.login = .init(mechanism: .scramSHA512, userName: "u", password: KafkaSecret(""))
            }
        ),
        (
            "extraProperties.enable.idempotence",
            producer {
                $0.connection.extraProperties = ["enable.idempotence": "false"]
            }
        ),
        (
            "extraProperties.ssl.key.pem", producer { $0.connection.extraProperties = ["ssl.key.pem": "----"] }
        ),
        (
            "secretProperties.sasl.password",
            producer {
                $0.connection.security.login = .init(
                    mechanism: .scramSHA256, userName: "u", password: KafkaSecret("p"))
                $0.connection.secretProperties = ["sasl.password": KafkaSecret("other")]
            }
        ),
        ("extraProperties.acks", producer { $0.connection.extraProperties = ["acks": "1"] }),
        ("lingerMilliseconds", producer { $0.lingerMilliseconds = 1_001 }),
        ("deliveryTimeoutMilliseconds", producer { $0.deliveryTimeoutMilliseconds = 999 }),
        ("deliveryTimeoutMilliseconds", producer { $0.deliveryTimeoutMilliseconds = 10_000 }),
        ("requestTimeoutMilliseconds", producer { $0.requestTimeoutMilliseconds = 0 }),
        ("recordMarks.high", producer { $0.recordMarks = .init(high: 0, low: 0) }),
        ("recordMarks.low", producer { $0.recordMarks = .init(high: 10, low: 10) }),
        ("byteMarks.low", producer { $0.byteMarks.low = -1 }),
        ("recordByteLimit", producer { $0.byteMarks = .init(high: 10_000, low: 1_000) }),
        ("unknownTopicPatienceMilliseconds", producer { $0.unknownTopicPatienceMilliseconds = -1 }),
    ]

    @Test(arguments: invalidProducers) func `names the field of a producer that is not valid`(
        field: String, configuration: KafkaProducerConfiguration
    ) throws {
        let error = try #require(throws: KafkaError.self) { try configuration.properties() }
        #expect(error.kind == .invalidConfiguration && error.field == field)
        #expect("\(error)".hasPrefix("Kafka: \(field): "))
    }

    static let invalidConsumers: [(String, KafkaConsumerConfiguration)] = [
        ("topics", consumer { $0.topics = [] }),
        ("topics", consumer { $0.topics = ["a b"] }),
        ("topics", consumer { $0.topics = ["^pay.*"] }),
        ("topics", consumer { $0.topics = ["a", "a"] }),
        ("groupID", consumer { $0.groupID = "" }),
        ("memberID", consumer { $0.memberID = "node 1" }),
        ("sessionTimeoutMilliseconds", consumer { $0.sessionTimeoutMilliseconds = 0 }),
        ("batchRecordLimit", consumer { $0.batchRecordLimit = 0 }),
        ("batchByteLimit", consumer { $0.batchByteLimit = 0 }),
        ("batchMilliseconds", consumer { $0.batchMilliseconds = -1 }),
        ("recordMarks.low", consumer { $0.recordMarks.low = 20_000 }),
        ("byteMarks.high", consumer { $0.byteMarks.high = 1 }),
        ("fetchAheadKilobytes", consumer { $0.fetchAheadKilobytes = 1 }),
        ("fetchByteLimit", consumer { $0.fetchByteLimit = 1 }),
        (
            "extraProperties.enable.auto.commit",
            consumer {
                $0.connection.extraProperties = ["enable.auto.commit": "true"]
            }
        ),
        (
            "extraProperties.auto.offset.reset",
            consumer {
                $0.connection.extraProperties = ["auto.offset.reset": "latest"]
            }
        ),
    ]

    @Test(arguments: invalidConsumers) func `names the field of a consumer that is not valid`(
        field: String, configuration: KafkaConsumerConfiguration
    ) throws {
        let error = try #require(throws: KafkaError.self) { try configuration.properties() }
        #expect(error.kind == .invalidConfiguration && error.field == field)
    }

    @Test func `names a property that the library does not know, or whose value it does not take`() async throws {
        for (name, value) in [("no.such.thing", "1"), ("socket.send.buffer.bytes", "many")] {
            let configuration = Self.producer { $0.connection.extraProperties = [name: value] }
            let error = try #require(throws: KafkaError.self) { try KafkaProducer(configuration, logger: quiet) }
            #expect(error.kind == .invalidConfiguration && error.field == name)
        }
    }

    @Test func `keeps what the promises rest on`() throws {
        let producer = try KafkaProducerConfiguration(connection: Self.connection).properties()
        #expect(producer["enable.idempotence"] == "true")
        #expect(producer["bootstrap.servers"] == "kafka-1:9092,[::1]:9093")
        #expect(producer["socket.nagle.disable"] == "true" && producer["partitioner"] == "murmur2_random")
        #expect(producer["security.protocol"] == "plaintext")
        let consumer = try Self.consumer { _ in }.properties()
        #expect(consumer["enable.auto.commit"] == "false" && consumer["enable.auto.offset.store"] == "false")
        #expect(consumer["auto.offset.reset"] == "error" && consumer["isolation.level"] == "read_committed")
        #expect(consumer["group.instance.id"] == "node-1" && consumer["partition.assignment.strategy"] == "range")
        #expect(consumer["allow.auto.create.topics"] == "false")
    }

    @Test func `passes TLS and login on, and other properties by their names`() async throws {
        let configuration = Self.producer {
            $0.connection.security = KafkaSecurity(
                tls: .init(authorityFile: "/dev/null", verifiesHostNames: false),
                login: .init(mechanism: .scramSHA512, userName: "redoubt", password: KafkaSecret("tr0ub4dor")))
            $0.connection.extraProperties = ["broker.address.family": "v4"]
        }
        let properties = try configuration.properties()
        #expect(properties["security.protocol"] == "sasl_ssl" && properties["sasl.mechanism"] == "SCRAM-SHA-512")
        #expect(properties["sasl.username"] == "redoubt" && properties["ssl.ca.location"] == "/dev/null")
        #expect(properties["ssl.endpoint.identification.algorithm"] == "none")
        #expect(properties["broker.address.family"] == "v4")
        let tls = Self.producer { $0.connection.security.tls = .init() }
        #expect(try tls.properties()["security.protocol"] == "ssl")
        let kerberos = Self.producer {
            $0.connection.security.tls = .init()
            $0.connection.extraProperties = ["security.protocol": "sasl_ssl", "sasl.mechanism": "GSSAPI"]
        }
        #expect(try kerberos.properties()["security.protocol"] == "sasl_ssl")
        let login = Self.producer {
            $0.connection.security.login = .init(
                mechanism: .scramSHA256, userName: "redoubt", password: KafkaSecret("tr0ub4dor"))
        }
        #expect(try login.properties()["security.protocol"] == "sasl_plaintext")
        // The library takes what was rendered.
        await (try KafkaProducer(login, logger: quiet)).close(flushMilliseconds: 0)
    }

    @Test func `shows no secret, whichever way it is printed`() throws {
        let configuration = Self.consumer {
            $0.connection.security = KafkaSecurity(
                tls: .init(keyPassword: KafkaSecret("tr0ub4dor")),
                login: .init(mechanism: .plain, userName: "redoubt", password: KafkaSecret("tr0ub4dor")))
            $0.connection.secretProperties = ["ssl.keystore.password": KafkaSecret("tr0ub4dor")]
        }
        let properties = try configuration.properties()
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(properties, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), "\(properties)", dumped] {
            #expect(!text.contains("tr0ub4dor"))
        }
        #expect(properties.description.contains("sasl.password=(hidden)"))
        #expect(properties["sasl.password"] == nil && properties["ssl.keystore.password"] == nil)
        // Nor does what the library says of a value that it cannot use.
        let unusable = Self.producer {
            $0.connection.security.tls = .init()
            $0.connection.secretProperties = ["ssl.key.pem": KafkaSecret("tr0ub4dor")]
        }
        let error = try #require(throws: KafkaError.self) { try KafkaProducer(unusable, logger: quiet) }
        #expect(error.kind == .invalidConfiguration && !"\(error)".contains("tr0ub4dor"))
    }
}
