import Detection
import Testing
import Training

/// The reverse mode is written by hand, so every kind of parameter is compared with what a small change really does.
@Suite struct TransformerGradientTests {
    @Test(arguments: [1, 2], [false, true])
    func `gradients are those of finite differences`(blocks: Int, isPretraining: Bool) {
        var configuration = Transformer.Configuration(usesMerchantLabels: true)
        configuration.blocks = blocks
        let sequences = MadeUpHistories.sequences(users: 6, payments: 25, seed: 5)
        let parameters = TransformerTrainer.initialParameters(configuration, seed: 3, isPretraining: isPretraining)
        func lossAndGradient(_ parameters: [Float]) -> (loss: Double, gradient: [Float]) {
            TransformerTrainer.lossAndGradient(
                sequences, configuration, parameters, windowLength: 8, isPretraining: isPretraining)
        }
        let gradient = lossAndGradient(parameters).gradient
        var random = SeededRandom(seed: 9)
        let layout = TransformerLayout(configuration)
        for (name, range) in Self.parts(layout, count: parameters.count) {
            let direction = Self.direction(gradient[range], &random)
            let expected = zip(gradient[range], direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            // Long steps cross kinks of the hidden layer, short ones drown in rounding: one length must do.
            let measured = [1e-1, 3e-2, 1e-2, 3e-3].map { (step: Float) in
                var (up, down) = (parameters, parameters)
                for (index, part) in zip(range, direction) {
                    up[index] += step * part
                    down[index] -= step * part
                }
                return (lossAndGradient(up).loss - lossAndGradient(down).loss) / Double(2 * step)
            }
            let scale = max(abs(expected), 0.01)
            #expect(
                measured.contains { abs(expected - $0) < 0.03 * scale },
                "\(name): \(expected) by hand, \(measured) measured")
        }
    }

    /// Of length about one: up the gradient, where the loss changes most, each part by a factor of its own; and as much again of
    /// chance, for parts whose gradient was forgotten.
    private static func direction(_ gradient: ArraySlice<Float>, _ random: inout SeededRandom) -> [Float] {
        func length(_ vector: [Float]) -> Float { max(vector.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-6) }
        let along = gradient.map { $0 * Float(0.5 + random.nextUnit()) }
        let chance = gradient.map { _ in Float(random.nextUnit() * 2 - 1) }
        let (alongLength, chanceLength) = (length(along), length(chance))
        return zip(along, chance).map { 0.7 * $0 / alongLength + 0.7 * $1 / chanceLength }
    }

    private static func parts(_ layout: TransformerLayout, count: Int) -> [(String, Range<Int>)] {
        var starts = [("embedding", layout.embedding)]
        for (index, block) in layout.blocks.enumerated() {
            starts += [
                ("attention gain \(index)", block.attentionGain), ("query \(index)", block.query),
                ("query bias \(index)", block.queryBias), ("key and value \(index)", block.keyValue),
                ("distance bias \(index)", block.distanceBias), ("output \(index)", block.output),
                ("hidden gain \(index)", block.hiddenGain), ("expand \(index)", block.expand),
                ("expand bias \(index)", block.expandBias), ("contract \(index)", block.contract),
                ("contract bias \(index)", block.contractBias),
            ]
        }
        starts += [("final gain", layout.finalGain), ("head", layout.head), ("head bias", layout.headBias)]
        if count > layout.count { starts.append(("guesser", layout.count)) }
        let ends = starts.dropFirst().map(\.1) + [count]
        return zip(starts, ends).map { ($0.0, $0.1..<$1) }
    }
}
