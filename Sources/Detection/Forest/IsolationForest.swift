package import Bytes

/// Scores how easily a row is told apart from the rows the forest has seen, without any labels.
///
/// Source: F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008: `trees` random trees, each grown from `sample`
/// rows drawn without replacement up to height ceil(log2(sample)); a node splits a random column, among those that still
/// vary in it, at a point drawn evenly between its least and largest value. A row's score is 2^(-E[h] / c(sample)), where
/// h is the length of its path, with c(n) added at a leaf that still holds n rows, and c(n) the mean path of an
/// unsuccessful search in a binary tree of n.
public struct IsolationForest: Sendable, Equatable {
    public struct Options: Sendable, Equatable {
        /// 1...1000.
        public var trees: Int
        /// Rows a tree grows from, 2...1024; fewer if the table has fewer.
        public var sample: Int
        public var seed: UInt64

        public init(trees: Int = 100, sample: Int = 256, seed: UInt64 = 1) {
            precondition(1...1000 ~= trees, "a forest has 1 to 1000 trees")
            precondition(2...1024 ~= sample, "a tree grows from 2 to 1024 rows")
            self.trees = trees
            self.sample = sample
            self.seed = seed
        }
    }

    /// Values a row has; the forest may look at some of them only.
    public var columnCount: Int { trees.columnCount }
    public var treeCount: Int { trees.count }

    /// What a tree gives is a path's length.
    private let trees: FlatTrees
    /// Rows a tree grew from.
    private let sample: Int
    /// c(sample) times the number of trees: a sum of paths over this is the paper's exponent.
    private let normalisation: Float

    /// Grows a forest. The same table, options and columns give the same forest on every machine.
    ///
    /// - Parameter used: the positions of the columns it may look at; nil for all. Rows still have all columns.
    /// - Complexity: O(trees * (rows + sample * height)).
    public init(training table: FeatureTable, options: Options = Options(), used: [Int]? = nil) {
        precondition(table.rows >= 2, "a forest grows from at least two rows")
        precondition(used?.isEmpty != true, "a forest looks at one column at least")
        var grower = IsolationTreeGrower(
            table: table, sample: min(options.sample, table.rows), used: used ?? Array(table.columns.indices))
        for tree in 0..<options.trees { grower.grow(seed: options.seed, tree: tree) }
        self.init(trees: grower.trees, sample: grower.sample)
    }

    private init(trees: FlatTrees, sample: Int) {
        self.trees = trees
        self.sample = sample
        normalisation = PathLength.expected(sample) * Float(trees.count)
    }

    /// 0...1: near 1 for what stands apart, at most about 0.5 for what does not.
    public func score(_ row: UnsafeBufferPointer<Float>) -> Float { score(pathSum: trees.sum(row)) }

    /// As `score` for each of the rows, which begin `stride` values apart (nil: the number of columns); bit for bit the same.
    public func scores(
        _ rows: UnsafeBufferPointer<Float>, stride: Int? = nil, into scores: UnsafeMutableBufferPointer<Float>
    ) {
        trees.sums(rows, stride: stride ?? columnCount, into: scores)
        for row in scores.indices { scores[row] = score(pathSum: scores[row]) }
    }

    /// The score of each row.
    public func scores(_ table: FeatureTable) -> [Float] {
        [Float](unsafeUninitializedCapacity: table.rows) { scores, count in
            table.values.withUnsafeBufferPointer {
                self.scores($0, into: UnsafeMutableBufferPointer(rebasing: scores[..<table.rows]))
            }
            count = table.rows
        }
    }

    /// What each column adds to the strangeness of `row`: each comparison on the row's paths is credited to its column
    /// with the expected length of path that it saved, in units of c(sample).
    ///
    /// A comparison that leaves the row with m of n rows saves c(n) - c(m) - 1: much where it parts the row from most
    /// others, less than nothing where it parts only a few others from it. The columns add up to log2(2 * score): zero for
    /// a row as ordinary as a tree of its own rows expects, at most one.
    public func attributions(_ row: UnsafeBufferPointer<Float>) -> [Float] {
        [Float](unsafeUninitializedCapacity: columnCount) { columns, count in
            columns.initialize(repeating: 0)
            trees.addContributions(row, into: columns)
            for column in columns.indices { columns[column] /= -normalisation }
            count = columnCount
        }
    }

    private func score(pathSum: Float) -> Float { Mathematics.exp2(-pathSum / normalisation) }

    /// Bytes in memory.
    package var byteCount: Int { trees.byteCount }
}

extension IsolationForest {
    package func encode(into writer: inout ByteWriter) {
        writer.write(UInt16(sample))
        trees.encode(into: &writer)
    }

    package init(from reader: inout ByteReader) throws(MalformedBytes) {
        let sample = Int(try reader.read(UInt16.self))
        let trees = try FlatTrees(from: &reader)
        guard 2...1024 ~= sample, trees.count >= 1, trees.gives(within: 0...64) else {
            throw MalformedBytes(offset: reader.offset, reason: "\(trees.count) trees of \(sample) rows are no forest")
        }
        self.init(trees: trees, sample: sample)
    }
}

/// c(n) of the paper: 2 H(n - 1) - 2 (n - 1) / n, with the harmonic number summed up exactly.
enum PathLength {
    private static let table: [Float] = {
        var harmonic = 0.0
        return (0...1024).map { n in
            guard n >= 2 else { return 0 }
            harmonic += 1 / Double(n - 1)
            return Float(2 * harmonic - 2 * Double(n - 1) / Double(n))
        }
    }()

    /// `n` is 0...1024.
    static func expected(_ n: Int) -> Float { table[n] }
}
