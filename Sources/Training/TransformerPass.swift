import Detection

/// The network over a batch of windows, forward and in reverse, with all that the way back needs kept from the way
/// there. Made for exactly this network: every gradient is written out. One pass is one thread's; its memory is used
/// again from batch to batch.
final class TransformerPass {
    let configuration: Transformer.Configuration
    let layout: TransformerLayout
    private let attention: WindowAttention
    private let width: Int
    private let hidden: Int

    /// Rows as they enter each level; the last is what the head sees.
    private var inputs: [FloatBuffer]
    private var blocks: [BlockBuffers]
    private let finalNormal = FloatBuffer()
    private let finalInverse = FloatBuffer()
    private let gradient = FloatBuffer()
    private let otherGradient = FloatBuffer()
    private let headGradient = FloatBuffer()
    private let guesses = FloatBuffer()

    /// What one block keeps. "In" rows are those that enter it, "out" rows those that leave it.
    private final class BlockBuffers {
        let inNormal = FloatBuffer(), inInverse = FloatBuffer(), keyValue = FloatBuffer()
        let outNormal = FloatBuffer(), query = FloatBuffer(), shares = FloatBuffer(), found = FloatBuffer()
        let middle = FloatBuffer(), middleNormal = FloatBuffer(), middleInverse = FloatBuffer(), hidden = FloatBuffer()
    }

    init(_ configuration: Transformer.Configuration) {
        self.configuration = configuration
        layout = TransformerLayout(configuration)
        width = configuration.width
        hidden = configuration.feedForward
        attention = WindowAttention(width: width, heads: configuration.heads)
        inputs = (0...configuration.blocks).map { _ in FloatBuffer() }
        blocks = (0..<configuration.blocks).map { _ in BlockBuffers() }
        MatrixProducts.singleThreaded
    }

    // MARK: - There

    /// What the head sees of each row of the last level: rows × width.
    private func forward(_ batch: WindowBatch, _ weights: UnsafePointer<Float>) -> UnsafeMutablePointer<Float> {
        embed(batch, weights)
        for block in blocks.indices { forward(block, batch, weights) }
        let rows = batch.rows(level: blocks.count)
        let normal = finalNormal.room(rows * width)
        RowNorms.forward(
            inputs[blocks.count].base, weights + layout.finalGain, rows: rows, width: width, into: normal,
            inverses: finalInverse.room(rows))
        return normal
    }

    private func embed(_ batch: WindowBatch, _ weights: UnsafePointer<Float>) {
        let x = inputs[0].zeroed(batch.places.count * width)
        for (row, places) in batch.places.enumerated() {
            let x = x + row * width
            for field in 0..<Transformer.Configuration.fields {
                let place = Int(places[field])
                let upper = Float(place & 15) * 0.0625
                let low = weights + layout.embedding + (field * Transformer.Configuration.knots + place >> 4) * width
                for column in stride(from: 0, to: width, by: 8) {
                    x.store(
                        x.eight(column) + (1 - upper) * low.eight(column) + upper * low.eight(width + column), column)
                }
            }
        }
    }

    private func forward(_ index: Int, _ batch: WindowBatch, _ weights: UnsafePointer<Float>) {
        let (part, kept) = (layout.blocks[index], blocks[index])
        let (sources, targets) = (batch.levels[index], batch.levels[index + 1])
        let (rowsIn, rowsOut) = (batch.rows(level: index), batch.rows(level: index + 1))
        let input = inputs[index].base
        let normal = kept.inNormal.room(rowsIn * width)
        RowNorms.forward(
            input, weights + part.attentionGain, rows: rowsIn, width: width, into: normal,
            inverses: kept.inInverse.room(rowsIn))
        let keyValue = kept.keyValue.room(rowsIn * 2 * width)
        MatrixProducts.multiply(
            normal, weights + part.keyValue, into: keyValue, rows: rowsIn, inner: width, columns: 2 * width)

        let outNormal = kept.outNormal.room(rowsOut * width)
        let middle = kept.middle.room(rowsOut * width)
        Self.gather(normal, from: sources, into: outNormal, to: targets, width: width)
        Self.gather(input, from: sources, into: middle, to: targets, width: width)
        let query = kept.query.room(rowsOut * width)
        Self.fill(query, with: weights + part.queryBias, rows: rowsOut, width: width)
        MatrixProducts.multiply(
            outNormal, weights + part.query, into: query, rows: rowsOut, inner: width, columns: width, adding: true)
        let found = kept.found.room(rowsOut * width)
        attention.forward(
            query, keyValue, bias: weights + part.distanceBias, from: sources, to: targets,
            shares: kept.shares.room(rowsOut * configuration.heads * Transformer.Configuration.window), found: found)
        MatrixProducts.multiply(
            found, weights + part.output, into: middle, rows: rowsOut, inner: width, columns: width, adding: true)

        let middleNormal = kept.middleNormal.room(rowsOut * width)
        RowNorms.forward(
            middle, weights + part.hiddenGain, rows: rowsOut, width: width, into: middleNormal,
            inverses: kept.middleInverse.room(rowsOut))
        let inner = kept.hidden.room(rowsOut * hidden)
        Self.fill(inner, with: weights + part.expandBias, rows: rowsOut, width: hidden)
        MatrixProducts.multiply(
            middleNormal, weights + part.expand, into: inner, rows: rowsOut, inner: width, columns: hidden, adding: true
        )
        for number in stride(from: 0, to: rowsOut * hidden, by: 8) {
            inner.store(pointwiseMax(inner.eight(number), .zero), number)
        }
        let output = inputs[index + 1].room(rowsOut * width)
        for row in 0..<rowsOut {
            for column in stride(from: 0, to: width, by: 8) {
                output.store(
                    middle.eight(row * width + column) + (weights + part.contractBias).eight(column),
                    row * width + column)
            }
        }
        MatrixProducts.multiply(
            inner, weights + part.contract, into: output, rows: rowsOut, inner: hidden, columns: width, adding: true)
    }

