public import Detection

/// Trains a transformer on users' payments with known verdicts: logistic loss, Adam, warm-up and decay, early stopping,
/// after pre-training on what is unlabelled if wanted.
///
/// Payments are learnt from in windows that carry no more context than can move a logit, packed without padding. Each
/// batch is learnt in two halves, each by a thread of its own, whose gradients are added in order: one core or two, the
/// result is the same.
public struct TransformerTrainer: Sendable {
    public var options: Options

    public init(_ options: Options = Options()) { self.options = options }

    /// Learns from the labelled payments of `sequences`; the others are context. `progress` is called on the caller's
    /// thread after each epoch. Without a single label the result is as it began.
    public func train(
        _ sequences: [TrainingSequence], progress: (Progress) -> Void = { _ in }
    ) -> Transformer {
        precondition(options.epochs >= 1 && options.batchLabels >= 2, "a training has epochs and batches")
        let counts = sequences.reduce(into: (frauds: 0, genuine: 0)) { counts, sequence in
            for label in sequence.labels where label != .unknown {
                if label == .fraud { counts.frauds += 1 } else { counts.genuine += 1 }
            }
        }
        let odds = Float(counts.frauds) * options.fraudWeight / Float(max(1, counts.genuine))
        var parameters = TransformerInitialisation.parameters(
            options.configuration, seed: options.seed, oddsOfFraud: odds)
        if options.pretrainingEpochs > 0 { pretrain(&parameters, sequences, progress) }
        if counts.frauds + counts.genuine > 0 { learn(&parameters, sequences, progress) }
        return Transformer(configuration: options.configuration, parameters: parameters)
    }

    // MARK: - Labels

    private func learn(_ parameters: inout [Float], _ sequences: [TrainingSequence], _ progress: (Progress) -> Void) {
        let windows = windows(of: sequences) { !isHeldOut($0) }
        let heldOut = options.validationShare > 0 ? self.windows(of: sequences) { isHeldOut($0) } : []
        var run = TrainingRun(parameters: parameters, options: options, sequences: sequences, isPretraining: false)
        var best = (loss: Double.infinity, parameters: parameters, epoch: 0)
        for epoch in 0..<options.epochs {
            var random = SeededRandom(seed: options.seed, stream: 1000 + UInt64(epoch))
            let drawn = draw(windows, &random)
            let loss = run.epoch(
                drawn.windows, genuineWeight: drawn.weight, from: Double(epoch) / Double(options.epochs),
                to: Double(epoch + 1) / Double(options.epochs))
            let average = run.average
            guard !heldOut.isEmpty else {
                best = (loss, average, epoch)
                progress(
                    Progress(
                        phase: .training, epoch: epoch + 1, epochs: options.epochs, loss: loss, validationLoss: nil))
                continue
            }
            let validation = run.loss(of: heldOut, by: average)
            progress(
                Progress(
                    phase: .training, epoch: epoch + 1, epochs: options.epochs, loss: loss, validationLoss: validation))
            if validation < best.loss { best = (validation, average, epoch) }
            if epoch - best.epoch >= options.patience { break }
        }
        parameters = best.parameters
    }

    private func windows(
        of sequences: [TrainingSequence], including: (TrainingSequence) -> Bool
    ) -> [TrainingWindow] {
        TrainingWindow.windows(
            of: sequences, length: 64, reach: options.configuration.reach, including: including,
            isLearnt: { $0 != .unknown })
    }

    /// One user in 1/`validationShare`, by a hash that has nothing to do with the seed's draws.
    private func isHeldOut(_ sequence: TrainingSequence) -> Bool {
        var hash = SeededRandom(seed: sequence.user, stream: 77)
        return hash.nextUnit() < options.validationShare
    }

    /// This epoch's windows in their order, and what a genuine payment without a fraud in its window counts.
    private func draw(
        _ windows: [TrainingWindow], _ random: inout SeededRandom
    ) -> (windows: [TrainingWindow], weight: Float) {
        let labels = windows.reduce(0) { $0 + $1.learnt.count }
        guard options.labelsPerEpoch > 0, labels > options.labelsPerEpoch else {
            return (windows.shuffled(using: &random), 1)
        }
        let withFraud = windows.reduce(0) { $0 + ($1.hasFraud ? $1.learnt.count : 0) }
        let share = min(
            1, max(0.02, Double(options.labelsPerEpoch - withFraud) / Double(max(1, labels - withFraud))))
        let drawn = windows.filter { $0.hasFraud || random.nextUnit() < share }
        return (drawn.shuffled(using: &random), Float(1 / share))
    }

    // MARK: - Next tokens

    private func pretrain(
        _ parameters: inout [Float], _ sequences: [TrainingSequence], _ progress: (Progress) -> Void
    ) {
        let guess = GuessLayout(options.configuration)
        let windows = TrainingWindow.windows(
            of: sequences, length: 64, reach: options.configuration.reach, including: { _ in true },
            isLearnt: { _ in true })
        let own = parameters.count
        var random = SeededRandom(seed: options.seed, stream: 2)
        let guesser = (own..<guess.count).map { $0 < guess.bias ? 0.02 * random.nextNormal() : 0 }
        var run = TrainingRun(
            parameters: parameters + guesser, options: options, sequences: sequences, isPretraining: true)
        for epoch in 0..<options.pretrainingEpochs {
            var random = SeededRandom(seed: options.seed, stream: 2000 + UInt64(epoch))
            var drawn: [TrainingWindow] = []
            var payments = 0
            for window in windows.shuffled(using: &random) where payments < options.pretrainingPayments {
                drawn.append(window)
                payments += window.learnt.count
            }
            let loss = run.epoch(
                drawn, genuineWeight: 1, from: Double(epoch) / Double(options.pretrainingEpochs),
                to: Double(epoch + 1) / Double(options.pretrainingEpochs))
            progress(
                Progress(
                    phase: .pretraining, epoch: epoch + 1, epochs: options.pretrainingEpochs, loss: loss,
                    validationLoss: nil))
        }
        // The head learns labels only; it stays as it began.
        let head = TransformerLayout(options.configuration).head
        let learnt = run.average
        for index in 0..<head { parameters[index] = learnt[index] }
    }
}
