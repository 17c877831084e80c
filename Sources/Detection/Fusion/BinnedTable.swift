/// A table whose values are replaced by the number of the interval they are in: at most 256 a column, so that a tree's
/// best split is found by adding up histograms.
struct BinnedTable {
    let rows: Int
    /// Of each column, ascending: bin `b` holds the values above `cuts[b - 1]` and up to `cuts[b]`.
    let cuts: [[Float]]
    /// Column after column, a byte a row.
    let bins: [UInt8]

    static let maximumBins = 256
    /// Rows from which the cuts are drawn, for a table with more.
    private static let maximumSample = 100_000

    /// Half of a column's cuts are spread evenly over all rows, half over those with label 1, for it is among them, however
    /// few they are, that fine differences count.
    init(_ table: FeatureTable, labels: [UInt8], random: inout SeededRandom) {
        let width = table.columns.count
        rows = table.rows
        let positives = labels.indices.filter { labels[$0] == 1 }
        var sample = Array(table.rows <= Self.maximumSample ? 0..<table.rows : 0..<0)
        if sample.isEmpty {
            sample = random.sample(Self.maximumSample, below: table.rows).filter { labels[$0] != 1 } + positives
        }
        let share = Float(0.5) / Float(max(1, positives.count))
        let weights = sample.map { 0.5 / Float(sample.count) + (labels[$0] == 1 ? share : 0) }
        let cuts = (0..<width).map { column in
            Self.cuts(sample.indices.map { (table[sample[$0], column], weights[$0]) })
        }
        self.cuts = cuts
        let rows = rows
        bins = [UInt8](unsafeUninitializedCapacity: rows * width) { bins, count in
            for column in 0..<width {
                cuts[column].withUnsafeBufferPointer { cuts in
                    for row in 0..<rows {
                        bins[column * rows + row] = Self.bin(table.values[row * width + column], cuts)
                    }
                }
            }
            count = rows * width
        }
    }

    /// How many cuts the value is above.
    private static func bin(_ value: Float, _ cuts: UnsafeBufferPointer<Float>) -> UInt8 {
        var (low, high) = (0, cuts.count)
        while low < high {
            let middle = (low + high) / 2
            if value > cuts[middle] { low = middle + 1 } else { high = middle }
        }
        return UInt8(low)
    }

    private static func cuts(_ values: [(value: Float, weight: Float)]) -> [Float] {
        let sorted = values.sorted { $0.value < $1.value }
        var distinct: [(value: Float, weight: Float)] = []
        for entry in sorted {
            if distinct.last?.value == entry.value {
                distinct[distinct.count - 1].weight += entry.weight
            } else {
                distinct.append(entry)
            }
        }
        let total = distinct.reduce(0) { $0 + $1.weight }
        let step = distinct.count <= maximumBins ? 0 : total / Float(maximumBins)
        var cuts: [Float] = []
        var passed: Float = 0
        for (entry, next) in zip(distinct, distinct.dropFirst()) where cuts.count < maximumBins - 1 {
            passed += entry.weight
            guard passed >= step else { continue }
            passed = 0
            cuts.append(between(entry.value, next.value))
        }
        return cuts
    }

    /// Half way, but below the larger.
    private static func between(_ low: Float, _ high: Float) -> Float {
        let middle = Float((Double(low) + Double(high)) / 2)
        return middle < high ? middle : low
    }
}
