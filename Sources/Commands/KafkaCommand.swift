import ArgumentParser

/// `redoubt kafka`: what helps to try Kafka out.
struct KafkaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kafka",
        abstract: "Try things out with Kafka.",
        subcommands: [KafkaProduceCommand.self, KafkaTopicCommand.self, KafkaMockCommand.self])
}
