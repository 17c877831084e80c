import Detection

/// Attention within a sliding window over packed rows, there and back. Keys and values stand side by side: row by row
/// `width` numbers of the key, then `width` of the value.
struct WindowAttention {
    let width: Int
    let heads: Int
    private let window = Transformer.Configuration.window
    private let scale: Float = 0.353553391

    /// `shares`: for each outgoing row and head how it divides its attention over the distances 0...15.
    func forward(
        _ queries: UnsafePointer<Float>, _ keyValues: UnsafePointer<Float>, bias: UnsafePointer<Float>,
        from sources: [WindowBatch.Span], to targets: [WindowBatch.Span],
        shares: UnsafeMutablePointer<Float>, found: UnsafeMutablePointer<Float>
    ) {
        for (source, target) in zip(sources, targets) {
            for step in 0..<target.count {
                let place = source.count - target.count + step
                let seen = min(place + 1, window)
                let row = target.start + step
                let latest = keyValues + (source.start + place) * 2 * width
                for head in 0..<heads {
                    let query = (queries + row * width).eight(head * 8) * scale
                    var scores = SIMD16<Float>(repeating: -1e30)
                    for distance in 0..<seen {
                        let key = (latest - distance * 2 * width).eight(head * 8)
                        scores[distance] = (query * key).sum() + bias[head * window + distance]
                    }
                    var part = exponential(scores - scores.max())
                    for distance in seen..<max(seen, window) { part[distance] = 0 }
                    part /= part.sum()
                    var sum = SIMD8<Float>.zero
                    for distance in 0..<seen {
                        sum += part[distance] * (latest - distance * 2 * width).eight(width + head * 8)
                    }
                    let kept = shares + (row * heads + head) * window
                    kept.store(part.lowHalf, 0)
                    kept.store(part.highHalf, 8)
                    (found + row * width).store(sum, head * 8)
                }
            }
        }
    }

    /// Sets the queries' gradients and adds to those of keys, values and biases.
    func backward(
        _ foundGradient: UnsafePointer<Float>, _ queries: UnsafePointer<Float>, _ keyValues: UnsafePointer<Float>,
        shares: UnsafePointer<Float>, from sources: [WindowBatch.Span], to targets: [WindowBatch.Span],
        queryGradient: UnsafeMutablePointer<Float>, keyValueGradient: UnsafeMutablePointer<Float>,
        biasGradient: UnsafeMutablePointer<Float>
    ) {
        for (source, target) in zip(sources, targets) {
            for step in 0..<target.count {
                let place = source.count - target.count + step
                let seen = min(place + 1, window)
                let row = target.start + step
                let latest = keyValues + (source.start + place) * 2 * width
                let latestGradient = keyValueGradient + (source.start + place) * 2 * width
                for head in 0..<heads {
                    let part = (shares + (row * heads + head) * window).sixteen(0)
                    let gradient = (foundGradient + row * width).eight(head * 8)
                    let query = (queries + row * width).eight(head * 8) * scale
                    var pulls = SIMD16<Float>.zero
                    for distance in 0..<seen {
                        pulls[distance] = (gradient * (latest - distance * 2 * width).eight(width + head * 8)).sum()
                    }
                    let scoreGradients = part * (pulls - (part * pulls).sum())
                    var sum = SIMD8<Float>.zero
                    for distance in 0..<seen {
                        let pull = scoreGradients[distance]
                        let other = latestGradient - distance * 2 * width
                        sum += pull * (latest - distance * 2 * width).eight(head * 8)
                        other.store(other.eight(head * 8) + pull * query, head * 8)
                        let value = width + head * 8
                        other.store(other.eight(value) + part[distance] * gradient, value)
                        biasGradient[head * window + distance] += pull
                    }
                    (queryGradient + row * width).store(sum * scale, head * 8)
                }
            }
        }
    }
}
