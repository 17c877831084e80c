/// The streaming form. Keys stand transposed in the state, one row for each of their numbers and one column for each
/// slot of the ring, so that a head scores all 16 positions at once; values stand row by row.
extension Transformer {
    /// Logit of `token`, the `position`-th of its user, after `filled` that it can see; `numbers` is the user's state.
    @inline(__always)
    func step(
        _ token: SIMD16<Int8>, position: Int64, filled: Int, _ numbers: UnsafeMutablePointer<Float>
    ) -> Float {
        let width = configuration.width
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: Scratch.count(configuration)) { room in
            let scratch = Scratch(room.baseAddress!, width)
            return parameters.withUnsafeBufferPointer { weights in
                let weights = weights.baseAddress!
                embed(token, weights, into: scratch.payment)
                for block in 0..<configuration.blocks {
                    remember(block, weights, position, numbers, scratch)
                    attend(block, weights, position, filled, numbers, scratch)
                    think(block, weights, scratch)
                }
                normalise(scratch.payment, weights + layout.finalGain, width, into: scratch.normal)
                var sum = SIMD8<Float>.zero
                for column in stride(from: 0, to: width, by: 8) {
                    sum += scratch.normal.eight(column) * (weights + layout.head).eight(column)
                }
                return sum.sum() + weights[layout.headBias]
            }
        }
    }

    /// As `step` for a history's payment, but only as far as later payments can see of it.
    func replay(
        _ token: SIMD16<Int8>, position: Int64, filled: Int, through depth: Int,
        _ numbers: UnsafeMutablePointer<Float>
    ) {
        let width = configuration.width
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Scratch.count(configuration)) { room in
            let scratch = Scratch(room.baseAddress!, width)
            parameters.withUnsafeBufferPointer { weights in
                let weights = weights.baseAddress!
                embed(token, weights, into: scratch.payment)
                for block in 0..<depth {
                    remember(block, weights, position, numbers, scratch)
                    guard block + 1 < depth else { return }
                    attend(block, weights, position, filled, numbers, scratch)
                    think(block, weights, scratch)
                }
            }
        }
    }

    /// Room for one payment on its way through the blocks.
    struct Scratch {
        let payment: UnsafeMutablePointer<Float>
        let normal: UnsafeMutablePointer<Float>
        let query: UnsafeMutablePointer<Float>
        /// Two widths: key and value; later what was attended to.
        let keyValue: UnsafeMutablePointer<Float>
        /// The hidden layer; before it, what each head says of each of the 16 positions.
        let hidden: UnsafeMutablePointer<Float>

        static func count(_ configuration: Configuration) -> Int {
            5 * configuration.width + max(configuration.feedForward, configuration.heads * Configuration.window)
        }

        init(_ base: UnsafeMutablePointer<Float>, _ width: Int) {
            payment = base
            normal = base + width
            query = base + 2 * width
            keyValue = base + 3 * width
            hidden = base + 5 * width
        }
    }

    /// The sum of the bytes' vectors: each lies between those of the two knots beside the byte.
    @inline(__always)
    func embed(_ token: SIMD16<Int8>, _ weights: UnsafePointer<Float>, into x: UnsafeMutablePointer<Float>) {
        let width = configuration.width
        let places = placement.places(token)
        for column in stride(from: 0, to: width, by: 32) {
            var first = SIMD8<Float>.zero
            var second = SIMD8<Float>.zero
            var third = SIMD8<Float>.zero
            var fourth = SIMD8<Float>.zero
            var table = weights + layout.embedding + column
            for field in 0..<Configuration.fields {
                let place = Int(places[field])
                let upper = Float(place & 15) * 0.0625
                let lower = 1 - upper
                let low = table + (place >> 4) * width
                let high = low + width
                first += lower * low.eight(0) + upper * high.eight(0)
                second += lower * low.eight(8) + upper * high.eight(8)
                third += lower * low.eight(16) + upper * high.eight(16)
                fourth += lower * low.eight(24) + upper * high.eight(24)
                table += Configuration.knots * width
            }
            x.store(first, column)
            x.store(second, column + 8)
            x.store(third, column + 16)
            x.store(fourth, column + 24)
        }
    }

    /// Norm of the payment, and its key and value into their slot of the ring.
    @inline(__always)
    private func remember(
        _ block: Int, _ weights: UnsafePointer<Float>, _ position: Int64, _ numbers: UnsafeMutablePointer<Float>,
        _ scratch: Scratch
    ) {
        let width = configuration.width
        let window = Configuration.window
        let part = layout.blocks[block]
        normalise(scratch.payment, weights + part.attentionGain, width, into: scratch.normal)
        scratch.keyValue.update(repeating: 0, count: 2 * width)
        addProduct(scratch.normal, width, weights + part.keyValue, 2 * width, into: scratch.keyValue)
        let slot = Int(truncatingIfNeeded: position) & (window - 1)
        let keys = numbers + block * 2 * window * width
        for number in 0..<width { keys[number * window + slot] = scratch.keyValue[number] }
        (keys + window * width + slot * width).update(from: scratch.keyValue + width, count: width)
    }

    /// Adds what the hidden layer makes of the payment.
    @inline(__always)
    private func think(_ block: Int, _ weights: UnsafePointer<Float>, _ scratch: Scratch) {
        let width = configuration.width
        let part = layout.blocks[block]
        normalise(scratch.payment, weights + part.hiddenGain, width, into: scratch.normal)
        scratch.hidden.update(from: weights + part.expandBias, count: configuration.feedForward)
        addProduct(scratch.normal, width, weights + part.expand, configuration.feedForward, into: scratch.hidden)
        // Number by number: the compiler makes vectors of it, which it does not of a vector's greatest.
        for column in 0..<configuration.feedForward { scratch.hidden[column] = max(scratch.hidden[column], 0) }
        for column in stride(from: 0, to: width, by: 8) {
            scratch.payment.store(
                scratch.payment.eight(column) + (weights + part.contractBias).eight(column), column)
        }
        addProduct(scratch.hidden, configuration.feedForward, weights + part.contract, width, into: scratch.payment)
    }
}
