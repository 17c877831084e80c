import ArgumentParser
import Commands
import Foundation
import Testing
import Training

@Suite("Evaluation, training and simulation say what is wrong with what they are told")
struct EvaluationCommandTests {
    private static let windows = "--train 2018-07-25..2018-07-31 --test 2018-08-08..2018-08-14"

    @Test(
        "Lines that are right are taken",
        arguments: [
            "evaluate --data d \(windows)", "evaluate --data d --delay 7 \(windows) --history --seeds 3 --json",
            "evaluate --forest t.csv.gz --json", "evaluate --generated 7 --json --curves c.svg",
            "train --data d --output m", "train --generated 1 --output m --alerts 20",
            "train --node n.yaml --output m --costs 100,20,2.5",
            "train --data d --train 2018-07-25..2018-07-31 --output m",
            "simulate --days 3 --users 100 --seed 2", "simulate --cluster --days 3",
        ])
    func right(line: String) {
        #expect(fault(line) == nil)
    }

    @Test(
        "What is missing or cannot be is told",
        arguments: [
            ("evaluate", "--data"), ("evaluate --data d --generated 1 \(windows)", "--data"),
            ("evaluate --data d --train 2018-07-25..2018-07-31", "--test"),
            ("evaluate --data d --train 2018-07-31..2018-07-25 --test 2018-08-08..2018-08-14", "--train"),
            ("evaluate --data d --delay -1 \(windows)", "--delay"),
            ("evaluate --data d --seeds 0 \(windows)", "--seeds"),
            ("evaluate --generated 1 \(windows)", "--train"), ("evaluate --forest t.csv --curves c.svg", "--curves"),
            ("train --output m", "--data"), ("train --data d", "--output"),
            ("train --data d --node n.yaml --output m", "--node"),
            ("train --generated 1 --output m --costs 1,2", "--costs"),
            ("train --generated 1 --output m --costs 1,2,-3", "--costs"),
            ("train --generated 1 --output m --costs 1,2,3 --alerts 5", "--alerts"),
            ("simulate --users 1", "--users"), ("simulate --start yesterday", "--start"),
            ("simulate --cluster --output x.csv", "--output"),
        ])
    func wrong(line: String, word: String) {
        #expect(fault(line)?.contains(word) == true, "\(line): \(fault(line) ?? "taken")")
    }

    @Test("An evaluation prints an object for each engine with the mean of its measures")
    func report() throws {
        var result = Evaluation.Result()
        for engine in Evaluation.Engine.allCases {
            result.runs[engine] = [
                EngineMetrics(auc: 0.8, ap: 0.5, cp100: 0.2, recall100: 0.6),
                EngineMetrics(auc: 0.9, ap: 0.7, cp100: 0.3, recall100: 0.7),
            ]
        }
        let windows = try EvaluationWindows(
            train: #require(DayRange("2018-07-25..2018-07-31")), delayDays: 7,
            test: #require(DayRange("2018-08-08..2018-08-14")))
        let report = EvaluationReport(result, windows: windows, usesHistory: true, seconds: 1)
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report))
        let object = try #require(json as? [String: Any])
        for name in ["rules", "isolation_forest", "transformer_user_only", "transformer", "hybrid"] {
            let engine = try #require(object[name] as? [String: Double])
            #expect(engine == ["auc": 0.85, "ap": 0.6, "cp100": 0.25, "recall100": 0.65], "\(name)")
        }
        #expect(report.text.contains("hybrid"))
        #expect(report.text.contains("0.6 ±0.141"))
    }
}
