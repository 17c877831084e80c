import Detection

extension TransformerTrainer {
    /// What transformers say of payments that they did not learn from: users are dealt into folds, and each fold's
    /// payments are judged by a transformer that was trained on the others. What is learnt on top of these logits (the
    /// fusion) then trusts them as far as they deserve on new payments.
    ///
    /// One array for each sequence, one logit for each token; NaN nowhere. Costs `folds` trainings.
    public func crossFittedLogits(
        _ sequences: [TrainingSequence], folds: Int = 2, progress: (Int, Progress) -> Void = { _, _ in }
    ) -> [[Float]] {
        precondition(folds >= 2, "cross-fitting needs two folds")
        var logits = sequences.map { [Float](repeating: 0, count: $0.tokens.count) }
        for fold in 0..<folds {
            let hidden = sequences.map { Self.fold(of: $0.user, folds: folds) == fold }
            let others = zip(sequences, hidden).filter { !$0.1 }.map(\.0)
            let transformer = train(others) { progress(fold, $0) }
            for index in sequences.indices where hidden[index] {
                logits[index] = transformer.streamedLogits(sequences[index].tokens)
            }
        }
        return logits
    }

    /// The fold that a user belongs to: 0 ..< folds.
    public static func fold(of user: UInt64, folds: Int) -> Int {
        var hash = SeededRandom(seed: user, stream: 99)
        return hash.next(below: folds)
    }
}
