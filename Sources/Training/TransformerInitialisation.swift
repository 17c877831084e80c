import Detection

/// Weights to begin with.
enum TransformerInitialisation {
    /// Drawn from the seed, as many as the layout has; `oddsOfFraud` sets the logit that is said of all.
    static func parameters(_ configuration: Transformer.Configuration, seed: UInt64, oddsOfFraud: Float) -> [Float] {
        let layout = TransformerLayout(configuration)
        let (width, hidden) = (configuration.width, configuration.feedForward)
        var random = SeededRandom(seed: seed, stream: 1)
        var parameters = [Float](repeating: 0, count: layout.count)
        func draw(_ start: Int, _ count: Int, deviation: Float) {
            for index in start..<start + count { parameters[index] = deviation * random.nextNormal() }
        }
        embed(configuration, layout, &parameters, &random)
        // Each block adds to what came before: the deeper the network, the less.
        let calm = 1 / Float(2 * configuration.blocks).squareRoot()
        for block in layout.blocks {
            for column in 0..<width {
                parameters[block.attentionGain + column] = 1
                parameters[block.hiddenGain + column] = 1
            }
            let spread = 1 / Float(width).squareRoot()
            draw(block.query, width * width, deviation: spread)
            draw(block.keyValue, 2 * width * width, deviation: spread)
            draw(block.output, width * width, deviation: spread * calm)
            draw(block.expand, width * hidden, deviation: spread * 1.4)
            draw(block.contract, hidden * width, deviation: calm / Float(hidden).squareRoot())
            // Half of the heads look at what is near, the others see all alike.
            for head in 0..<configuration.heads / 2 {
                for distance in 0..<Transformer.Configuration.window {
                    parameters[block.distanceBias + head * Transformer.Configuration.window + distance] =
                        -0.25 * Float((head + 1) * distance)
                }
            }
        }
        for column in 0..<width { parameters[layout.finalGain + column] = 1 }
        draw(layout.head, width, deviation: 0.02)
        parameters[layout.headBias] = TrainingMathematics.log(max(oddsOfFraud, 1e-4))
        return parameters
    }

    /// Measurements begin as straight lines with a little noise, so that neighbouring values mean nearly the same;
    /// categories begin anywhere.
    private static func embed(
        _ configuration: Transformer.Configuration, _ layout: TransformerLayout, _ parameters: inout [Float],
        _ random: inout SeededRandom
    ) {
        let (width, knots) = (configuration.width, Transformer.Configuration.knots)
        for field in 0..<Transformer.Configuration.fields {
            let isCategory = configuration.factors[field] == 16
            let start = layout.embedding + field * knots * width
            for column in 0..<width {
                let slope = 0.3 * random.nextNormal()
                for knot in 0..<knots {
                    let line = isCategory ? 0 : slope * Float(knot - knots / 2) / 4
                    parameters[start + knot * width + column] = line + (isCategory ? 0.2 : 0.05) * random.nextNormal()
                }
            }
        }
    }

    /// The pull to zero of each parameter: nothing for gains and biases.
    static func decays(_ configuration: Transformer.Configuration, decay: Float, count: Int) -> [Float] {
        let layout = TransformerLayout(configuration)
        let (width, hidden) = (configuration.width, configuration.feedForward)
        var decays = [Float](repeating: 0, count: count)
        for block in layout.blocks {
            for (start, length) in [
                (block.query, width * width), (block.keyValue, 2 * width * width), (block.output, width * width),
                (block.expand, width * hidden), (block.contract, hidden * width),
            ] {
                for index in start..<start + length { decays[index] = decay }
            }
        }
        for index in layout.embedding..<layout.blocks[0].attentionGain { decays[index] = decay }
        return decays
    }
}

extension SeededRandom {
    /// About standard normal: the sum of twelve uniform draws, less 6.
    mutating func nextNormal() -> Float { Float((0..<12).reduce(-6) { sum, _ in sum + nextUnit() }) }
}
