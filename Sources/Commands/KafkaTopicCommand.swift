package import ArgumentParser
import Kafka

/// `redoubt kafka topic`: what the brokers say of a topic; and makes it.
package struct KafkaTopicCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "topic",
        abstract: "Show a topic's partitions and their offsets, or make the topic.",
        discussion: """
            Nodes never make topics. With --create this does, unless the topic is there already; mock brokers have the \
            topics that they were started with.

              redoubt kafka topic payments
              redoubt kafka topic payments --create --partitions 12 --replicas 3
            """)

    @Argument(help: "The topic. Default: $REDOUBT_KAFKA_TOPIC, or payments.")
    package var name: String?

    @OptionGroup package var kafka: KafkaOptions

    @Flag(name: .long, help: "Make it if it is not there.")
    package var create = false

    @Option(name: .long, help: ArgumentHelp("Partitions of a topic that is made.", valueName: "number"))
    package var partitions = 12

    @Option(
        name: .long,
        help: ArgumentHelp("Replicas of a topic that is made. Default: what the brokers think.", valueName: "number"))
    package var replicas: Int?

    @Flag(name: .long, help: "Print the result as one JSON object.")
    package var json = false

    package init() {}

    package func validate() throws {
        guard (1...1_024).contains(partitions) else {
            throw ValidationError("--partitions must lie between 1 and 1024.")
        }
        guard (1...100).contains(replicas ?? 1) else { throw ValidationError("--replicas must lie between 1 and 100.") }
    }

    package func run() async throws {
        let connection = try kafka.connection()
        let name = KafkaOptions.topic(name)
        if create {
            let isNew = try await KafkaTopicMaker.make(
                name, partitions: partitions, replicas: replicas, connection, logger: KafkaOptions.logger)
            StandardError.line(isNew ? "made \(name)" : "\(name) is there already")
        }
        let lookUp = try KafkaLookUp(connection, logger: KafkaOptions.logger)
        let report = try await Self.report(of: name, lookUp, patiently: create)
        await lookUp.close()
        guard let report else {
            StandardError.line("The brokers know no topic \(name).")
            throw ExitCode(1)
        }
        if json {
            try JSONOutput.print(report)
        } else {
            print(report.text)
        }
    }

    /// Some brokers learn late of a topic that was just made.
    private static func report(
        of name: String, _ lookUp: KafkaLookUp, patiently: Bool
    ) async throws -> TopicReport? {
        let deadline = ContinuousClock.now + .seconds(patiently ? 30 : 0)
        while true {
            do throws(KafkaError) {
                if let topic = try await lookUp.topic(name) {
                    var partitions: [TopicReport.Partition] = []
                    for partition in topic.partitions {
                        let ends = try await lookUp.watermarks(
                            of: KafkaPartition(topic: name, number: partition.number))
                        partitions.append(
                            .init(partition: partition.number, firstOffset: ends.low, endOffset: ends.high))
                    }
                    return TopicReport(topic: name, partitions: partitions)
                }
                guard ContinuousClock.now < deadline else { return nil }
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// What `kafka topic` prints.
private struct TopicReport: Encodable {
    struct Partition: Encodable {
        let partition: Int32
        /// Of the oldest record that is there.
        let firstOffset: Int64
        /// That the next record will get.
        let endOffset: Int64

        private enum CodingKeys: String, CodingKey {
            case partition
            case firstOffset = "first_offset"
            case endOffset = "end_offset"
        }
    }

    let topic: String
    let partitions: [Partition]

    var text: String {
        partitions.map { "\(topic)/\($0.partition): \($0.firstOffset) to \($0.endOffset)" }.joined(separator: "\n")
    }
}
