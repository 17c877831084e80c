package import ArgumentParser

/// `redoubt bench stream`: how fast payments come through Kafka, against the same cluster's direct way in.
package struct BenchStreamCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stream",
        abstract: "Measure throughput through Kafka against batches posted straight to the log.",
        discussion: """
            Each pass puts made-up payments on the topic as fast as the cluster takes them, then posts batches that go \
            straight to the replicated log (they carry an Idempotency-Key); every other pass begins with the batches. \
            Both count until every PostgreSQL has the rows, and the rows are counted. Figures are medians over the passes.

            What was put on the topic is never more than --window records ahead of the ledger: mock brokers forget what \
            is older than 5 MB a partition. What mock brokers acknowledge says nothing of Kafka's own speed.

            The transactions stay in the cluster. Nobody else may write meanwhile.
            """)

    @OptionGroup package var cluster: ClusterOptions
    @OptionGroup package var kafka: KafkaOptions

    @Option(name: .long, help: "The topic. Default: $REDOUBT_KAFKA_TOPIC, or payments.")
    package var topic: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A node's PostgreSQL, a libpq URI. Repeat it for each node. Default: $REDOUBT_DATABASES.",
            valueName: "uri"))
    package var database: [String] = []

    @Option(name: .long, help: ArgumentHelp("How often to measure both.", valueName: "number"))
    package var passes = 3

    @Option(name: .long, help: ArgumentHelp("Length of each way in a pass.", valueName: "seconds"))
    package var seconds = 10.0

    @Option(name: .long, help: ArgumentHelp("How far ahead of the ledger the topic may be.", valueName: "records"))
    package var window = 20_000

    @Option(name: .long, help: ArgumentHelp("Transactions in a posted batch.", valueName: "number"))
    package var batchSize = 1_000

    @Option(name: .long, help: ArgumentHelp("Connections that post batches.", valueName: "number"))
    package var batchConnections = 6

    @Flag(name: .long, help: "Print the result as one JSON object.")
    package var json = false

    package init() {}

    package func validate() throws {
        guard (1...100).contains(passes) else { throw ValidationError("--passes must lie between 1 and 100.") }
        guard (0.1...600).contains(seconds) else { throw ValidationError("--seconds must lie between 0.1 and 600.") }
        guard (1_000...10_000_000).contains(window) else {
            throw ValidationError("--window must lie between 1000 and 10000000.")
        }
        guard (1...10_000).contains(batchSize) else {
            throw ValidationError("--batch-size must lie between 1 and 10000.")
        }
        guard (1...1_024).contains(batchConnections) else {
            throw ValidationError("--batch-connections must lie between 1 and 1024.")
        }
    }

    package func run() async throws {
        let endpoints = try cluster.endpoints()
        let client = try cluster.client()
        let connection = try kafka.connection()
        let topic = KafkaOptions.topic(topic)
        let databases = try ClusterOptions.databases(database)
        let backlog = try await StreamBacklog(
            client: client, endpoints: endpoints, token: try cluster.operatorToken(), connection: connection,
            topic: topic)
        let bench = StreamBench(
            observer: ClusterObserver(client: client, endpoints: endpoints, token: try cluster.operatorToken()),
            load: IngestLoad(client: client, endpoints: endpoints, token: try cluster.ingestToken()),
            connection: connection, topic: topic, backlog: backlog, counts: StoredCounts(databases: databases),
            shape: StreamBench.Shape(
                passes: passes, seconds: seconds, window: window, batchSize: batchSize,
                batchConnections: batchConnections))
        let result = try await bench.perform()
        await backlog.close()
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
        if result.errors > 0 { throw ExitCode(1) }
    }
}
