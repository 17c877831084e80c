/// First and second derivative of the loss.
typealias Gradient = SIMD2<Double>

/// Grows one tree at a time on a binned table. A histogram is added up for the smaller of two siblings only; the other's is
/// what is left of their parent's.
struct BoostedTreeGrower {
    private let binned: BinnedTable
    private let options: BoostedTreesTrainer.Options
    private var tree: FlatTrees
    private var columns: [Int] = []
    /// The rows in the tree; each node owns a range of them, in ascending order.
    private var members: [Int32] = []
    private var moved: [Int32] = []
    private var gathered: [Gradient] = []
    /// Histograms that are not in use.
    private var spare: [[Gradient]] = []

    init(binned: BinnedTable, options: BoostedTreesTrainer.Options) {
        self.binned = binned
        self.options = options
        tree = FlatTrees(height: options.height, columnCount: binned.cuts.count)
    }

    /// One tree that leads the rows downhill, already scaled by the learning rate.
    mutating func grow(_ gradients: [Gradient], _ random: inout SeededRandom) -> FlatTrees {
        draw(&random)
        tree = FlatTrees(height: options.height, columnCount: binned.cuts.count)
        tree.beginTree()
        let all = 0..<members.count
        _ = grow(node: 1, depth: 0, all, histogram(all, gradients), gradients)
        return tree
    }

    private mutating func draw(_ random: inout SeededRandom) {
        let usable = binned.cuts.indices.filter { !binned.cuts[$0].isEmpty }
        let count = min(usable.count, max(1, Int((Double(usable.count) * options.columnShare).rounded())))
        columns = random.sample(count, below: usable.count).map { usable[$0] }.sorted()
        members.removeAll(keepingCapacity: true)
        for row in 0..<binned.rows where options.rowShare >= 1 || random.nextUnit() < options.rowShare {
            members.append(Int32(row))
        }
    }

    /// Takes over `histogram`. What is to be expected of a row in the node.
    private mutating func grow(
        node: Int, depth: Int, _ range: Range<Int>, _ histogram: consuming [Gradient], _ gradients: [Gradient]
    ) -> Float {
        let total = columns.isEmpty ? Gradient() : histogram[..<BinnedTable.maximumBins].reduce(Gradient(), +)
        guard depth < options.height, let split = bestSplit(histogram, total) else {
            spare.append(histogram)
            let limit = Double(BoostedTrees.maximumOutput)
            let output = -total.x / (total.y + options.l2) * Double(options.learningRate)
            let value = Float(min(max(output, -limit), limit))
            tree.setLeaf(node, value: value)
            return value
        }
        let middle = partition(range, split)
        let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
        let leftIsSmaller = left.count <= right.count
        let smaller = self.histogram(leftIsSmaller ? left : right, gradients)
        for position in smaller.indices { histogram[position] -= smaller[position] }
        let leftValue: Float
        let rightValue: Float
        if leftIsSmaller {
            leftValue = grow(node: 2 * node, depth: depth + 1, left, smaller, gradients)
            rightValue = grow(node: 2 * node + 1, depth: depth + 1, right, histogram, gradients)
        } else {
            leftValue = grow(node: 2 * node, depth: depth + 1, left, histogram, gradients)
            rightValue = grow(node: 2 * node + 1, depth: depth + 1, right, smaller, gradients)
        }
        let expected = (leftValue * Float(left.count) + rightValue * Float(right.count)) / Float(range.count)
        tree.setSplit(node, column: split.column, threshold: binned.cuts[split.column][split.bin], value: expected)
        return expected
    }

    private struct Split {
        var column: Int
        /// The last bin on the left.
        var bin: Int
    }

    private func bestSplit(_ histogram: [Gradient], _ total: Gradient) -> Split? {
        let l2 = options.l2
        var best: Split?
        var bestGain = total.x * total.x / (total.y + l2) + 1e-9
        for (place, column) in columns.enumerated() {
            let start = place * BinnedTable.maximumBins
            var left = Gradient()
            for bin in binned.cuts[column].indices {
                left += histogram[start + bin]
                let right = total - left
                guard left.y >= options.minimumChildWeight, right.y >= options.minimumChildWeight else { continue }
                let gain = left.x * left.x / (left.y + l2) + right.x * right.x / (right.y + l2)
                if gain > bestGain { (best, bestGain) = (Split(column: column, bin: bin), gain) }
            }
        }
        return best
    }

    /// The gradients' sums by column and bin.
    private mutating func histogram(_ range: Range<Int>, _ gradients: [Gradient]) -> [Gradient] {
        var histogram = spare.popLast() ?? []
        histogram.removeAll(keepingCapacity: true)
        histogram.append(contentsOf: repeatElement(Gradient(), count: columns.count * BinnedTable.maximumBins))
        gathered.removeAll(keepingCapacity: true)
        for position in range { gathered.append(gradients[Int(members[position])]) }
        histogram.withUnsafeMutableBufferPointer { histogram in
            binned.bins.withUnsafeBufferPointer { bins in
                members.withUnsafeBufferPointer { members in
                    gathered.withUnsafeBufferPointer { gathered in
                        for (place, column) in columns.enumerated() {
                            let sums = histogram.baseAddress! + place * BinnedTable.maximumBins
                            let column = bins.baseAddress! + column * binned.rows
                            for (offset, position) in range.enumerated() {
                                sums[Int(column[Int(members[position])])] += gathered[offset]
                            }
                        }
                    }
                }
            }
        }
        return histogram
    }

    /// Moves the rows of the left side before those of the right one, each side in its order; where the right one begins.
    private mutating func partition(_ range: Range<Int>, _ split: Split) -> Int {
        let start = split.column * binned.rows
        var middle = range.lowerBound
        moved.removeAll(keepingCapacity: true)
        for position in range {
            let row = members[position]
            if binned.bins[start + Int(row)] <= split.bin {
                members[middle] = row
                middle += 1
            } else {
                moved.append(row)
            }
        }
        for (offset, row) in moved.enumerated() { members[middle + offset] = row }
        return middle
    }
}
