import ArgumentParser

/// `redoubt bench ingest`: how fast the cluster takes transactions in, against what its PostgreSQLs can do bare.
struct BenchIngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Measure batch and single-POST throughput against raw COPY.",
        discussion: """
            Each pass posts made-up transactions in batches, then copies the rows that came of them, with raw \
            binary COPY, into a scratch table of every PostgreSQL at once, then posts transactions one by one. \
            Figures are medians over the passes.

            batch_tx_per_s counts until every PostgreSQL has the rows, as copy_tx_per_s does; batch_ratio is their \
            ratio. The transactions stay in the cluster; the scratch tables are dropped.
            """)

    @OptionGroup var cluster: ClusterOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A node's PostgreSQL, a libpq URI. Repeat it for each node. Default: $REDOUBT_DATABASES.",
            valueName: "uri"))
    var database: [String] = []

    @Option(name: .long, help: ArgumentHelp("How often to measure everything.", valueName: "number"))
    var passes = 3

    @Option(name: .long, help: ArgumentHelp("Length of the batch phase of a pass.", valueName: "seconds"))
    var batchSeconds = 5.0

    @Option(name: .long, help: ArgumentHelp("Transactions in a batch.", valueName: "number"))
    var batchSize = 1_000

    @Option(name: .long, help: ArgumentHelp("Connections that post batches.", valueName: "number"))
    var batchConnections = 6

    @Option(name: .long, help: ArgumentHelp("Length of the single-POST phase of a pass.", valueName: "seconds"))
    var singleSeconds = 5.0

    @Option(name: .long, help: ArgumentHelp("Connections that post single transactions.", valueName: "number"))
    var singleConnections = 64

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func validate() throws {
        guard (1...100).contains(passes) else { throw ValidationError("--passes must lie between 1 and 100.") }
        guard (0.1...30).contains(batchSeconds), (0.1...600).contains(singleSeconds) else {
            throw ValidationError("--batch-seconds must lie between 0.1 and 30, --single-seconds between 0.1 and 600.")
        }
        guard (1...10_000).contains(batchSize) else {
            throw ValidationError("--batch-size must lie between 1 and 10000.")
        }
        guard (1...1_024).contains(batchConnections), (1...1_024).contains(singleConnections) else {
            throw ValidationError("Connections must lie between 1 and 1024.")
        }
    }

    func run() async throws {
        let endpoints = try cluster.endpoints()
        let client = try cluster.client()
        let databases = try ClusterOptions.databases(database)
        let bench = IngestBench(
            observer: ClusterObserver(client: client, endpoints: endpoints, token: try cluster.operatorToken()),
            load: IngestLoad(client: client, endpoints: endpoints, token: try cluster.ingestToken()),
            reference: try CopyReference(databases: databases),
            shape: IngestBench.Shape(
                passes: passes, batchSeconds: batchSeconds, batchSize: batchSize, batchConnections: batchConnections,
                singleSeconds: singleSeconds, singleConnections: singleConnections))
        let result = try await bench.perform()
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
        if result.errors > 0 { throw ExitCode(1) }
    }
}
