package import Detection

/// Small models for tests: made of little, and different for each seed. What they say means nothing, but it depends on
/// everything that a model looks at.
package enum ModelFixture {
    package static func model(seed: UInt64, review: Float = 0.3, block: Float = 0.8) -> DetectionModel {
        var random = SeededRandom(seed: seed)
        var rows = FeatureTable(columns: FusionColumns.names)
        var features = FeatureTable(columns: Feature.allCases.map(\.name))
        var labels: [UInt8] = []
        for _ in 0..<400 {
            let row = (0..<FusionColumns.count).map { _ in 4 * Float(random.nextUnit()) - 1 }
            rows.append(row: row)
            features.append(row: row[..<Feature.count])
            let weight = row[Int(Feature.ratioToMean.rawValue)] + row[FusionColumns.transformerLogit]
            labels.append(random.nextUnit() < (weight > 3 ? 0.9 : 0.1) ? 1 : 0)
        }
        var options = BoostedTreesTrainer.Options()
        options.trees = 10
        options.columnShare = 1
        options.seed = seed
        let fusion = BoostedTreesTrainer(options).train(BoostedTreesTrainer.Examples(table: rows, labels: labels))
        let header = ModelHeader(
            name: "made of seed \(seed)", createdAtMicroseconds: 0, trainedFromMicroseconds: 0,
            trainedToMicroseconds: 1, rows: labels.count, frauds: labels.count { $0 == 1 }, seeds: [seed], metrics: [:])
        return DetectionModel(
            header: header,
            forest: IsolationForest(training: features, options: .init(trees: 10, sample: 64, seed: seed)),
            transformer: transformer(&random), fusion: fusion,
            calibration: Calibration(fitting: fusion.margins(rows), labels: labels),
            thresholds: DecisionThresholds(review: review, block: block))
    }

    private static func transformer(_ random: inout SeededRandom) -> Transformer {
        let configuration = Transformer.Configuration()
        let parameters = (0..<TransformerLayout(configuration).count).map { _ in Float(random.nextUnit() - 0.5) }
        return Transformer(configuration: configuration, parameters: parameters)
    }
}