    /// The logit of each row of the last level.
    func logits(_ batch: WindowBatch, _ weights: UnsafePointer<Float>) -> [Float] {
        let normal = forward(batch, weights)
        return (0..<batch.rows(level: blocks.count)).map { row in
            var sum = SIMD8<Float>.zero
            for column in stride(from: 0, to: width, by: 8) {
                sum += (normal + row * width).eight(column) * (weights + layout.head).eight(column)
            }
            return sum.sum() + weights[layout.headBias]
        }
    }

    // MARK: - And back

    /// The weighted sum of the logistic losses; adds its gradient, times `share`, to `gradients`.
    func learn(
        _ batch: WindowBatch, _ weights: UnsafePointer<Float>, share: Float, gradients: UnsafeMutablePointer<Float>
    ) -> Double {
        let logits = logits(batch, weights)
        let normal = finalNormal.base
        let back = headGradient.room(logits.count * width)
        var loss = 0.0
        for row in logits.indices {
            let weight = batch.weights[row]
            let probability = 1 / (1 + exponential(-max(-80, min(80, logits[row]))))
            loss += Double(weight) * LogisticLoss.loss(logit: logits[row], target: batch.targets[row])
            let pull = share * weight * (probability - batch.targets[row])
            gradients[layout.headBias] += pull
            for column in stride(from: 0, to: width, by: 8) {
                let place = row * width + column
                back.store(pull * (weights + layout.head).eight(column), place)
                let head = gradients + layout.head
                head.store(head.eight(column) + pull * normal.eight(place), column)
            }
        }
        backward(batch, weights, back, gradients)
        return loss
    }

    /// The sum of the losses of guessing each next token's knots, for fields that are read; adds its gradient, times
    /// `share`. The guesser, `GuessLayout.count` numbers, stands behind the network's own parameters.
    func learnNext(
        _ batch: WindowBatch, _ weights: UnsafePointer<Float>, share: Float, gradients: UnsafeMutablePointer<Float>
    ) -> Double {
        let normal = forward(batch, weights)
        let rows = batch.rows(level: blocks.count)
        let guess = GuessLayout(configuration)
        let guesses = guesses.room(rows * guess.outputs)
        Self.fill(guesses, with: weights + guess.bias, rows: rows, width: guess.outputs)
        MatrixProducts.multiply(
            normal, weights + guess.matrix, into: guesses, rows: rows, inner: width, columns: guess.outputs,
            adding: true)
        var loss = 0.0
        for row in 0..<rows {
            loss += guess.backward(
                guesses + row * guess.outputs, next: batch.next[row], share: share * batch.weights[row],
                biasGradient: gradients + guess.bias)
        }
        MatrixProducts.addGradient(
            normal, guesses, into: gradients + guess.matrix, rows: width, inner: rows, columns: guess.outputs)
        let back = headGradient.room(rows * width)
        MatrixProducts.multiplyTransposed(
            guesses, weights + guess.matrix, into: back, rows: rows, inner: guess.outputs, columns: width)
        backward(batch, weights, back, gradients)
        return loss
    }

    /// From the gradient of what the head sees down to that of the embeddings.
    private func backward(
        _ batch: WindowBatch, _ weights: UnsafePointer<Float>, _ back: UnsafePointer<Float>,
        _ gradients: UnsafeMutablePointer<Float>
    ) {
        let rows = batch.rows(level: blocks.count)
        var upper = gradient
        var lower = otherGradient
        RowNorms.addBackward(
            back, inputs[blocks.count].base, finalInverse.base, weights + layout.finalGain, rows: rows, width: width,
            into: upper.zeroed(rows * width), gainGradient: gradients + layout.finalGain)
        for block in blocks.indices.reversed() {
            backward(block, batch, weights, upper.base, into: lower, gradients)
            swap(&upper, &lower)
        }
        unembed(batch, upper.base, gradients)
    }

