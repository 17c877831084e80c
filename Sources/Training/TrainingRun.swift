import Detection
import Dispatch

/// One optimiser on its way over batches.
struct TrainingRun {
    private let options: TransformerTrainer.Options
    private let sequences: [TrainingSequence]
    private let isPretraining: Bool
    private var optimiser: Adam
    /// One for each half of a batch; their number is part of the result.
    private let passes: [TransformerPass]
    /// For what only has to do with shape and placement.
    private let shape: Transformer

    init(
        parameters: [Float], options: TransformerTrainer.Options, sequences: [TrainingSequence], isPretraining: Bool
    ) {
        self.options = options
        self.sequences = sequences
        self.isPretraining = isPretraining
        optimiser = Adam(
            weights: parameters,
            decays: TransformerInitialisation.decays(
                options.configuration, decay: options.weightDecay, count: parameters.count),
            averaging: options.averaging)
        passes = (0..<2).map { _ in TransformerPass(options.configuration) }
        shape = Transformer(
            configuration: options.configuration,
            parameters: [Float](repeating: 0, count: TransformerLayout(options.configuration).count))
    }

    var average: [Float] { optimiser.average }

    /// Learns from all windows once, in their order; the schedule runs from `start` to `end`. Mean loss.
    mutating func epoch(
        _ windows: [TrainingWindow], genuineWeight: Float, from start: Double, to end: Double
    ) -> Double {
        let batches = batches(windows)
        var loss = 0.0
        var weight = 0.0
        for (index, batch) in batches.enumerated() {
            let progress = start + (end - start) * (Double(index) + 0.5) / Double(batches.count)
            let halves = [
                half(windows[batch.lowerBound..<(batch.lowerBound + batch.upperBound) / 2], genuineWeight),
                half(windows[(batch.lowerBound + batch.upperBound) / 2..<batch.upperBound], genuineWeight),
            ]
            let sum = halves[0].weightSum + halves[1].weightSum
            guard sum > 0 else { continue }
            let results = gradients(halves, share: 1 / sum)
            loss += results[0].loss + results[1].loss
            weight += Double(sum)
            optimiser.step(
                zip(results[0].gradients, results[1].gradients).map(+),
                rate: options.learningRate * TrainingMathematics.schedule(progress))
        }
        return weight > 0 ? loss / weight : 0
    }

    private func half(_ windows: ArraySlice<TrainingWindow>, _ genuineWeight: Float) -> WindowBatch {
        WindowBatch(
            windows, of: sequences, for: shape, fraudWeight: options.fraudWeight, genuineWeight: genuineWeight,
            isPretraining: isPretraining)
    }

    /// Windows in turn, as many as hold the options' labels.
    private func batches(_ windows: [TrainingWindow]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var start = 0
        var labels = 0
        for (index, window) in windows.enumerated() {
            labels += window.learnt.count
            if labels >= options.batchLabels || index == windows.count - 1 {
                batches.append(start..<index + 1)
                start = index + 1
                labels = 0
            }
        }
        return batches
    }

    /// What each half makes of the gradient, both at once where there are cores for it.
    private func gradients(_ halves: [WindowBatch], share: Float) -> [(loss: Double, gradients: [Float])] {
        let weights = optimiser.weights
        var results = halves.map { _ in (loss: 0.0, gradients: [Float](repeating: 0, count: weights.count)) }
        results.withUnsafeMutableBufferPointer { results in
            // Each iteration has a pass, a half and a result of its own.
            nonisolated(unsafe) let results = results
            nonisolated(unsafe) let passes = passes
            let isPretraining = isPretraining
            DispatchQueue.concurrentPerform(iterations: halves.count) { half in
                var gradients = results[half].gradients
                results[half].gradients = []
                let loss = weights.withUnsafeBufferPointer { weights in
                    gradients.withUnsafeMutableBufferPointer { gradients in
                        isPretraining
                            ? passes[half].learnNext(
                                halves[half], weights.baseAddress!, share: share, gradients: gradients.baseAddress!)
                            : passes[half].learn(
                                halves[half], weights.baseAddress!, share: share, gradients: gradients.baseAddress!)
                    }
                }
                results[half] = (loss, gradients)
            }
        }
        return results
    }

    /// Mean loss of the windows' labelled payments by these weights.
    func loss(of windows: [TrainingWindow], by weights: [Float]) -> Double {
        var loss = 0.0
        var weight = 0.0
        for range in batches(windows) {
            let batch = half(windows[range], 1)
            let logits = weights.withUnsafeBufferPointer { passes[0].logits(batch, $0.baseAddress!) }
            for row in logits.indices {
                loss += Double(batch.weights[row]) * LogisticLoss.loss(logit: logits[row], target: batch.targets[row])
                weight += Double(batch.weights[row])
            }
        }
        return weight > 0 ? loss / weight : 0
    }
}
