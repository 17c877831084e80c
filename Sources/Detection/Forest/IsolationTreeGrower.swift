/// Grows the trees of an isolation forest, one after the other, each from random draws of its own.
struct IsolationTreeGrower {
    private(set) var trees: FlatTrees
    let sample: Int

    private let table: FeatureTable
    private let height: Int
    /// The positions of the columns that may be split, in an order that changes with every draw.
    private var columns: [Int]
    private var random = SeededRandom(seed: 0)
    /// Positions in the table of the rows in the tree; each node owns a range of them.
    private var members: [Int] = []

    init(table: FeatureTable, sample: Int, used: [Int]) {
        self.table = table
        self.sample = sample
        columns = used
        height = max(1, Int.bitWidth - (sample - 1).leadingZeroBitCount)
        trees = FlatTrees(height: height, columnCount: table.columns.count)
    }

    mutating func grow(seed: UInt64, tree: Int) {
        random = SeededRandom(seed: seed, stream: UInt64(tree))
        columns.sort()
        members = random.sample(sample, below: table.rows)
        trees.beginTree()
        grow(node: 1, depth: 0, 0..<sample)
    }

    private mutating func grow(node: Int, depth: Int, _ range: Range<Int>) {
        let expected = Float(depth) + PathLength.expected(range.count)
        guard depth < height, range.count > 1, let (column, threshold) = drawSplit(range) else {
            return trees.setLeaf(node, value: expected)
        }
        trees.setSplit(node, column: column, threshold: threshold, value: expected)
        let middle = partition(range, column, threshold)
        grow(node: 2 * node, depth: depth + 1, range.lowerBound..<middle)
        grow(node: 2 * node + 1, depth: depth + 1, middle..<range.upperBound)
    }

    /// A column drawn from those that vary in the node, and a point from its least value up to below its largest. Nil
    /// where all rows are equal.
    private mutating func drawSplit(_ range: Range<Int>) -> (column: Int, threshold: Float)? {
        for drawn in columns.indices {
            columns.swapAt(drawn, drawn + random.next(below: columns.count - drawn))
            let column = columns[drawn]
            var least = table[members[range.lowerBound], column]
            var largest = least
            for position in range {
                let value = table[members[position], column]
                least = min(least, value)
                largest = max(largest, value)
            }
            guard least < largest else { continue }
            // In double precision, for the width of a Float's range is no Float.
            let threshold = Float(Double(least) + random.nextUnit() * (Double(largest) - Double(least)))
            return (column, threshold < largest ? max(threshold, least) : least)
        }
        return nil
    }

    /// Moves the rows up to the threshold before those above it; where the latter begin.
    private mutating func partition(_ range: Range<Int>, _ column: Int, _ threshold: Float) -> Int {
        var middle = range.lowerBound
        for position in range where table[members[position], column] <= threshold {
            members.swapAt(position, middle)
            middle += 1
        }
        return middle
    }
}