    private let middleGradient = FloatBuffer()
    private let hiddenGradient = FloatBuffer()
    private let scratch = FloatBuffer()
    private let queryGradient = FloatBuffer()
    private let keyValueGradient = FloatBuffer()
    private let inNormalGradient = FloatBuffer()

    private func backward(
        _ index: Int, _ batch: WindowBatch, _ weights: UnsafePointer<Float>, _ upper: UnsafePointer<Float>,
        into lower: FloatBuffer, _ gradients: UnsafeMutablePointer<Float>
    ) {
        let (part, kept) = (layout.blocks[index], blocks[index])
        let (sources, targets) = (batch.levels[index], batch.levels[index + 1])
        let (rowsIn, rowsOut) = (batch.rows(level: index), batch.rows(level: index + 1))

        // The hidden layer.
        MatrixProducts.addGradient(
            kept.hidden.base, upper, into: gradients + part.contract, rows: hidden, inner: rowsOut, columns: width)
        Self.addSums(upper, rows: rowsOut, width: width, into: gradients + part.contractBias)
        let dHidden = hiddenGradient.room(rowsOut * hidden)
        MatrixProducts.multiplyTransposed(
            upper, weights + part.contract, into: dHidden, rows: rowsOut, inner: width, columns: hidden)
        for number in stride(from: 0, to: rowsOut * hidden, by: 8) {
            dHidden.store(
                dHidden.eight(number).replacing(with: 0, where: kept.hidden.base.eight(number) .== 0), number)
        }
        MatrixProducts.addGradient(
            kept.middleNormal.base, dHidden, into: gradients + part.expand, rows: width, inner: rowsOut,
            columns: hidden)
        Self.addSums(dHidden, rows: rowsOut, width: hidden, into: gradients + part.expandBias)
        let scratch = scratch.room(rowsOut * width)
        MatrixProducts.multiplyTransposed(
            dHidden, weights + part.expand, into: scratch, rows: rowsOut, inner: hidden, columns: width)
        let dMiddle = middleGradient.room(rowsOut * width)
        dMiddle.update(from: upper, count: rowsOut * width)
        RowNorms.addBackward(
            scratch, kept.middle.base, kept.middleInverse.base, weights + part.hiddenGain, rows: rowsOut, width: width,
            into: dMiddle, gainGradient: gradients + part.hiddenGain)

        // Attention.
        MatrixProducts.addGradient(
            kept.found.base, dMiddle, into: gradients + part.output, rows: width, inner: rowsOut, columns: width)
        MatrixProducts.multiplyTransposed(
            dMiddle, weights + part.output, into: scratch, rows: rowsOut, inner: width, columns: width)
        let dQuery = queryGradient.room(rowsOut * width)
        let dKeyValue = keyValueGradient.zeroed(rowsIn * 2 * width)
        attention.backward(
            scratch, kept.query.base, kept.keyValue.base, shares: kept.shares.base, from: sources, to: targets,
            queryGradient: dQuery, keyValueGradient: dKeyValue, biasGradient: gradients + part.distanceBias)
        MatrixProducts.addGradient(
            kept.outNormal.base, dQuery, into: gradients + part.query, rows: width, inner: rowsOut, columns: width)
        Self.addSums(dQuery, rows: rowsOut, width: width, into: gradients + part.queryBias)
        MatrixProducts.addGradient(
            kept.inNormal.base, dKeyValue, into: gradients + part.keyValue, rows: width, inner: rowsIn,
            columns: 2 * width)
        let dNormal = inNormalGradient.room(rowsIn * width)
        MatrixProducts.multiplyTransposed(
            dKeyValue, weights + part.keyValue, into: dNormal, rows: rowsIn, inner: 2 * width, columns: width)
        MatrixProducts.multiplyTransposed(
            dQuery, weights + part.query, into: scratch, rows: rowsOut, inner: width, columns: width)
        Self.scatter(scratch, from: targets, addingInto: dNormal, to: sources, width: width)

        let dInput = lower.zeroed(rowsIn * width)
        Self.scatter(dMiddle, from: targets, addingInto: dInput, to: sources, width: width)
        RowNorms.addBackward(
            dNormal, inputs[index].base, kept.inInverse.base, weights + part.attentionGain, rows: rowsIn, width: width,
            into: dInput, gainGradient: gradients + part.attentionGain)
    }

    private func unembed(_ batch: WindowBatch, _ dx: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>) {
        for (row, places) in batch.places.enumerated() {
            let dx = dx + row * width
            for field in 0..<Transformer.Configuration.fields where configuration.readFields >> field & 1 == 1 {
                let place = Int(places[field])
                let upper = Float(place & 15) * 0.0625
                let low = gradients + layout.embedding + (field * Transformer.Configuration.knots + place >> 4) * width
                for column in stride(from: 0, to: width, by: 8) {
                    low.store(low.eight(column) + (1 - upper) * dx.eight(column), column)
                    if upper > 0 { low.store(low.eight(width + column) + upper * dx.eight(column), width + column) }
                }
            }
        }
    }
}
