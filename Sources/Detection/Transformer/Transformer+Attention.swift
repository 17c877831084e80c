/// Attention of one payment to the ring, all heads beside each other. Written over memory and not over vectors of 16, whose
/// greatest number, sum and masks the compiler takes apart number by number.
extension Transformer {
    /// 1 / √8, for heads of 8 numbers.
    static let scale: Float = 0.353553391

    /// Adds what the payment finds among the 16 positions.
    @inline(__always)
    func attend(
        _ block: Int, _ weights: UnsafePointer<Float>, _ position: Int64, _ filled: Int,
        _ numbers: UnsafeMutablePointer<Float>, _ scratch: Scratch
    ) {
        let width = configuration.width
        let window = Configuration.window
        let part = layout.blocks[block]
        let slot = Int(truncatingIfNeeded: position) & (window - 1)
        let keys = UnsafePointer(numbers + block * 2 * window * width)
        scratch.query.update(from: weights + part.queryBias, count: width)
        addProduct(scratch.normal, width, weights + part.query, width, into: scratch.query)
        ringBiases.withUnsafeBufferPointer { biases in
            let biases = biases.baseAddress! + block * configuration.heads * 2 * window + window - 1 - slot
            for head in 0..<configuration.heads {
                let scores = scratch.hidden + head * window
                score(scratch.query + head * 8, keys + head * 8 * window, biases + head * 2 * window, into: scores)
                if filled < window - 1 { hideUnseen(slot, filled, scores) }
                share(scores)
            }
        }
        gather(scratch.hidden, keys + window * width, into: scratch.keyValue)
        addProduct(scratch.keyValue, width, weights + part.output, width, into: scratch.payment)
    }

    /// What one head says of the 16 positions.
    @inline(__always)
    private func score(
        _ query: UnsafePointer<Float>, _ keys: UnsafePointer<Float>, _ biases: UnsafePointer<Float>,
        into scores: UnsafeMutablePointer<Float>
    ) {
        var first = SIMD8<Float>.zero
        var second = SIMD8<Float>.zero
        for number in 0..<8 {
            let row = keys + number * Configuration.window
            first += query[number] * row.eight(0)
            second += query[number] * row.eight(8)
        }
        scores.store(first * Self.scale + biases.eight(0), 0)
        scores.store(second * Self.scale + biases.eight(8), 8)
    }

    /// Positions from before the user's first payment take no share: e^x of it is below any that counts.
    private func hideUnseen(_ slot: Int, _ filled: Int, _ scores: UnsafeMutablePointer<Float>) {
        for place in 0..<Configuration.window where (slot - place) & (Configuration.window - 1) > filled {
            scores[place] = -.infinity
        }
    }

    /// Makes shares of 16 scores: e^x over their sum.
    @inline(__always)
    private func share(_ scores: UnsafeMutablePointer<Float>) {
        var highest = (scores[0], scores[1], scores[2], scores[3])
        for place in stride(from: 4, to: Configuration.window, by: 4) {
            highest.0 = max(highest.0, scores[place])
            highest.1 = max(highest.1, scores[place + 1])
            highest.2 = max(highest.2, scores[place + 2])
            highest.3 = max(highest.3, scores[place + 3])
        }
        let most = max(max(highest.0, highest.1), max(highest.2, highest.3))
        for place in 0..<Configuration.window {
            let score = scores[place]
            let share = exponential(score - most)
            scores[place] = score == -.infinity ? 0 : share
        }
        var sums = SIMD4<Float>.zero
        for place in stride(from: 0, to: Configuration.window, by: 4) {
            sums += UnsafeRawPointer(scores + place).loadUnaligned(as: SIMD4<Float>.self)
        }
        let sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
        for place in 0..<Configuration.window { scores[place] /= sum }
    }

    /// The values by their shares, four heads at a time.
    @inline(__always)
    private func gather(
        _ shares: UnsafePointer<Float>, _ values: UnsafePointer<Float>, into found: UnsafeMutablePointer<Float>
    ) {
        let width = configuration.width
        let window = Configuration.window
        for column in stride(from: 0, to: width, by: 32) {
            let shares = shares + column / 8 * window
            var first = SIMD8<Float>.zero
            var second = SIMD8<Float>.zero
            var third = SIMD8<Float>.zero
            var fourth = SIMD8<Float>.zero
            var row = values + column
            for place in 0..<window {
                first += shares[place] * row.eight(0)
                second += shares[window + place] * row.eight(8)
                third += shares[2 * window + place] * row.eight(16)
                fourth += shares[3 * window + place] * row.eight(24)
                row += width
            }
            found.store(first, column)
            found.store(second, column + 8)
            found.store(third, column + 16)
            found.store(fourth, column + 24)
        }
    }
}
