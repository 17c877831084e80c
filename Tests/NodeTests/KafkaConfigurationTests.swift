import Foundation
import Kafka
import Node
import Streams
import Testing

@Suite struct `The section about Kafka` {
    private func load(_ section: String) throws -> StreamConfiguration? {
        try NodeConfiguration(file: "node.yaml", yaml: leastConfiguration + section).kafka
    }

    private func refusal(_ section: String) -> ConfigurationError? {
        do {
            _ = try load("kafka: { brokers: [\"a:9092\"], topic: payments, \(section) }")
            return nil
        } catch {
            return error as? ConfigurationError
        }
    }

    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `may be left out, and needs brokers and a topic if not`() throws {
        #expect(try load("") == nil)
        let least = try #require(try load("kafka: { brokers: [\"a:9092\"], topic: payments }"))
        #expect(least.connection.brokers == ["a:9092"] && least.topic == "payments" && least.group == "redoubt")
        #expect(least.whenUnavailable == .refuse && least.start == .earliest && least.alertsTopic == nil)
        #expect(least.connection.security == KafkaSecurity())
    }

    @Test func `is read with all its keys`() throws {
        let authority = try file("")
        let password = try file("s3cret\nand a comment\n")
        let whole = try #require(
            try load(
                """
                kafka:
                  brokers: a:9092, b:9093
                  client_id: till
                  topic: payments
                  group: nodes
                  alerts_topic: alerts
                  dead_letter_topic: dead-letters
                  when_unavailable: log
                  start: latest
                  compression: zstd
                  linger_milliseconds: 5
                  session_timeout_milliseconds: 20000
                  patience_milliseconds: 500
                  batch_records: 200
                  batches_under_way: 8
                  held_records: 5000
                  held_bytes: 1048576
                  tls: { authority: \(authority), verify_host_names: false }
                  login: { mechanism: SCRAM-SHA-512, user: redoubt, password_file: \(password) }
                  properties: { socket.send.buffer.bytes: 65536, ssl.cipher.suites: DEFAULT }
                  secret_property_files: { ssl.keystore.password: \(password) }
                """))
        #expect(whole.connection.brokers == ["a:9092", "b:9093"] && whole.connection.clientID == "till")
        #expect(whole.group == "nodes" && whole.alertsTopic == "alerts" && whole.deadLetterTopic == "dead-letters")
        #expect(whole.whenUnavailable == .log && whole.start == .latest && whole.compression == .zstd)
        #expect([whole.lingerMilliseconds, whole.sessionTimeoutMilliseconds] == [5, 20_000] as [Int])
        #expect([whole.patienceMilliseconds, whole.batchRecords, whole.batchesUnderWay] == [500, 200, 8] as [Int])
        #expect([whole.heldRecords, whole.heldBytes] == [5_000, 1_048_576] as [Int])
        #expect(whole.connection.security.tls?.authorityFile == authority)
        #expect(whole.connection.security.tls?.verifiesHostNames == false)
        #expect(whole.connection.security.login?.mechanism == .scramSHA512)
        #expect(whole.connection.security.login?.password == KafkaSecret("s3cret"))
        #expect(
            whole.connection.extraProperties == [
                "socket.send.buffer.bytes": "65536", "ssl.cipher.suites": "DEFAULT",
            ])
        #expect(whole.connection.secretProperties == ["ssl.keystore.password": KafkaSecret("s3cret")])
    }

    @Test(arguments: [
        ("when_unavailable: drop", "kafka.when_unavailable"), ("start: middle", "kafka.start"),
        ("alerts_topic: payments", "kafka.alerts_topic"), ("dead_letter_topic: \"a b\"", "kafka.dead_letter_topic"),
        ("group: \"\"", "kafka.group"), ("batches_under_way: 0", "kafka.batches_under_way"),
        ("held_records: many", "kafka.held_records"), ("tls: { authority: /nowhere }", "kafka.tls.authority"),
        ("tls: { certificate: /etc/passwd }", "kafka.tls.private_key"),
        ("tls: { autority: x }", "kafka.tls.autority"),
        ("login: { user: a }", "kafka.login.mechanism"),
        ("login: { mechanism: PLAIN, user: a, password_file: /nowhere }", "kafka.login.password_file"),
        ("login: { mechanism: PLAIN, user: a, password_file: /etc/passwd }", "kafka.login.mechanism"),
        ("properties: { acks: 0 }", "kafka.properties.acks"), ("propertys: {}", "kafka.propertys"),
        ("properties: { ssl.key.password: x }", "kafka.properties.ssl.key.password"),
        ("properties: { group.id: x }", "kafka.properties.group.id"),
    ]) func `names the key that is wrong`(section: String, key: String) {
        let refusal = refusal(section)
        #expect(refusal?.key == key)
        #expect(refusal?.reason.isEmpty == false)
    }

    @Test func `names the brokers when they are`() throws {
        for brokers in ["[]", "\"\"", "[\"a\"]", "[1]", "\"a:9092,\"", "\"a:0\""] {
            #expect {
                try load("kafka: { brokers: \(brokers), topic: payments }")
            } throws: { ($0 as? ConfigurationError)?.key == "kafka.brokers" }
        }
    }
}
