import ArgumentParser
import Detection
import Foundation
import Training

/// `redoubt train`: makes a model out of history.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a model and write it to a file.",
        discussion: """
            Replays labelled payments through the profiles and trains the isolation forest, the transformer and their \
            fusion on what is known at the end: frauds that are reported, and payments of which nothing was heard \
            for --presumed days. `redoubt model push` sends the file to a cluster.

            History comes from a node's PostgreSQL, by the node's own configuration file (the rules and lists in use \
            are those of the cluster); from a folder of CSV files, gzip or plain, with the columns \
            timestamp,customer_id,terminal_id,amount,is_fraud and, if there are any, currency, country, device_id, \
            channel, labelled_at; or from payments made up from a seed, which gives the same file every time.

              redoubt train --node node.yaml --output fraud.model
              redoubt train --data DIR --output fraud.model
              redoubt train --generated 1 --output demo.model
            """)

    @Option(name: .long, help: ArgumentHelp("Folder of CSV files of labelled payments.", valueName: "dir"))
    var data: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A node's configuration: learn from what its PostgreSQL holds.", valueName: "node.yaml"))
    var node: String?

    @Option(name: .long, help: ArgumentHelp("Learn from payments made up from this seed.", valueName: "seed"))
    var generated: UInt64?

    @Option(name: .long, help: ArgumentHelp("Where the model goes.", valueName: "file"))
    var output: String

    @Option(
        name: .long,
        help: ArgumentHelp("Days to learn from, both included. Default: all but two weeks.", valueName: "from..to"))
    var train: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Days until a label arrives, in files without a column labelled_at.", valueName: "days"))
    var delay = 7

    @Option(
        name: .long,
        help: ArgumentHelp("Days after which a payment without a label counts as genuine.", valueName: "days"))
    var presumed = 14

    @Option(name: .long, help: "What chance is drawn from.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "The model's name. Default: that of the file.")
    var name: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Payments a day that people can look at. Default: 100.", valueName: "number"))
    var alerts: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Instead of --alerts: what a missed fraud, a genuine payment blocked and a review cost, in any one unit.",
            valueName: "missed,blocked,review"))
    var costs: String?

    @Flag(name: .long, help: "Print what came of it as one JSON object.")
    var json = false

    func validate() throws {
        guard [data != nil, generated != nil, node != nil].count(where: \.self) == 1 else {
            throw ValidationError("Give one of --data, --generated and --node.")
        }
        guard train.map({ DayRange($0) != nil }) ?? true else {
            throw ValidationError("--train must be days like 2018-07-25..2018-07-31.")
        }
        guard 0...365 ~= delay else { throw ValidationError("--delay must lie between 0 and 365 days.") }
        guard 0...365 ~= presumed else { throw ValidationError("--presumed must lie between 0 and 365 days.") }
        guard alerts ?? 1 > 0 else { throw ValidationError("--alerts must be more than 0.") }
        guard alerts == nil || costs == nil else { throw ValidationError("Give --alerts or --costs, not both.") }
        guard (costs == nil) == (parsedCosts == nil) else {
            throw ValidationError("--costs must be three numbers above 0, like 100,20,2.")
        }
        guard 1...200 ~= modelName.utf8.count else { throw ValidationError("--name must have 1 to 200 bytes.") }
    }

    private var modelName: String { name ?? URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent }

    private var parsedCosts: DecisionThresholds.Costs? {
        guard let numbers = costs?.split(separator: ",", omittingEmptySubsequences: false).map({ Double($0) }),
            numbers.count == 3, let missed = numbers[0], let blocked = numbers[1], let review = numbers[2],
            [missed, blocked, review].allSatisfy({ $0 > 0 && $0.isFinite })
        else { return nil }
        return DecisionThresholds.Costs(missedFraud: missed, falseBlock: blocked, review: review)
    }

    func run() async throws {
        var progress = ProgressLine()
        let began = ContinuousClock.now
        let model = try train(&progress)
        let bytes = model.encode()
        try Data(bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
        progress.finish()
        let report = TrainingReport(
            model, bytes: bytes.count, file: output, seconds: (ContinuousClock.now - began).seconds)
        if json {
            try JSONOutput.print(report)
        } else {
            print(report.text)
        }
    }

    private func train(_ progress: inout ProgressLine) throws -> DetectionModel {
        var options = HistoryTraining.Options()
        options.window = train.flatMap { DayRange($0) }.map { $0.startMicroseconds..<$0.endMicroseconds }
        options.presumedAfterDays = presumed
        options.name = modelName
        options.createdAtMicroseconds = WallClock.microseconds
        options.trainer.seed = seed
        options.trainer.alertsPerDay = alerts ?? 100
        options.trainer.costs = parsedCosts
        if let node {
            var source = try StoredHistory(configurationPath: node)
            options.users = source.users
            options.merchants = source.merchants
            return try HistoryTraining(options).run(&source, rules: source.rules, lists: source.lists) {
                progress.show(fraction: $0, $1)
            }
        }
        var source: RecordedHistory
        if let generated {
            let made = GeneratedEvaluation(seed: generated)
            // The time when it would have been made: so that the same seed gives the same bytes.
            options.createdAtMicroseconds = made.windows.test.endMicroseconds
            source = RecordedHistory(made.payments)
        } else {
            source = RecordedHistory(
                try PaymentDirectory.read(
                    data ?? "", labelDelayMicroseconds: Int64(delay) * CalendarDay.microseconds, vocabulary: .ledger
                ) { progress.show(fraction: $0, "reading \($1)") })
        }
        return try HistoryTraining(options).run(&source) { progress.show(fraction: $0, $1) }
    }
}

/// What a training prints.
struct TrainingReport: Encodable {
    private let id: String
    private let name: String
    private let file: String
    private let bytes: Int
    private let rows: Int
    private let frauds: Int
    private let trainedFrom: String
    private let trainedTo: String
    private let reviewFrom: Double
    private let blockFrom: Double
    private let metrics: [String: Double]
    private let seconds: Double

    private enum CodingKeys: String, CodingKey {
        case id, name, file, bytes, rows, frauds, metrics, seconds
        case trainedFrom = "trained_from"
        case trainedTo = "trained_to"
        case reviewFrom = "review_from"
        case blockFrom = "block_from"
    }

    init(_ model: DetectionModel, bytes: Int, file: String, seconds: Double) {
        id = model.header.id
        name = model.header.name
        self.file = file
        self.bytes = bytes
        rows = model.header.rows
        frauds = model.header.frauds
        trainedFrom = Timestamp.text(atMicroseconds: model.header.trainedFromMicroseconds)
        trainedTo = Timestamp.text(atMicroseconds: model.header.trainedToMicroseconds)
        reviewFrom = Double(model.thresholds.review).rounded(places: 4)
        blockFrom = Double(model.thresholds.block).rounded(places: 4)
        metrics = model.header.metrics.mapValues { $0.rounded(places: 4) }
        self.seconds = seconds.rounded(places: 1)
    }

    var text: String {
        let measured = metrics.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return """
            model \(id) "\(name)": \(rows) payments, \(frauds) known frauds, \(trainedFrom) to \(trainedTo)
            \(measured)
            review from \(reviewFrom), block from \(blockFrom)
            \(file): \(bytes) bytes, \(seconds) s
            """
    }
}
