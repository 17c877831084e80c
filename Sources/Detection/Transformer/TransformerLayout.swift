/// Where each part of the network stands in its one array of parameters. Matrices are stored input by input: the
/// `outputs` weights of input 0, then those of input 1, so that x·W adds up rows.
package struct TransformerLayout: Sendable, Equatable {
    package struct Block: Sendable, Equatable {
        /// width: gain of the norm before attention.
        package let attentionGain: Int
        /// width × width and width.
        package let query: Int
        package let queryBias: Int
        /// width × 2 width: a key's numbers, then a value's.
        package let keyValue: Int
        /// heads × window: what a head adds for each distance back, 0 first.
        package let distanceBias: Int
        /// width × width.
        package let output: Int
        /// width: gain of the norm before the hidden layer.
        package let hiddenGain: Int
        /// width × feedForward and feedForward.
        package let expand: Int
        package let expandBias: Int
        /// feedForward × width and width.
        package let contract: Int
        package let contractBias: Int
    }

    /// fields × knots × width.
    package let embedding: Int
    package let blocks: [Block]
    /// width: gain of the last norm, weights of the logit; and its bias.
    package let finalGain: Int
    package let head: Int
    package let headBias: Int
    /// Parameters in all.
    package let count: Int

    package init(_ configuration: Transformer.Configuration) {
        let width = configuration.width
        let hidden = configuration.feedForward
        var next = 0
        func take(_ count: Int) -> Int {
            defer { next += count }
            return next
        }
        embedding = take(Transformer.Configuration.fields * Transformer.Configuration.knots * width)
        blocks = (0..<configuration.blocks).map { _ in
            Block(
                attentionGain: take(width), query: take(width * width), queryBias: take(width),
                keyValue: take(2 * width * width),
                distanceBias: take(configuration.heads * Transformer.Configuration.window),
                output: take(width * width), hiddenGain: take(width), expand: take(width * hidden),
                expandBias: take(hidden), contract: take(hidden * width), contractBias: take(width))
        }
        finalGain = take(width)
        head = take(width)
        headBias = take(1)
        count = next
    }
}
