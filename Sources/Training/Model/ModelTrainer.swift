public import Detection

/// Trains all that learns: the isolation forest without labels, the transformer and the fusion on the labels that are
/// known, the calibration and the thresholds on margins of rows the fusion was not trained on.
public struct ModelTrainer: Sendable {
    public struct Options: Sendable {
        public var seed: UInt64 = 1
        /// Parts of users for cross-fitting, 2 or more.
        public var folds = 2
        public var forest = IsolationForest.Options()
        /// Rows the forest sees at most.
        public var forestRows = 100_000
        public var transformer = TransformerTrainer.Options()
        /// The transformer learns from at most so many days before the end of the window.
        public var transformerDays = 28
        public var fusion = BoostedTreesTrainer.Options()
        /// So many fusions that differ by seed are averaged.
        public var fusions = 4
        /// Rows the fusion learns from at most.
        public var fusionRows = 250_000
        /// Payments a day that people can look at.
        public var alertsPerDay = 100.0
        /// What mistakes and work cost; then these, not the alerts and the probability to block from, make the thresholds.
        public var costs: DecisionThresholds.Costs?
        /// What is at least this likely a fraud is blocked.
        public var blockProbability: Float = 0.9

        public init() {
            fusion.trees = 220
            fusion.learningRate = 0.06
            // Many features say nearly the same: with few at hand, trees differ more, and their mean is steadier.
            fusion.columnShare = 0.3
        }
    }

    /// Told what is being done and how much of all is done, 0...1.
    public typealias Progress = (_ fraction: Double, _ text: String) -> Void

    public let options: Options

    public init(_ options: Options = Options()) { self.options = options }

    /// Throws unless there are enough known frauds and genuine payments to learn from.
    public func train(
        _ samples: TrainingSamples, name: String, createdAtMicroseconds: Int64 = 0, progress: Progress = { _, _ in }
    ) throws(TrainingError) -> DetectionModel {
        let frauds = samples.fraudCount
        let genuine = samples.labels.count { $0 == .genuine }
        guard frauds >= 20, genuine >= 200 else {
            throw TrainingError(
                "\(frauds) known frauds and \(genuine) known genuine payments are too few to learn from; "
                    + "20 and 200 are the least")
        }
        let prepared = prepare(samples) { progress(0.7 * $0, $1) }
        return finish(prepared, name: name, createdAtMicroseconds: createdAtMicroseconds) {
            progress(0.7 + 0.3 * $0, $1)
        }
    }

    /// All that the fusion needs.
    package struct Prepared: Sendable {
        let header: ModelHeader
        let days: Double
        let forest: IsolationForest
        let transformer: Transformer
        let rows: FusionRows
    }

    /// Trains forest and transformer, and lets them speak of the rows the fusion will learn from.
    package func prepare(_ samples: TrainingSamples, progress: Progress = { _, _ in }) -> Prepared {
        progress(0, "forest")
        let forest = forest(samples)
        let sequences = samples.sequences(learntFrom: transformerStart(samples))
        let learner = transformerTrainer(usesMerchantLabels: true)
        let fitted = learner.crossFittedLogits(sequences, folds: options.folds) { fold, state in
            progress(
                0.02 + 0.53 * (Double(fold) + state.share) / Double(options.folds),
                "transformer, part \(fold + 1) of \(options.folds), epoch \(state.epoch)")
        }
        let transformer = learner.train(sequences) {
            progress(0.55 + 0.45 * $0.share, "transformer, epoch \($0.epoch)")
        }
        let header = ModelHeader(
            name: "", createdAtMicroseconds: 0, trainedFromMicroseconds: samples.times.first ?? 0,
            trainedToMicroseconds: (samples.times.last ?? 0) + 1, rows: samples.labels.count { $0 != .unknown },
            frauds: samples.fraudCount, seeds: [options.seed], metrics: [:])
        return Prepared(
            header: header, days: samples.days, forest: forest, transformer: transformer,
            rows: fusionRows(samples, forest: forest, logits: samples.byRow(fitted)))
    }

