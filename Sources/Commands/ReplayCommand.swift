import ArgumentParser
import HTTPSClient
import UnixSignals

/// `redoubt replay`: posts the transactions of CSV files.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Post the transactions of CSV files.",
        discussion: """
            Files are CSV, gzip or plain, with the columns tx_id,timestamp,customer_id,terminal_id,amount and, if \
            there are any, currency, country, location, device_id and channel; others are left alone. Every row has a transaction id made from its content, so that a row is stored once \
            however often it is sent: an interrupted replay is simply run again.

            A request that a node does not answer goes to the next node, with the same ids, for a minute. Asked to \
            end (SIGTERM or SIGINT), it waits for the answers that are due, and tells what came of the rows so far. \
            Exit code: 0 when every row that was sent was acknowledged, 1 otherwise.

              redoubt replay transactions.csv.gz --batch 200 --connections 8
            """)

    @Argument(help: ArgumentHelp("Files to post, in this order.", valueName: "file.csv.gz"))
    var files: [String]

    @OptionGroup var cluster: ClusterOptions

    @Option(name: .long, help: ArgumentHelp("Stop after so many rows.", valueName: "rows"))
    var limit: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Rows in a request; 1 posts each row by itself to /transactions.", valueName: "rows"))
    var batch = 200

    @Option(name: .long, help: ArgumentHelp("Connections, spread over all nodes.", valueName: "number"))
    var connections = 8

    @Option(name: .long, help: ArgumentHelp("No more rows a second than this.", valueName: "rows"))
    var rate: Double?

    @Option(name: .long, help: ArgumentHelp("The currency of the amounts, ISO 4217.", valueName: "code"))
    var currency = "EUR"

    @Option(
        name: .long,
        help: ArgumentHelp("How long to go on trying one request.", valueName: "seconds"))
    var deadline = 60

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("Name at least one file.") }
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be 1 or more.") }
        guard (1...10_000).contains(batch) else { throw ValidationError("--batch must lie between 1 and 10000.") }
        guard (1...1_024).contains(connections) else {
            throw ValidationError("--connections must lie between 1 and 1024.")
        }
        guard rate ?? 1 > 0 else { throw ValidationError("--rate must be more than 0.") }
        guard (1...86_400).contains(deadline) else {
            throw ValidationError("--deadline must lie between 1 and 86400 seconds.")
        }
        guard currency.count == 3, currency.allSatisfy({ $0.isASCII && $0.isUppercase }) else {
            throw ValidationError("--currency must be three capital letters, such as EUR.")
        }
    }

    func run() async throws {
        let client = try cluster.client()
        let plan = ReplayPlan(
            endpoints: try cluster.endpoints(), token: try cluster.ingestToken(), files: files, currency: currency,
            limit: limit, batch: batch, connections: connections, rowsPerSecond: rate, deadlineSeconds: deadline)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let result = try await client.run {
            let run = try ReplayRun(client: client, plan: plan)
            let watch = Task(executorPreference: client.loopExecutor) { for await _ in signals { run.end() } }
            defer { watch.cancel() }
            return try await run.perform()
        }
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
        if !result.isComplete { throw ExitCode(1) }
    }
}

/// What to replay, and how.
struct ReplayPlan: Sendable {
    let endpoints: [HTTPSEndpoint]
    var token: String
    let files: [String]
    let currency: String
    let limit: Int?
    let batch: Int
    let connections: Int
    let rowsPerSecond: Double?
    let deadlineSeconds: Int
}

/// What came of a replay.
struct ReplayResult: Encodable, Sendable {
    /// Rows in requests that were sent at least once.
    var sent = 0
    /// Rows that a node acknowledged.
    var acknowledged = 0
    /// Rows that had been taken before, as far as the nodes said so.
    var duplicates = 0
    /// Requests that failed for good.
    var errors = 0
    /// Tries beyond the first of each request.
    var retries = 0
    var failedAttempts = FailedAttempts()
    var seconds = 0.0
    var txPerSecond = 0.0
    var p50Milliseconds = 0.0
    var p99Milliseconds = 0.0
    var maxMilliseconds = 0.0
    /// The first request's error that was final, or what was wrong with a file.
    var failure: String?

    private enum CodingKeys: String, CodingKey {
        case sent, acknowledged, duplicates, errors, retries, seconds, failure
        case failedAttempts = "failed_attempts"
        case txPerSecond = "tx_per_s"
        case p50Milliseconds = "p50_ms"
        case p99Milliseconds = "p99_ms"
        case maxMilliseconds = "max_ms"
    }

    /// Everything was acknowledged.
    var isComplete: Bool { errors == 0 && failure == nil }

    var text: String {
        var lines = [
            "\(acknowledged) of \(sent) rows acknowledged in \(seconds.rounded(places: 1)) s, "
                + "\(Int(txPerSecond)) a second; \(duplicates) had been taken before",
            "request latency: p50 \(p50Milliseconds) ms, p99 \(p99Milliseconds) ms, max \(maxMilliseconds) ms",
            "\(errors) errors, \(retries) retries (connection \(failedAttempts.connection), "
                + "5xx \(failedAttempts.status5xx), 4xx \(failedAttempts.status4xx))",
        ]
        if let failure { lines.append("failed: \(failure)") }
        return lines.joined(separator: "\n")
    }
}
