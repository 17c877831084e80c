package import ArgumentParser
import Kafka
import UnixSignals

/// `redoubt kafka produce`: made-up payments on a topic, as other producers would put them there.
package struct KafkaProduceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "produce",
        abstract: "Put made-up payments on a topic.",
        discussion: """
            Each record is plain JSON, what POST /transactions takes, with the user as key; docs/kafka.md tells what \
            becomes of it. Every record is acknowledged by all replicas in step or reported as failed. Asked to end \
            (SIGTERM or SIGINT), it waits for what it has sent.

            With --with-ids each payment has an id made from seed and number, so that running it again with the same \
            --seed brings repetitions and nothing new. --window keeps what was sent no further ahead of the ledger \
            than so many records; it asks the brokers and the nodes (GET /pipeline). Mock brokers forget what is older \
            than 5 MB a partition, so that they need it.

            --acked-file has a line for each record that was acknowledged: its number from 1, its partition, its offset \
            (- if the brokers did not say), and its transaction id, or "payment" without ids, or "poison".

              redoubt kafka produce --records 10000 --rate 500
              redoubt kafka produce --records 300000 --with-ids --seed 7 --poison-every 1000 --window 20000

            Exit code: 0 when everything was acknowledged, 1 otherwise.
            """)

    @OptionGroup package var kafka: KafkaOptions

    @Option(name: .long, help: "The topic. Default: $REDOUBT_KAFKA_TOPIC, or payments.")
    package var topic: String?

    @Option(name: .long, help: ArgumentHelp("How many to put there.", valueName: "number"))
    package var records = 1_000

    @Option(name: .long, help: ArgumentHelp("No more a second than this; 0 for as many as go.", valueName: "records"))
    package var rate = 0.0

    @Option(name: .long, help: ArgumentHelp("Users that pay.", valueName: "number"))
    package var users = 150_000

    @Option(name: .long, help: "What chance is drawn from. Default: another one each time.")
    package var seed: UInt64?

    @Flag(name: .long, help: "Give each payment an id, made from seed and number.")
    package var withIds = false

    @Option(name: .long, help: ArgumentHelp("Every so manieth record is no payment; 0 for none.", valueName: "number"))
    package var poisonEvery = 0

    @Option(name: .long, help: ArgumentHelp("Where to write what was acknowledged.", valueName: "file"))
    package var ackedFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Be no more than this ahead of the ledger. Default: no matter.", valueName: "records"))
    package var window: Int?

    @OptionGroup package var cluster: ClusterOptions

    @Flag(name: .long, help: "Print the result as one JSON object.")
    package var json = false

    package init() {}

    package func validate() throws {
        guard records >= 1 else { throw ValidationError("--records must be 1 or more.") }
        guard rate >= 0, rate.isFinite else { throw ValidationError("--rate must be 0 or more.") }
        guard (1...100_000_000).contains(users) else {
            throw ValidationError("--users must lie between 1 and 100000000.")
        }
        guard poisonEvery >= 0 else { throw ValidationError("--poison-every must be 0 or more.") }
        guard (1...10_000_000).contains(window ?? 1) else {
            throw ValidationError("--window must lie between 1 and 10000000.")
        }
    }

    package func run() async throws {
        let connection = try kafka.connection()
        let topic = KafkaOptions.topic(topic)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        var limits = StreamProduction.Limits(records: records, recordsPerSecond: rate > 0 ? rate : nil)
        if let window {
            limits.window = (
                window,
                try await StreamBacklog(
                    client: try cluster.client(), endpoints: try cluster.endpoints(),
                    token: try cluster.operatorToken(), connection: connection, topic: topic)
            )
        }
        let production = StreamProduction(
            connection,
            StreamSamples.Shape(
                topic: topic, seed: seed ?? .random(in: 0...(.max)), users: users, hasIDs: withIds,
                poisonEvery: poisonEvery),
            limits, keepsAcknowledgements: ackedFile != nil)
        let watch = Task { for await _ in signals { production.end() } }
        defer { watch.cancel() }
        var file = try ackedFile.map { try LineFile(path: $0) }
        var progress = ProgressLine()
        let result = try await production.perform(progress: &progress) { try file?.write($0) }
        try file?.close()
        await limits.window?.backlog.close()
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
        if result.failed > 0 || result.firstError != nil { throw ExitCode(1) }
    }
}
