import ArgumentParser
import Detection
import Foundation
import Training

/// `redoubt evaluate`: how well the engines detect, on data whose truth is known.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well the engines detect fraud.",
        discussion: """
            Replays labelled payments through the same profiles and detectors as a node, trains on the training \
            window as it was known when the test window began, and judges the test window: rules, isolation forest, \
            transformer without and with merchants' labels, and the fusion of all.

            The protocol is the Fraud Detection Handbook's: a label of day d may be used from day d + DELAY on; users \
            known as defrauded leave the test window. Reported are the area under the ROC curve, average precision, \
            card precision at 100 a day, and the share of frauds among the 100 highest scores a day; with several \
            seeds their mean.

              redoubt evaluate --data DIR --train 2018-07-25..2018-07-31 --delay 7 --test 2018-08-08..2018-08-14
              redoubt evaluate --generated 7 --json
              redoubt evaluate --forest table.csv.gz
            """)

    @Option(name: .long, help: ArgumentHelp("Folder of CSV files of labelled payments.", valueName: "dir"))
    var data: String?

    @Option(name: .long, help: ArgumentHelp("Days to learn from, both included.", valueName: "from..to"))
    var train: String?

    @Option(name: .long, help: ArgumentHelp("Days until a payment's label may be used.", valueName: "days"))
    var delay = 7

    @Option(name: .long, help: ArgumentHelp("Days to judge, both included.", valueName: "from..to"))
    var test: String?

    @Flag(name: .long, help: "Learn from everything whose label is known when the test window begins.")
    var history = false

    @Option(name: .long, help: ArgumentHelp("Trainings that differ by chance alone.", valueName: "number"))
    var seeds: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Measure the forest alone on a table with a column 'label'.", valueName: "file.csv.gz"))
    var forest: String?

    @Option(name: .long, help: ArgumentHelp("Measure on payments made up from this seed.", valueName: "seed"))
    var generated: UInt64?

    @Option(name: .long, help: ArgumentHelp("Draw the curves of the first seed.", valueName: "file.svg"))
    var curves: String?

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func validate() throws {
        let kinds = [data != nil, forest != nil, generated != nil].count { $0 }
        guard kinds == 1 else { throw ValidationError("Give one of --data, --forest and --generated.") }
        guard 1...100 ~= seeds ?? 1 else { throw ValidationError("--seeds must lie between 1 and 100.") }
        guard 0...365 ~= delay else { throw ValidationError("--delay must lie between 0 and 365 days.") }
        if data != nil {
            for (name, text) in [("--train", train), ("--test", test)] {
                guard let text, DayRange(text) != nil else {
                    throw ValidationError("\(name) must be days like 2018-07-25..2018-07-31.")
                }
            }
        } else if train != nil || test != nil || (history && forest != nil) {
            throw ValidationError("--train, --test and --history belong to --data.")
        }
        if curves != nil, forest != nil { throw ValidationError("--curves belongs to --data and --generated.") }
    }

    func run() async throws {
        if let forest {
            try evaluateForest(forest)
        } else if let generated {
            let payments = GeneratedEvaluation(seed: generated)
            try evaluate(payments.payments, payments.windows, title: "generated payments, seed \(generated)")
        } else if let data, let train = train.flatMap({ DayRange($0) }), let test = test.flatMap({ DayRange($0) }) {
            let windows = try EvaluationWindows(train: train, delayDays: delay, test: test)
            var progress = ProgressLine()
            let payments = try PaymentDirectory.read(
                data, labelDelayMicroseconds: Int64(delay) * CalendarDay.microseconds, vocabulary: .ledger
            ) { progress.show(fraction: $0, "reading \($1)") }
            progress.finish()
            try evaluate(payments, windows, title: "test \(test), train \(history ? "history" : "\(train)")")
        }
    }

    private func evaluate(_ payments: [LabelledPayment], _ windows: EvaluationWindows, title: String) throws {
        var options = Evaluation.Options(windows: windows)
        options.usesHistory = history
        options.seeds = (1...UInt64(seeds ?? 1)).map { $0 }
        var progress = ProgressLine()
        let began = ContinuousClock.now
        let result = try Evaluation(options).run(payments) { progress.show(fraction: $0, $1) }
        progress.finish()
        if let curves {
            let series = Evaluation.Engine.allCases.compactMap { engine in
                result.rankings[engine].map { CurvePlot.Series(name: engine.rawValue, ranking: $0) }
            }
            try Data(CurvePlot(title: title, series: series).svg.utf8).write(to: URL(fileURLWithPath: curves))
        }
        let report = EvaluationReport(
            result, windows: windows, usesHistory: history, seconds: (ContinuousClock.now - began).seconds)
        if json {
            try JSONOutput.print(report)
        } else {
            print(report.text)
        }
    }

    private func evaluateForest(_ path: String) throws {
        let table = try LabelledTable(path: path)
        var progress = ProgressLine()
        let count = seeds ?? 5
        let evaluation = try ForestEvaluation(table, seeds: (1...UInt64(count)).map { $0 }) {
            progress.show(fraction: Double($0) / Double(count), "forest \($0) of \(count)")
        }
        progress.finish()
        let report = ForestReport(evaluation)
        if json {
            try JSONOutput.print(report)
        } else {
            print(report.text)
        }
    }
}
