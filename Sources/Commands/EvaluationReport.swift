package import Training

/// What an evaluation prints: an object for each engine, and what it was measured on.
package struct EvaluationReport: Encodable {
    private let engines: [(engine: Evaluation.Engine, mean: EngineMetrics, deviation: EngineMetrics)]
    private let about: About

    private struct About: Encodable {
        let train: String
        let test: String
        let delayDays: Int
        let history: Bool
        let seeds: Int
        let trainingRows: Int
        let trainingFrauds: Int
        let judgedRows: Int
        let judgedFrauds: Int
        let seconds: Double

        private enum CodingKeys: String, CodingKey {
            case train, test, history, seeds, seconds
            case delayDays = "delay_days"
            case trainingRows = "training_rows"
            case trainingFrauds = "training_frauds"
            case judgedRows = "judged_rows"
            case judgedFrauds = "judged_frauds"
        }
    }

    package init(_ result: Evaluation.Result, windows: EvaluationWindows, usesHistory: Bool, seconds: Double) {
        engines = Evaluation.Engine.allCases.compactMap { engine in
            guard let runs = result.runs[engine], !runs.isEmpty else { return nil }
            let summary = EngineMetrics.summary(of: runs)
            return (engine, summary.mean, summary.deviation)
        }
        about = About(
            train: "\(windows.train)", test: "\(windows.test)", delayDays: windows.delayDays, history: usesHistory,
            seeds: result.runs.values.first?.count ?? 0, trainingRows: result.trainingRows,
            trainingFrauds: result.trainingFrauds, judgedRows: result.judgedRows, judgedFrauds: result.judgedFrauds,
            seconds: seconds.rounded(places: 1))
    }

    private struct Name: CodingKey {
        let stringValue: String
        init(stringValue: String) { self.stringValue = stringValue }
        var intValue: Int? { nil }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Name.self)
        for engine in engines {
            try object.encode(engine.mean.rounded, forKey: Name(stringValue: engine.engine.rawValue))
        }
        let deviations = Dictionary(
            uniqueKeysWithValues: engines.map { ($0.engine.rawValue, $0.deviation.rounded) })
        try object.encode(deviations, forKey: Name(stringValue: "standard_deviations"))
        try object.encode(about, forKey: Name(stringValue: "about"))
    }

    package var text: String {
        var table = TextTable(header: ["ENGINE", "AUC", "AP", "CP@100", "RECALL@100"])
        for (engine, mean, deviation) in engines {
            let pairs = [
                (mean.auc, deviation.auc), (mean.ap, deviation.ap), (mean.cp100, deviation.cp100),
                (mean.recall100, deviation.recall100),
            ]
            let cells = pairs.map { mean, deviation in
                "\(mean.rounded(places: 3))" + (about.seeds > 1 ? " ±\(deviation.rounded(places: 3))" : "")
            }
            table.append([engine.rawValue] + cells)
        }
        return """
            train \(about.history ? "everything known by then" : about.train), \(about.trainingRows) payments, \
            \(about.trainingFrauds) known frauds
            test \(about.test), \(about.judgedRows) payments, \(about.judgedFrauds) frauds; labels after \
            \(about.delayDays) days; \(about.seeds) seed\(about.seeds == 1 ? "" : "s"), \(about.seconds) s

            \(table.text)
            """
    }
}

/// What a forest's evaluation prints.
struct ForestReport: Encodable {
    private let aucMean: Double
    private let apMean: Double
    private let aucDeviation: Double
    private let apDeviation: Double
    private let rows: Int
    private let columns: Int
    private let anomalies: Int
    private let seeds: Int

    private enum CodingKeys: String, CodingKey {
        case rows, columns, anomalies, seeds
        case aucMean = "auc_mean"
        case apMean = "ap_mean"
        case aucDeviation = "auc_std"
        case apDeviation = "ap_std"
    }

    init(_ evaluation: ForestEvaluation) {
        let runs = zip(evaluation.auc, evaluation.ap).map { EngineMetrics(auc: $0, ap: $1, cp100: 0, recall100: 0) }
        let (mean, deviation) = EngineMetrics.summary(of: runs)
        aucMean = mean.auc.rounded(places: 4)
        apMean = mean.ap.rounded(places: 4)
        aucDeviation = deviation.auc.rounded(places: 4)
        apDeviation = deviation.ap.rounded(places: 4)
        rows = evaluation.rows
        columns = evaluation.columns
        anomalies = evaluation.anomalies
        seeds = evaluation.seeds.count
    }

    var text: String {
        """
        \(rows) rows, \(columns) columns, \(anomalies) anomalies, \(seeds) seeds
        AUC ROC \(aucMean) ±\(aucDeviation), average precision \(apMean) ±\(apDeviation)
        """
    }
}

extension EngineMetrics {
    var rounded: EngineMetrics {
        EngineMetrics(
            auc: auc.rounded(places: 4), ap: ap.rounded(places: 4), cp100: cp100.rounded(places: 4),
            recall100: recall100.rounded(places: 4))
    }
}
