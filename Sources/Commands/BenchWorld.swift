import Detection
import Foundation
import Training

/// Profiles that a warm-up filled, and what models see of it.
struct BenchWorld {
    let profiles: Profiles
    /// Rows of features of the warm-up's payments.
    let features: FeatureTable
    private let labels: [UInt8]

    init(users: Int, warmUp events: [(event: PaymentEvent, isFraud: Bool)]) {
        var features = FeatureTable(columns: Feature.allCases.map(\.name))
        features.reserve(rows: events.count)
        labels = events.map { $0.isFraud ? 1 : 0 }
        // Capacities double what is needed: nobody is forgotten.
        var profiles = Profiles(users: 4 * users, merchants: 4 * users)
        for payment in events {
            let observation = profiles.observe(payment.event)
            observation.features.withUnsafeValues { features.append(row: $0) }
            profiles.fold(payment.event, observation.token)
        }
        self.profiles = profiles
        self.features = features
    }

    /// A model of the shape that training gives, made fast: its forest and trees learn from the warm-up, its transformer has
    /// weights that were drawn, which cost the same.
    func trainModel(seed: UInt64) -> DetectionModel {
        var random = SeededRandom(seed: seed)
        let forest = IsolationForest(training: features, options: .init(seed: seed))
        let forestScores = forest.scores(features)
        var table = FeatureTable(columns: FusionColumns.names)
        table.reserve(rows: features.rows)
        for row in 0..<features.rows {
            let logit = Float(random.nextUnit() * 8 - 6)
            let engines = [Float(random.nextUnit()), forestScores[row], logit]
            features.withRow(row) { table.append(row: Array($0) + engines) }
        }
        let fusion = growFusion(table, seed: seed)
        let margins = fusion.margins(table)
        let calibration = Calibration(fitting: margins, labels: labels)
        let configuration = Transformer.Configuration()
        let parameters = (0..<TransformerLayout(configuration).count).map { _ in Float(random.nextUnit() - 0.5) * 0.5 }
        let header = ModelHeader(
            name: "bench", createdAtMicroseconds: 0, trainedFromMicroseconds: 0, trainedToMicroseconds: 0,
            rows: table.rows, frauds: labels.count { $0 == 1 }, seeds: [seed], metrics: [:])
        return DetectionModel(
            header: header, forest: forest,
            transformer: Transformer(configuration: configuration, parameters: parameters), fusion: fusion,
            calibration: calibration,
            thresholds: DecisionThresholds(
                alertsPerDay: Double(table.rows) / 100, probabilities: margins.map(calibration.probability), days: 1))
    }

    /// As many trees as training gives, each few of them from some of the rows.
    private func growFusion(_ table: FeatureTable, seed: UInt64) -> BoostedTrees {
        let shape = ModelTrainer.Options()
        var random = SeededRandom(seed: seed, stream: 1)
        let models = (0..<shape.fusions).map { member in
            let rows = random.sample(10_000, below: table.rows).sorted()
            var options = shape.fusion
            options.seed = seed &+ UInt64(member)
            return BoostedTreesTrainer(options).train(
                .init(table: table.rows(at: rows), labels: rows.map { labels[$0] }))
        }
        return BoostedTrees(averaging: models)
    }
}
