import Detection

/// Rows for the fusion, with where they came from.
struct FusionRows {
    var examples: BoostedTreesTrainer.Examples
    var users: [UInt64]
}

extension ModelTrainer {
    func fusionRows(_ samples: TrainingSamples, forest: IsolationForest, logits: [Float]) -> FusionRows {
        let (rows, weights) = samples.chosenRows(maximum: options.fusionRows)
        var table = FeatureTable(columns: FusionColumns.names)
        table.reserve(rows: rows.count)
        var values: [Float] = []
        for row in rows {
            values.removeAll(keepingCapacity: true)
            let score = samples.table.withRow(row) { features in
                values.append(contentsOf: features)
                return forest.score(features)
            }
            values.append(samples.rules[row])
            values.append(score)
            values.append(logits[row])
            table.append(row: values)
        }
        return FusionRows(
            examples: BoostedTreesTrainer.Examples(
                table: table, labels: rows.map { samples.labels[$0] == .fraud ? 1 : 0 }, weights: weights),
            users: rows.map { samples.users[$0] })
    }

    /// What fusions that never saw a row's user say of it.
    func crossFittedMargins(_ all: FusionRows) -> [Float] {
        let folds = all.users.map { TransformerTrainer.fold(of: $0, folds: options.folds) }
        let said = Concurrently.map(options.folds) { fold in
            let inside = folds.indices.filter { folds[$0] != fold }
            let outside = folds.indices.filter { folds[$0] == fold }
            let model = fusion(part(of: all.examples, inside), seed: options.seed)
            return (rows: outside, margins: model.margins(all.examples.table.rows(at: outside)))
        }
        var margins = [Float](repeating: 0, count: all.users.count)
        for part in said {
            for (row, margin) in zip(part.rows, part.margins) { margins[row] = margin }
        }
        return margins
    }

    func averagedFusion(_ examples: BoostedTreesTrainer.Examples) -> BoostedTrees {
        BoostedTrees(
            averaging: Concurrently.map(options.fusions) { member in
                fusion(examples, seed: options.seed &* 1000 &+ UInt64(member))
            })
    }

    private func fusion(_ examples: BoostedTreesTrainer.Examples, seed: UInt64) -> BoostedTrees {
        var fusionOptions = options.fusion
        fusionOptions.seed = seed
        return BoostedTreesTrainer(fusionOptions).train(examples)
    }

    private func part(
        of examples: BoostedTreesTrainer.Examples, _ rows: [Int]
    ) -> BoostedTreesTrainer.Examples {
        BoostedTreesTrainer.Examples(
            table: examples.table.rows(at: rows), labels: rows.map { examples.labels[$0] },
            weights: examples.weights.map { weights in rows.map { weights[$0] } })
    }
}
