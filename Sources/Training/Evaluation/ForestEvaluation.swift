public import Detection

/// How well the isolation forest tells anomalies on a table: learnt from all rows without their labels, measured on the
/// same rows, a forest for each seed.
public struct ForestEvaluation: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    public let anomalies: Int
    public let seeds: [UInt64]
    /// Area under the ROC curve and average precision of each seed's forest.
    public let auc: [Double]
    public let ap: [Double]

    /// Throws unless the table has anomalies and ordinary rows.
    public init(
        _ table: LabelledTable, options: IsolationForest.Options = IsolationForest.Options(), seeds: [UInt64],
        progress: (Int) -> Void = { _ in }
    ) throws(TrainingError) {
        precondition(!seeds.isEmpty, "at least one forest")
        guard table.features.rows >= 2 else { throw TrainingError("the table has no anomalies, or nothing else") }
        var auc: [Double] = []
        var ap: [Double] = []
        for seed in seeds {
            var options = options
            options.seed = seed
            let forest = IsolationForest(training: table.features, options: options)
            let ranking = Ranking(scores: forest.scores(table.features), isFraud: table.isAnomaly)
            guard let area = ranking.areaUnderROC, let precision = ranking.averagePrecision else {
                throw TrainingError("the table has no anomalies, or nothing else")
            }
            auc.append(area)
            ap.append(precision)
            progress(auc.count)
        }
        rows = table.features.rows
        columns = table.features.columns.count
        anomalies = table.isAnomaly.count { $0 }
        self.seeds = seeds
        self.auc = auc
        self.ap = ap
    }
}
