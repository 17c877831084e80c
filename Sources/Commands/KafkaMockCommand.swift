import ArgumentParser
import Foundation
import KafkaMock
import UnixSignals

/// `redoubt kafka mock`: brokers for trying things out, in a process of their own.
struct KafkaMockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock",
        abstract: "Run mock brokers. They are no Kafka: nothing is on disk, nothing is replicated.",
        discussion: """
            librdkafka's mock brokers, on this machine alone and on ports that the system chooses; the addresses \
            are printed, with commas between them. They keep about 5 MB of each partition in memory and forget the \
            rest, so that they serve records that are read as they come. They have no transactions, no fencing and no \
            durability: nothing that is seen here says anything about those.

              redoubt kafka mock --topic payments:12 --topic alerts:3 --address-file .redoubt/kafka

            Runs until SIGTERM or SIGINT.
            """)

    @Option(name: .long, help: ArgumentHelp("How many, 1 to 9.", valueName: "number"))
    var brokers = 3

    @Option(
        name: .long,
        help: ArgumentHelp("A topic to make, with so many partitions. May be repeated.", valueName: "name:partitions"))
    var topic: [String] = []

    @Option(name: .long, help: ArgumentHelp("Where to write the addresses too.", valueName: "file"))
    var addressFile: String?

    func validate() throws {
        guard (1...9).contains(brokers) else { throw ValidationError("--brokers must be 1 to 9") }
        for topic in topic { _ = try Self.parse(topic) }
    }

    func run() async throws {
        // Before anything is promised: a signal that comes early must not be lost.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let cluster = try MockBrokers(brokers)
        for topic in topic {
            let (name, partitions) = try Self.parse(topic)
            try cluster.createTopic(name, partitions: partitions)
        }
        let addresses = cluster.addresses.joined(separator: ",")
        StandardError.line(
            "These are mock brokers, for trying things out: what they hold is in memory and goes with them.")
        // Whoever waits for the addresses must not wait for a buffer to fill.
        FileHandle.standardOutput.write(Data((addresses + "\n").utf8))
        if let addressFile { try Data((addresses + "\n").utf8).write(to: URL(filePath: addressFile), options: .atomic) }
        for await _ in signals { break }
        withExtendedLifetime(cluster) {}
    }

    private static func parse(_ topic: String) throws -> (name: String, partitions: Int) {
        guard let colon = topic.lastIndex(of: ":"), colon != topic.startIndex,
            let partitions = Int(topic[topic.index(after: colon)...]), (1...1_024).contains(partitions)
        else { throw ValidationError("--topic must be a name, a colon and 1 to 1024 partitions: \(topic)") }
        return (String(topic[..<colon]), partitions)
    }
}
