import Detection

/// Moves between rows of neighbouring levels: those of a level are the last ones of each window in the level below.
extension TransformerPass {
    static func gather(
        _ source: UnsafePointer<Float>, from sources: [WindowBatch.Span], into target: UnsafeMutablePointer<Float>,
        to targets: [WindowBatch.Span], width: Int
    ) {
        for (from, to) in zip(sources, targets) {
            let start = from.start + from.count - to.count
            (target + to.start * width).update(from: source + start * width, count: to.count * width)
        }
    }

    static func scatter(
        _ source: UnsafePointer<Float>, from sources: [WindowBatch.Span],
        addingInto target: UnsafeMutablePointer<Float>, to targets: [WindowBatch.Span], width: Int
    ) {
        for (from, to) in zip(sources, targets) {
            let target = target + (to.start + to.count - from.count) * width
            let source = source + from.start * width
            for number in stride(from: 0, to: from.count * width, by: 8) {
                target.store(target.eight(number) + source.eight(number), number)
            }
        }
    }

    /// `row` in each of the rows.
    static func fill(
        _ target: UnsafeMutablePointer<Float>, with row: UnsafePointer<Float>, rows: Int, width: Int
    ) {
        for index in 0..<rows { (target + index * width).update(from: row, count: width) }
    }

    /// Adds the sum of the rows to `sums`.
    static func addSums(
        _ source: UnsafePointer<Float>, rows: Int, width: Int, into sums: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows {
            for column in stride(from: 0, to: width, by: 8) {
                sums.store(sums.eight(column) + source.eight(row * width + column), column)
            }
        }
    }
}

/// Floats that keep their place from batch to batch and grow when they must.
final class FloatBuffer {
    private(set) var base = UnsafeMutablePointer<Float>.allocate(capacity: 0)
    private var capacity = 0

    /// Room for `count` floats, of any content.
    func room(_ count: Int) -> UnsafeMutablePointer<Float> {
        if count > capacity {
            base.deallocate()
            capacity = count + count / 4
            base = .allocate(capacity: capacity)
            base.initialize(repeating: 0, count: capacity)
        }
        return base
    }

    func zeroed(_ count: Int) -> UnsafeMutablePointer<Float> {
        let base = room(count)
        base.update(repeating: 0, count: count)
        return base
    }

    deinit { base.deallocate() }
}
