import Detection
import Testing
import Training

@Suite struct TransformerTrainerTests {
    private static func options(epochs: Int = 8) -> TransformerTrainer.Options {
        var options = TransformerTrainer.Options()
        options.epochs = epochs
        options.batchLabels = 128
        options.validationShare = 0
        return options
    }

    @Test func `a fraud that shows only in the order of payments is learnt`() {
        let transformer = TransformerTrainer(Self.options(epochs: 20)).train(
            MadeUpHistories.sequences(users: 400, payments: 40, seed: 1))
        var (frauds, genuine): ([Float], [Float]) = ([], [])
        for sequence in MadeUpHistories.sequences(users: 60, payments: 40, seed: 2) {
            for (logit, label) in zip(transformer.streamedLogits(sequence.tokens), sequence.labels) {
                if label == .fraud { frauds.append(logit) } else if label == .genuine { genuine.append(logit) }
            }
        }
        let ordered = frauds.reduce(0) { sum, fraud in sum + genuine.count { $0 < fraud } }
        let area = Double(ordered) / Double(frauds.count * genuine.count)
        #expect(area > 0.97, "area under the curve \(area)")
    }

    @Test func `equal seeds give equal transformers and others do not`() {
        let sequences = MadeUpHistories.sequences(users: 40, payments: 40, seed: 1)
        var options = Self.options(epochs: 2)
        options.pretrainingEpochs = 1
        let one = TransformerTrainer(options).train(sequences)
        #expect(TransformerTrainer(options).train(sequences) == one)
        options.seed = 2
        #expect(TransformerTrainer(options).train(sequences) != one)
    }

    @Test func `training ends early when what is held out no longer gains`() {
        var random = SeededRandom(seed: 4)
        // Labels by chance: there is nothing to learn, and what is learnt does harm.
        let sequences = MadeUpHistories.sequences(users: 60, payments: 40, seed: 3).map { sequence in
            var sequence = sequence
            sequence.labels = sequence.labels.map { _ in random.next(below: 2) == 0 ? .genuine : .fraud }
            return sequence
        }
        var options = Self.options(epochs: 40)
        options.validationShare = 0.3
        options.patience = 2
        var epochs = 0
        _ = TransformerTrainer(options).train(sequences) { progress in
            epochs = progress.epoch
            #expect(progress.validationLoss != nil)
        }
        #expect(epochs < 40)
    }

    @Test func `pre-training learns to guess the next token`() {
        var options = Self.options(epochs: 1)
        options.pretrainingEpochs = 4
        var losses: [Double] = []
        _ = TransformerTrainer(options).train(MadeUpHistories.sequences(users: 100, payments: 40, seed: 6)) {
            if $0.phase == .pretraining { losses.append($0.loss) }
        }
        #expect(losses.count == 4)
        #expect(losses[3] < 0.9 * losses[0])
    }

    @Test func `without labels and without payments a training still ends`() {
        let nothing = TransformerTrainer(Self.options()).train([])
        #expect(nothing.streamedLogits([Token.zero])[0].isFinite)
        let unlabelled = TrainingSequence(user: 1, tokens: [.zero, .zero], labels: [.unknown, .unknown])
        #expect(TransformerTrainer(Self.options()).train([unlabelled]).streamedLogits([.zero])[0].isFinite)
    }

    @Test func `cross-fitted logits come from those who did not learn from the user`() {
        let sequences = MadeUpHistories.sequences(users: 60, payments: 30, seed: 8)
        let trainer = TransformerTrainer(Self.options(epochs: 1))
        let logits = trainer.crossFittedLogits(sequences, folds: 2)
        let others = sequences.filter { TransformerTrainer.fold(of: $0.user, folds: 2) == 1 }
        let transformer = trainer.train(others)
        for (sequence, said) in zip(sequences, logits) where TransformerTrainer.fold(of: sequence.user, folds: 2) == 0 {
            #expect(said == transformer.streamedLogits(sequence.tokens))
        }
        #expect(!others.isEmpty && others.count < sequences.count)
    }
}