    /// Trains the fusion, its calibration and the thresholds.
    package func finish(
        _ prepared: Prepared, name: String, createdAtMicroseconds: Int64, progress: Progress = { _, _ in }
    ) -> DetectionModel {
        let rows = prepared.rows
        progress(0, "calibration")
        let margins = crossFittedMargins(rows)
        let calibration = Calibration(
            fitting: margins, labels: rows.examples.labels, weights: rows.examples.weights)
        progress(0.4, "fusion")
        let fusion = averagedFusion(rows.examples)
        var header = prepared.header
        header.name = name
        header.createdAtMicroseconds = createdAtMicroseconds
        header.metrics = metrics(margins, rows.examples)
        return DetectionModel(
            header: header, forest: prepared.forest, transformer: prepared.transformer, fusion: fusion,
            calibration: calibration,
            thresholds: options.costs.map { DecisionThresholds(costs: $0) }
                ?? DecisionThresholds(
                    alertsPerDay: options.alertsPerDay, probabilities: margins.map(calibration.probability),
                    weights: rows.examples.weights, days: prepared.days, block: options.blockProbability))
    }

    /// How well the fusion does on the window's own payments when it has not learnt from their users.
    private func metrics(_ margins: [Float], _ examples: BoostedTreesTrainer.Examples) -> [String: Double] {
        let ranking = Ranking(scores: margins, isFraud: examples.labels.map { $0 == 1 })
        var metrics: [String: Double] = [:]
        metrics["cross_fitted_auc"] = ranking.areaUnderROC
        metrics["cross_fitted_ap"] = ranking.averagePrecision
        return metrics
    }

    // MARK: - Forest

    /// It looks at what a payment is against its user's past; merchants' states would make every busy shop stand apart.
    static let forestColumns: [Int] = Feature.allCases.indices.filter {
        ForestColumns.features.contains(Feature.allCases[$0])
    }

    private func forest(_ samples: TrainingSamples) -> IsolationForest {
        let step = max(1, (samples.count + options.forestRows - 1) / options.forestRows)
        let table = step == 1 ? samples.table : samples.table.rows(at: stride(from: 0, to: samples.count, by: step))
        var forestOptions = options.forest
        forestOptions.seed = options.seed
        return IsolationForest(training: table, options: forestOptions, used: Self.forestColumns)
    }

    // MARK: - Transformer

    private func transformerStart(_ samples: TrainingSamples) -> Int64 {
        (samples.times.last ?? 0) - Int64(options.transformerDays) * CalendarDay.microseconds
    }

    private func transformerTrainer(usesMerchantLabels: Bool) -> TransformerTrainer {
        var transformerOptions = options.transformer
        transformerOptions.seed = options.seed
        transformerOptions.configuration = Transformer.Configuration(usesMerchantLabels: usesMerchantLabels)
        return TransformerTrainer(transformerOptions)
    }

    /// A transformer that sees nothing of what labels tell of merchants: the yardstick for what a user's own order and
    /// pace say.
    public func userOnlyTransformer(_ samples: TrainingSamples, progress: (Double) -> Void) -> Transformer {
        transformerTrainer(usesMerchantLabels: false)
            .train(samples.sequences(learntFrom: transformerStart(samples))) { progress($0.share) }
    }
}

extension TransformerTrainer.Progress {
    /// How much of the training is done at most, 0...1; it may end early.
    var share: Double { Double(epoch) / Double(epochs) }
}

/// What the isolation forest looks at.
enum ForestColumns {
    static let features: Set<Feature> = [
        .ratioToMean, .amountZ, .ratioToMax, .highCount7d, .highCount14d, .meanRatio24h, .gapRatio, .smallCount1h,
        .newMerchants24h, .countryIsNew, .deviceIsNew, .currencyIsNew,
    ]
}
