import Foundation
import Kafka
import Pipeline
import Streams

/// The section `kafka`: docs/kafka.md lists its keys.
extension NodeConfiguration {
    static func kafka(_ section: ConfigurationSection?) throws -> StreamConfiguration? {
        guard var section else { return nil }
        var connection = KafkaConnection(
            brokers: try section.strings("brokers"), security: try security(&section),
            statisticsIntervalMilliseconds: 1_000)
        connection.clientID = try section.optionalString("client_id") ?? connection.clientID
        if var properties = try section.optionalSection("properties") {
            for key in properties.keys { connection.extraProperties[key] = try properties.scalar(key) }
        }
        if var secrets = try section.optionalSection("secret_property_files") {
            for key in secrets.keys { connection.secretProperties[key] = try secret(key, of: &secrets) }
        }
        var configuration = StreamConfiguration(connection: connection, topic: try section.string("topic"))
        configuration.group = try section.optionalString("group") ?? configuration.group
        configuration.alertsTopic = try section.optionalString("alerts_topic")
        configuration.deadLetterTopic = try section.optionalString("dead_letter_topic")
        if let value: StreamConfiguration.WhenUnavailable = try choice("when_unavailable", of: &section) {
            configuration.whenUnavailable = value
        }
        if let value: StreamStart = try choice("start", of: &section) { configuration.start = value }
        if let value: KafkaProducerConfiguration.Compression = try choice("compression", of: &section) {
            configuration.compression = value
        }
        func set(_ key: String, _ target: inout Int, _ range: ClosedRange<Int>) throws {
            if let value = try section.optionalInteger(key, in: range) { target = value }
        }
        try set("linger_milliseconds", &configuration.lingerMilliseconds, 0...1_000)
        try set("session_timeout_milliseconds", &configuration.sessionTimeoutMilliseconds, 1_000...300_000)
        try set("patience_milliseconds", &configuration.patienceMilliseconds, 100...60_000)
        try set("batch_records", &configuration.batchRecords, 1...Pipeline.streamRecordsPerRequest)
        try set("batches_under_way", &configuration.batchesUnderWay, 1...64)
        try set("held_records", &configuration.heldRecords, 1...1_000_000)
        try set("held_bytes", &configuration.heldBytes, (1 << 16)...(1 << 30))
        try section.finish()
        do throws(KafkaError) {
            try configuration.validate()
        } catch {
            throw section.error(key(of: error.field ?? ""), error.message)
        }
        return configuration
    }

    private static func security(_ section: inout ConfigurationSection) throws -> KafkaSecurity {
        var security = KafkaSecurity()
        if var tls = try section.optionalSection("tls") {
            security.tls = KafkaSecurity.TLS(
                authorityFile: try tls.optionalString("authority"),
                certificateFile: try tls.optionalString("certificate"), keyFile: try tls.optionalString("private_key"),
                keyPassword: try optionalSecret("key_password_file", of: &tls),
                verifiesHostNames: try tls.optionalBoolean("verify_host_names") ?? true)
            try tls.finish()
        }
        if var login = try section.optionalSection("login") {
            guard let mechanism: KafkaSecurity.Login.Mechanism = try choice("mechanism", of: &login) else {
                throw login.error("mechanism", "is missing")
            }
            security.login = KafkaSecurity.Login(
                mechanism: mechanism, userName: try login.string("user"),
                password: try secret("password_file", of: &login))
            try login.finish()
        }
        return security
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, of section: inout ConfigurationSection
    ) throws -> Choice? where Choice.RawValue == String {
        guard let text = try section.optionalString(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw section.error(key, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    private static func optionalSecret(
        _ key: String, of section: inout ConfigurationSection
    ) throws -> KafkaSecret? {
        section.keys.contains(key) ? try secret(key, of: &section) : nil
    }

    /// The first line of a file: what is secret does not stand in the configuration itself.
    private static func secret(_ key: String, of section: inout ConfigurationSection) throws -> KafkaSecret {
        let path = try section.string(key)
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw section.error(key, "\(path) can't be read: \(error.localizedDescription)")
        }
        let line = text.prefix { !$0.isNewline }
        guard !line.isEmpty else { throw section.error(key, "\(path) begins with an empty line") }
        return KafkaSecret(String(line))
    }

    /// What the modules call a field, as it is called in the file.
    private static func key(of field: String) -> String {
        let names = [
            "clientID": "client_id", "topics": "topic", "groupID": "group", "alertsTopic": "alerts_topic",
            "deadLetterTopic": "dead_letter_topic", "security.tls.authorityFile": "tls.authority",
            "security.tls.certificateFile": "tls.certificate", "security.tls.keyFile": "tls.private_key",
            "security.login.userName": "login.user", "security.login.password": "login.password_file",
            "security.login.mechanism": "login.mechanism",
        ]
        if let name = names[field] { return name }
        for (own, name) in [("extraProperties.", "properties."), ("secretProperties.", "secret_property_files.")]
        where field.hasPrefix(own) { return name + field.dropFirst(own.count) }
        return field
    }
}
