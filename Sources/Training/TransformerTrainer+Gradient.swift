package import Detection

extension TransformerTrainer {
    /// The summed loss of all labelled payments (of all next tokens if `isPretraining`) and its gradient, as training
    /// sees them: for the test that compares them with finite differences.
    package static func lossAndGradient(
        _ sequences: [TrainingSequence], _ configuration: Transformer.Configuration, _ parameters: [Float],
        windowLength: Int, isPretraining: Bool = false
    ) -> (loss: Double, gradient: [Float]) {
        let windows = TrainingWindow.windows(
            of: sequences, length: windowLength, reach: configuration.reach, including: { _ in true },
            isLearnt: { isPretraining || $0 != .unknown })
        let shape = Transformer(
            configuration: configuration, parameters: Array(parameters.prefix(TransformerLayout(configuration).count)))
        let batch = WindowBatch(
            windows[...], of: sequences, for: shape, fraudWeight: 1, genuineWeight: 1, isPretraining: isPretraining)
        let pass = TransformerPass(configuration)
        var gradient = [Float](repeating: 0, count: parameters.count)
        let loss = parameters.withUnsafeBufferPointer { parameters in
            gradient.withUnsafeMutableBufferPointer { gradient in
                isPretraining
                    ? pass.learnNext(batch, parameters.baseAddress!, share: 1, gradients: gradient.baseAddress!)
                    : pass.learn(batch, parameters.baseAddress!, share: 1, gradients: gradient.baseAddress!)
            }
        }
        return (loss, gradient)
    }

    /// Parameters to begin with, those of the guesser of next tokens behind them if `isPretraining`.
    package static func initialParameters(
        _ configuration: Transformer.Configuration, seed: UInt64, isPretraining: Bool = false
    ) -> [Float] {
        let own = TransformerInitialisation.parameters(configuration, seed: seed, oddsOfFraud: 0.5)
        guard isPretraining else { return own }
        var random = SeededRandom(seed: seed, stream: 3)
        return own + (own.count..<GuessLayout(configuration).count).map { _ in 0.1 * random.nextNormal() }
    }
}
