import ArgumentParser
import Generator
import HTTPSClient
import Training

/// `redoubt simulate`: makes payments up.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Make up payments, as CSV or straight into a cluster.",
        discussion: """
            Users with habits, devices, journeys and slowly changing spending; merchants in nine countries; and frauds \
            that show in the order and pace of payments: test payments and then a burst, an account taken over, \
            travel that cannot be, compromised merchants, runs of new merchants, changing currencies, chains of \
            transfers. Equal options give equal payments.

            The CSV has the columns that `replay`, `train` and `evaluate` read: is_fraud is the truth, labelled_at when \
            somebody reports it. With --cluster the payments are posted as `replay` posts them, and then the \
            labels that have arrived by the end of the last day.

              redoubt simulate --days 90 --users 5000 --output payments.csv
              redoubt simulate --days 7 --cluster
            """)

    @Option(name: .long, help: "What chance is drawn from.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "Users; each pays about once a day.")
    var users = 2_000

    @Option(name: .long, help: "Merchants. Default: one for eight users.")
    var merchants: Int?

    @Option(name: .long, help: "Days of payments.")
    var days = 30

    @Option(
        name: .long, help: ArgumentHelp("The first day. Default: so that the last day is yesterday.", valueName: "day"))
    var start: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Episodes of fraud for each thousand users a day.", valueName: "number"))
    var episodes = 2.2

    @Option(name: .long, help: ArgumentHelp("Where the CSV goes. Default: standard output.", valueName: "file.csv"))
    var output: String?

    @Flag(name: .customLong("cluster"), help: "Post to the cluster instead of writing CSV.")
    var postsToCluster = false

    @OptionGroup var cluster: ClusterOptions

    @Option(name: .long, help: ArgumentHelp("Rows in a request.", valueName: "rows"))
    var batch = 200

    @Option(name: .long, help: ArgumentHelp("Connections, spread over all nodes.", valueName: "number"))
    var connections = 8

    @Option(name: .long, help: ArgumentHelp("No more rows a second than this.", valueName: "rows"))
    var rate: Double?

    @Option(name: .long, help: ArgumentHelp("How long to go on trying one request.", valueName: "seconds"))
    var deadline = 60

    @Flag(name: .long, help: "Print the result of posting as one JSON object.")
    var json = false

    func validate() throws {
        guard (10...10_000_000).contains(users) else {
            throw ValidationError("--users must lie between 10 and 10000000.")
        }
        guard merchants ?? 100 >= 100 else { throw ValidationError("--merchants must be 100 or more.") }
        guard (1...3650).contains(days) else { throw ValidationError("--days must lie between 1 and 3650.") }
        guard (0...1000).contains(episodes) else { throw ValidationError("--episodes must lie between 0 and 1000.") }
        guard start.map({ CalendarDay($0) != nil }) ?? true else {
            throw ValidationError("--start must be a day like 2026-01-31.")
        }
        guard !(postsToCluster && output != nil) else {
            throw ValidationError("--output and --cluster exclude each other.")
        }
        guard (1...10_000).contains(batch) else { throw ValidationError("--batch must lie between 1 and 10000.") }
        guard (1...1_024).contains(connections) else {
            throw ValidationError("--connections must lie between 1 and 1024.")
        }
        guard rate ?? 1 > 0 else { throw ValidationError("--rate must be more than 0.") }
        guard (1...86_400).contains(deadline) else {
            throw ValidationError("--deadline must lie between 1 and 86400 seconds.")
        }
    }

    func run() async throws {
        let today = CalendarDay(atMicroseconds: WallClock.microseconds)
        let first = start.flatMap { CalendarDay($0) } ?? today.advanced(by: -days)
        let options = GeneratorOptions(
            seed: seed, users: users, merchants: merchants, startMicroseconds: first.startMicroseconds,
            episodesPerThousandUsers: episodes)
        if postsToCluster {
            try await post(options)
        } else {
            try writeCSV(options)
        }
    }

    private func writeCSV(_ options: GeneratorOptions) throws {
        var file = try LineFile(path: output)
        var progress = ProgressLine(isQuiet: output == nil)
        var generator = PaymentGenerator(options: options)
        try file.write(PaymentCSV.header)
        for day in 0..<days {
            for payment in generator.nextDay() {
                try file.write(PaymentCSV.line(payment) { Timestamp.text(atMicroseconds: $0) })
            }
            progress.show(fraction: Double(day + 1) / Double(days), "day \(day + 1) of \(days)")
        }
        try file.close()
        progress.finish()
    }

    private func post(_ options: GeneratorOptions) async throws {
        let client = try cluster.client()
        let plan = ReplayPlan(
            endpoints: try cluster.endpoints(), token: try cluster.ingestToken(), files: [], currency: "EUR",
            limit: nil, batch: batch, connections: connections, rowsPerSecond: rate, deadlineSeconds: deadline)
        let source = SimulatedSource(options: options, days: days)
        let run = ReplayRun(client: client, plan: plan, source: source, path: "/transactions/batch")
        // Labels are an operator's word, not a payment's.
        var labelPlan = plan
        labelPlan.token = try cluster.operatorToken()
        // It asks for rows once the payments have been given out, and their labels with them.
        let labels = ReplayRun(
            client: client, plan: labelPlan, source: SimulatedLabels(source: source), path: "/labels")
        let result = try await client.run {
            let posted = try await run.perform()
            guard posted.failure == nil, posted.errors == 0 else { return (posted, nil as ReplayResult?) }
            return (posted, try await labels.perform())
        }
        if json {
            try JSONOutput.print(SimulationResult(transactions: result.0, labels: result.1))
        } else {
            print(result.0.text)
            if let labels = result.1 { print("labels: \(labels.acknowledged) of \(labels.sent) acknowledged") }
        }
        if !result.0.isComplete || result.1?.isComplete == false { throw ExitCode(1) }
    }
}

private struct SimulationResult: Encodable {
    let transactions: ReplayResult
    let labels: ReplayResult?
}
