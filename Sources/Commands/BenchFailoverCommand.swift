import ArgumentParser

/// `redoubt bench failover`: how long writes stand still when the leader dies.
struct BenchFailoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover",
        abstract: "Kill the leader again and again, and measure the pause.",
        discussion: """
            Each round kills the leader with SIGKILL through the cluster's scripts while transactions are posted to \
            the other nodes every 5 ms, and measures from the moment before the signal to the first acknowledged \
            write that was posted after it. Then the node is started again, and the next round waits until every \
            node is ready.

            errors counts posts to live nodes that failed. Exit code: 0 when there were none, 1 otherwise.
            """)

    @OptionGroup var cluster: ClusterOptions

    @Option(name: .long, help: ArgumentHelp("How often to kill the leader.", valueName: "number"))
    var rounds = 20

    @Option(name: .long, help: ArgumentHelp("Where the scripts kill and start are.", valueName: "path"))
    var clusterDirectory = "./cluster"

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(rounds) else { throw ValidationError("--rounds must lie between 1 and 10000.") }
    }

    func run() async throws {
        let scripts = ClusterScripts(directory: clusterDirectory)
        guard scripts.isUsable else {
            throw ValidationError(
                "There is no \(clusterDirectory)/kill and \(clusterDirectory)/start to run. "
                    + "Run this from the repository, or pass --cluster-directory.")
        }
        let endpoints = try cluster.endpoints()
        guard endpoints.count >= 3 else {
            throw ValidationError("A cluster that outlives its leader has three nodes or more; name all of them.")
        }
        let client = try cluster.client()
        let bench = FailoverBench(
            client: client,
            observer: ClusterObserver(client: client, endpoints: endpoints, token: try cluster.operatorToken()),
            token: try cluster.ingestToken(), scripts: scripts, rounds: rounds)
        let result = try await bench.perform()
        if json {
            try JSONOutput.print(result)
        } else {
            print(result.text)
        }
        if result.errors > 0 { throw ExitCode(1) }
    }
}

/// What `bench failover` prints.
struct FailoverBenchResult: Encodable, Sendable {
    let rounds: Int
    let p50Milliseconds: Double
    let p95Milliseconds: Double
    let p99Milliseconds: Double
    let maxMilliseconds: Double
    let errors: Int
    let posts: Int
    let firstError: String?

    private enum CodingKeys: String, CodingKey {
        case rounds, errors, posts
        case p50Milliseconds = "p50_ms"
        case p95Milliseconds = "p95_ms"
        case p99Milliseconds = "p99_ms"
        case maxMilliseconds = "max_ms"
        case firstError = "first_error"
    }

    var text: String {
        var lines = [
            "\(rounds) leaders killed; writes stood still for p50 \(p50Milliseconds) ms, p95 \(p95Milliseconds) ms, "
                + "p99 \(p99Milliseconds) ms, max \(maxMilliseconds) ms",
            "\(errors) of \(posts) posts to live nodes failed",
        ]
        if let firstError { lines.append("first error: \(firstError)") }
        return lines.joined(separator: "\n")
    }
}
