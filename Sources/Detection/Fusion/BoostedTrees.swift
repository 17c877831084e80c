package import Bytes

/// Gradient-boosted trees for a yes-or-no question: the sum of many small trees is the margin (log odds) of yes.
///
/// Source: J. Friedman, "Greedy function approximation", 2001; second-order leaves and gains as T. Chen, C. Guestrin, "XGBoost",
/// KDD 2016. `BoostedTreesTrainer` grows them.
public struct BoostedTrees: Sendable, Equatable {
    /// Values a row has.
    public var columnCount: Int { trees.columnCount }
    public var treeCount: Int { trees.count }

    private let trees: FlatTrees
    /// The margin before any tree.
    private let base: Float
    /// The margin to be expected without a look at the row: what `contributions` start from.
    public let bias: Float

    package init(trees: FlatTrees, base: Float) {
        self.trees = trees
        self.base = base
        bias = base + trees.expectation
    }

    /// One model whose margin is the mean of the margins of models of the same shape: steadier than each of them.
    public init(averaging models: [BoostedTrees]) {
        precondition(!models.isEmpty, "a mean of nothing")
        var trees = FlatTrees(height: models[0].trees.height, columnCount: models[0].columnCount)
        for model in models { trees.append(model.trees) }
        trees.scale(by: 1 / Float(models.count))
        self.init(trees: trees, base: models.reduce(0) { $0 + $1.base } / Float(models.count))
    }

    /// The log odds of yes; `row` has `columnCount` values.
    public func margin(_ row: UnsafeBufferPointer<Float>) -> Float { base + trees.sum(row) }

    /// As `margin` for each of the rows, which begin `stride` values apart (nil: the number of columns); bit for bit the same.
    public func margins(
        _ rows: UnsafeBufferPointer<Float>, stride: Int? = nil, into margins: UnsafeMutableBufferPointer<Float>
    ) {
        trees.sums(rows, stride: stride ?? columnCount, into: margins)
        for row in margins.indices { margins[row] = base + margins[row] }
    }

    /// The margin of each row.
    public func margins(_ table: FeatureTable) -> [Float] {
        [Float](unsafeUninitializedCapacity: table.rows) { margins, count in
            table.values.withUnsafeBufferPointer {
                self.margins($0, into: UnsafeMutableBufferPointer(rebasing: margins[..<table.rows]))
            }
            count = table.rows
        }
    }

    /// What each column adds to the margin of `row`: the sum, over the comparisons of that column on the row's paths, of how
    /// much the expected output changed with it (A. Saabas, "Interpreting random forests", 2014).
    ///
    /// Over all columns these and `bias` add up to the margin (but for rounding).
    public func contributions(_ row: UnsafeBufferPointer<Float>, into columns: UnsafeMutableBufferPointer<Float>) {
        columns.update(repeating: 0)
        trees.addContributions(row, into: columns)
    }

    /// Bytes in memory.
    package var byteCount: Int { trees.byteCount }
}

extension BoostedTrees {
    /// What a tree may give, either way: sums then stay finite, whatever bytes the trees came from.
    static let maximumOutput: Float = 1000

    package func encode(into writer: inout ByteWriter) {
        writer.write(base)
        trees.encode(into: &writer)
    }

    package init(from reader: inout ByteReader) throws(MalformedBytes) {
        let base = try reader.readFloat()
        let trees = try FlatTrees(from: &reader)
        let range = -Self.maximumOutput...Self.maximumOutput
        guard range ~= base, trees.gives(within: range) else {
            throw MalformedBytes(offset: reader.offset, reason: "a tree gives more than \(Self.maximumOutput)")
        }
        self.init(trees: trees, base: base)
    }
}
