import Detection

/// A small model that learnt from made-up features: fraud is mostly where the amount is many times the user's mean at a
/// merchant new to the user.
enum ModelFixtures {
    static let model = make(seed: 1, thresholds: DecisionThresholds(review: 0.3, block: 0.8))

    static func make(seed: UInt64, thresholds: DecisionThresholds, name: String = "fixture") -> DetectionModel {
        let examples = examples(rows: 3000, seed: seed)
        let features = FeatureTable(
            columns: Feature.allCases.map(\.name),
            values: (0..<examples.table.rows).flatMap { row in
                examples.table.withRow(row) { Array($0[..<Feature.count]) }
            })
        var options = BoostedTreesTrainer.Options()
        options.trees = 40
        options.columnShare = 1
        options.seed = seed
        let fusion = BoostedTreesTrainer(options).train(examples)
        let header = ModelHeader(
            name: name, createdAtMicroseconds: newYear, trainedFromMicroseconds: newYear - 1_000_000,
            trainedToMicroseconds: newYear, rows: examples.table.rows, frauds: examples.labels.count { $0 == 1 },
            seeds: [seed], metrics: ["average_precision": 0.75, "auc": 0.9])
        return DetectionModel(
            header: header, forest: IsolationForest(training: features, options: .init(trees: 30, seed: seed)),
            transformer: transformer(seed: seed), fusion: fusion,
            calibration: Calibration(fitting: fusion.margins(examples.table), labels: examples.labels),
            thresholds: thresholds)
    }

    private static func examples(rows: Int, seed: UInt64) -> BoostedTreesTrainer.Examples {
        var random = SeededRandom(seed: seed)
        var table = FeatureTable(columns: FusionColumns.names)
        var labels: [UInt8] = []
        for _ in 0..<rows {
            var row = (0..<FusionColumns.count).map { _ in random.nextNormal() }
            let isNew = random.next(below: 2)
            let ratio = Float(random.nextUnit() * 10)
            row[Int(Feature.merchantIsNew.rawValue)] = Float(isNew)
            row[Int(Feature.ratioToMean.rawValue)] = ratio
            table.append(row: row)
            labels.append(random.nextUnit() < (isNew == 1 && ratio > 5 ? 0.9 : 0.02) ? 1 : 0)
        }
        return BoostedTreesTrainer.Examples(table: table, labels: labels)
    }

    /// Of the usual shape, its weights drawn.
    static func transformer(seed: UInt64) -> Transformer {
        var random = SeededRandom(seed: seed)
        let configuration = Transformer.Configuration()
        let parameters = (0..<TransformerLayout(configuration).count).map { _ in 0.2 * random.nextNormal() }
        return Transformer(configuration: configuration, parameters: parameters)
    }

    /// Made-up payments of a few users, with what was known before each and the user's tokens before it.
    static func stream(_ count: Int, seed: UInt64) -> [(PaymentEvent, Observation, TokenSequence)] {
        var random = SeededRandom(seed: seed)
        var histories: [UInt64: TokenSequence] = [:]
        return (0..<count).map { position in
            let user = UInt64(random.next(below: 7))
            let event = event(
                user: user, merchant: UInt64(random.next(below: 20)), amount: Int64(random.next(below: 500_00)),
                atSeconds: Int64(position) * 60)
            let observation = Observation(features: features(&random), token: token(&random))
            let history = histories[user] ?? TokenSequence()
            histories[user, default: TokenSequence()].append(observation.token)
            return (event, observation, history)
        }
    }

    static func features(_ random: inout SeededRandom) -> FeatureVector {
        var features = FeatureVector()
        for feature in Feature.allCases { features[feature] = Float(random.nextUnit() * 3) }
        features[.merchantIsNew] = Float(random.next(below: 2))
        features[.ratioToMean] = Float(random.nextUnit() * 10)
        return features
    }

    private static func token(_ random: inout SeededRandom) -> Token {
        var token = Token()
        for field in 0..<16 { token[field] = Int8(random.next(below: 7)) }
        return token
    }
}
