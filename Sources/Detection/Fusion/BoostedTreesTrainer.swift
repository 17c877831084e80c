/// Grows boosted trees: histograms, logistic loss, second-order gains, shrinkage, subsampling, early stopping. One thread;
/// the same rows, options and seed give the same trees on every machine.
public struct BoostedTreesTrainer: Sendable {
    public struct Options: Sendable, Equatable {
        /// At most; 1...2000. Fewer where early stopping finds that more would not help.
        public var trees = 300
        /// Comparisons from a root to a leaf, 1...8.
        public var height = 4
        /// How much of each tree's answer is taken, above 0...1.
        public var learningRate: Float = 0.08
        /// The share of rows each tree sees, above 0...1.
        public var rowShare = 0.8
        /// The share of columns each tree sees, above 0...1.
        public var columnShare = 0.6
        /// The least curvature (sum of weight * p * (1 - p)) on either side of a split.
        public var minimumChildWeight = 3.0
        /// Draws leaves to zero.
        public var l2 = 3.0
        /// Trees without a better validation loss after which growing stops.
        public var patience = 40
        public var seed: UInt64 = 1

        public init() {}
    }

    /// Rows, what is true of them (0 or 1), and how much each counts (nil: all the same).
    public struct Examples: Sendable {
        public var table: FeatureTable
        public var labels: [UInt8]
        public var weights: [Float]?

        public init(table: FeatureTable, labels: [UInt8], weights: [Float]? = nil) {
            precondition(labels.count == table.rows && labels.allSatisfy { $0 <= 1 }, "a row has a label, 0 or 1")
            precondition(weights.map { $0.count == table.rows } ?? true, "a row has a weight")
            self.table = table
            self.labels = labels
            self.weights = weights
        }
    }

    /// After each tree: how many there are, and the validation loss (nil without a validation part).
    public typealias Progress = (_ trees: Int, _ loss: Double?) -> Void

    public let options: Options

    public init(_ options: Options = Options()) {
        precondition(1...2000 ~= options.trees && 1...8 ~= options.height, "trees of a size out of bounds")
        precondition(0 < options.learningRate && options.learningRate <= 1, "a learning rate out of bounds")
        precondition(0 < options.rowShare && options.rowShare <= 1, "a share of rows out of bounds")
        precondition(0 < options.columnShare && options.columnShare <= 1, "a share of columns out of bounds")
        self.options = options
    }

    /// With a `validation` part the trees end where its log loss was least.
    ///
    /// - Complexity: O(trees * height * rows * columns); about 1 s a million rows and ten columns, a hundred trees of height 4.
    public func train(_ examples: Examples, validation: Examples? = nil, progress: Progress? = nil) -> BoostedTrees {
        var random = SeededRandom(seed: options.seed)
        let base = Self.logOdds(examples)
        var grower = BoostedTreeGrower(
            binned: BinnedTable(examples.table, labels: examples.labels, random: &random), options: options)
        var all = FlatTrees(height: options.height, columnCount: examples.table.columns.count)
        var fitted = Boosting(examples, base: base)
        var checked = validation.map { Boosting($0, base: base) }
        var best = (loss: checked?.loss ?? .infinity, trees: 0)
        while all.count < options.trees {
            let tree = grower.grow(fitted.gradients, &random)
            all.append(tree)
            fitted.add(tree)
            checked?.add(tree)
            let loss = checked?.loss
            progress?(all.count, loss)
            guard let loss else { continue }
            if loss < best.loss { best = (loss, all.count) }
            if all.count - best.trees >= options.patience { break }
        }
        if validation != nil { all.truncate(to: best.trees) }
        return BoostedTrees(trees: all, base: base)
    }

    /// Of label 1 among all, each side counted as at least half a row.
    private static func logOdds(_ examples: Examples) -> Float {
        var sums = (yes: 0.5, no: 0.5)
        for row in examples.labels.indices {
            let weight = Double(examples.weights?[row] ?? 1)
            if examples.labels[row] == 1 { sums.yes += weight } else { sums.no += weight }
        }
        return Float(Mathematics.log2(sums.yes / sums.no) * Boosting.ln2)
    }
}

/// The margins of a set of examples while trees are added.
private struct Boosting {
    static let ln2 = 0.693_147_180_559_945_3

    let examples: BoostedTreesTrainer.Examples
    private var margins: [Float]
    private var outputs: [Float]

    init(_ examples: BoostedTreesTrainer.Examples, base: Float) {
        self.examples = examples
        margins = Array(repeating: base, count: examples.labels.count)
        outputs = margins
    }

    mutating func add(_ tree: FlatTrees) {
        outputs.withUnsafeMutableBufferPointer { outputs in
            examples.table.values.withUnsafeBufferPointer { tree.sums($0, stride: tree.columnCount, into: outputs) }
        }
        for row in margins.indices { margins[row] += outputs[row] }
    }

    /// Of the loss, at the margins: first and second derivative and weight, row after row.
    var gradients: [Gradient] {
        margins.indices.map { row in
            let probability = Double(Mathematics.sigmoid(margins[row]))
            let weight = Double(examples.weights?[row] ?? 1)
            return Gradient(
                weight * (probability - Double(examples.labels[row])),
                weight * max(probability * (1 - probability), 1e-12))
        }
    }

    /// The mean log loss, in bits.
    var loss: Double {
        var sums = (loss: 0.0, weight: 0.0)
        for row in margins.indices {
            let weight = Double(examples.weights?[row] ?? 1)
            let right = examples.labels[row] == 1 ? margins[row] : -margins[row]
            sums.loss -= weight * Mathematics.log2(max(Double(Mathematics.sigmoid(right)), 1e-12))
            sums.weight += weight
        }
        return sums.loss / max(sums.weight, .leastNormalMagnitude)
    }
}
