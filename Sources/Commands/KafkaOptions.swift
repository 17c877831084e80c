package import ArgumentParser
import Kafka
import Logging

/// Which brokers, and how to speak to them. Options win over the environment that `.redoubt/env` sets.
package struct KafkaOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The brokers, with commas between them. Default: $REDOUBT_KAFKA.", valueName: "host:port,…"))
    package var brokers: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A setting of librdkafka, such as security.protocol=ssl. May be repeated.", valueName: "name=value"))
    package var property: [String] = []

    package init() {}

    package func validate() throws {
        for property in property { _ = try Self.parse(property) }
    }

    func connection() throws -> KafkaConnection {
        guard let text = brokers ?? ClusterOptions.environment("REDOUBT_KAFKA") else {
            throw ValidationError(
                "No brokers. Run `source .redoubt/env` after `cluster/up --kafka …`, set REDOUBT_KAFKA, or pass "
                    + "--brokers host:port.")
        }
        var connection = KafkaConnection(
            brokers: text.split(separator: ",").map(String.init), clientID: "redoubt-command",
            statisticsIntervalMilliseconds: 0)
        for property in property {
            let (name, value) = try Self.parse(property)
            connection.extraProperties[name] = value
        }
        do throws(KafkaError) {
            try connection.validate()
        } catch {
            throw ValidationError("\(error)")
        }
        return connection
    }

    /// The topic of payments that is meant if none is named.
    static func topic(_ name: String?) -> String {
        name ?? ClusterOptions.environment("REDOUBT_KAFKA_TOPIC") ?? "payments"
    }

    /// Standard output is for results; what the brokers do wrong is told in them.
    static var logger: Logger {
        var logger = Logger(label: "redoubt.kafka") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }

    private static func parse(_ property: String) throws -> (name: String, value: String) {
        guard let equals = property.firstIndex(of: "="), equals != property.startIndex else {
            throw ValidationError("--property must be a name, an equals sign and a value: \(property)")
        }
        return (String(property[..<equals]), String(property[property.index(after: equals)...]))
    }
}
