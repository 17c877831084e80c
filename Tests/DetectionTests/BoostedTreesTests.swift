import Bytes
import Detection
import Testing

@Suite("Boosted trees")
struct BoostedTreesTests {
    typealias Examples = BoostedTreesTrainer.Examples

    /// True with probability 0.9 where exactly one of the first two columns is above zero, 0.1 elsewhere: no single comparison
    /// helps. The third column is noise.
    private static func eitherOr(_ rows: Int, seed: UInt64) -> Examples {
        var random = SeededRandom(seed: seed)
        var table = FeatureTable(columns: ["a", "b", "noise"])
        var labels: [UInt8] = []
        for _ in 0..<rows {
            let row = [random.nextNormal(), random.nextNormal(), random.nextNormal()]
            table.append(row: row)
            let either = (row[0] > 0) != (row[1] > 0)
            labels.append(random.nextUnit() < (either ? 0.9 : 0.1) ? 1 : 0)
        }
        return Examples(table: table, labels: labels)
    }

    private static let options: BoostedTreesTrainer.Options = {
        var options = BoostedTreesTrainer.Options()
        options.trees = 60
        options.columnShare = 1
        return options
    }()
    private static let training = eitherOr(4000, seed: 1)
    private static let model = BoostedTreesTrainer(options).train(training)

    private func margin(_ row: [Float], by model: BoostedTrees = model) -> Float {
        row.withUnsafeBufferPointer { model.margin($0) }
    }

    @Test("they learn what no single column tells, with the right log odds")
    func interaction() {
        // Log odds of 0.9: 2.197.
        for row in [[1, -1, 0], [-1, 1, 0.5]] as [[Float]] { #expect(abs(margin(row) - 2.197) < 0.7) }
        for row in [[1, 1, 0], [-1, -1, 0.5]] as [[Float]] { #expect(abs(margin(row) + 2.197) < 0.7) }
    }

    @Test("contributions and the bias add up to the margin, and noise contributes least")
    func contributions() {
        var totals: [Float] = [0, 0, 0]
        for row in 0..<200 {
            Self.training.table.withRow(row) { values in
                let columns = [Float](unsafeUninitializedCapacity: 3) { columns, count in
                    columns.initialize(repeating: 5)
                    Self.model.contributions(values, into: UnsafeMutableBufferPointer(rebasing: columns[..<3]))
                    count = 3
                }
                #expect(abs(columns.reduce(Self.model.bias, +) - Self.model.margin(values)) < 1e-4)
                for column in 0..<3 { totals[column] += abs(columns[column]) }
            }
        }
        #expect(totals[2] < 0.25 * min(totals[0], totals[1]))
    }

    @Test("rows judged together have bit for bit the margin they have alone", arguments: [1, 5, 64, 66, 256])
    func batch(rows: Int) {
        let table = Self.training.table.rows(at: 0..<rows)
        #expect(Self.model.margins(table) == (0..<rows).map { table.withRow($0) { Self.model.margin($0) } })
    }

    @Test("one seed gives the same trees, another seed others")
    func seeds() {
        var other = Self.options
        #expect(BoostedTreesTrainer(other).train(Self.training) == Self.model)
        other.seed = 2
        #expect(BoostedTreesTrainer(other).train(Self.training) != Self.model)
    }

    @Test("with a validation part they stop where more trees would only learn the noise")
    func earlyStopping() {
        var options = Self.options
        options.trees = 400
        options.height = 6
        options.learningRate = 0.3
        options.patience = 20
        let training = Self.eitherOr(500, seed: 3)
        var losses: [Double] = []
        let stopped = BoostedTreesTrainer(options).train(training, validation: Self.eitherOr(2000, seed: 4)) {
            losses.append($1!)
        }
        #expect(stopped.treeCount < 60)
        #expect(losses.count == stopped.treeCount + 20)
        #expect(losses[stopped.treeCount - 1] == losses.min())
    }

    @Test("a row of weight three counts as three rows")
    func weights() {
        var random = SeededRandom(seed: 5)
        var table = FeatureTable(columns: ["x"])
        let labels: [UInt8] = (0..<3000).map { _ in
            table.append(row: [random.nextNormal()])
            return random.nextUnit() < 0.25 ? 1 : 0
        }
        // Few and low trees: the column is noise, and is not to be learnt by heart.
        var options = Self.options
        options.trees = 10
        options.height = 1
        let model = BoostedTreesTrainer(options).train(
            Examples(table: table, labels: labels, weights: labels.map { $0 == 1 ? 3 : 1 }))
        // A quarter of the rows, weighing as much as all others: even odds.
        #expect(abs(margin([0], by: model)) < 0.4)
    }

    @Test("columns that never vary, and labels that are all the same, are no trouble")
    func degenerate() {
        let table = FeatureTable(columns: ["x", "y"], values: Array(repeating: 4, count: 200))
        let mixed = BoostedTreesTrainer(Self.options).train(
            Examples(table: table, labels: (0..<100).map { $0 < 50 ? 1 : 0 }))
        #expect(abs(margin([4, 4], by: mixed)) < 0.1)
        let none = BoostedTreesTrainer(Self.options).train(
            Examples(table: table, labels: Array(repeating: 0, count: 100)))
        #expect(margin([4, 4], by: none) < -4)
    }

    @Test("the mean of models has the mean of their margins")
    func averaging() {
        var options = Self.options
        options.seed = 8
        let other = BoostedTreesTrainer(options).train(Self.training)
        let mean = BoostedTrees(averaging: [Self.model, other])
        let row: [Float] = [0.3, -2, 1]
        #expect(abs(margin(row, by: mean) - (margin(row) + margin(row, by: other)) / 2) < 1e-4)
        #expect(abs(mean.bias - (Self.model.bias + other.bias) / 2) < 1e-4)
    }

    @Test("trees read from their bytes are the same trees; damaged bytes give an error or trees, never a crash")
    func codec() throws {
        var writer = ByteWriter()
        Self.model.encode(into: &writer)
        #expect(try decode(writer.bytes) == Self.model)
        var random = SeededRandom(seed: 6)
        for _ in 0..<300 {
            #expect(throws: MalformedBytes.self) {
                try decode(Array(writer.bytes[..<random.next(below: writer.count)]))
            }
            var bytes = writer.bytes
            for _ in 0...random.next(below: 4) {
                bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
            }
            if let trees = try? decode(bytes), trees.columnCount == 3 {
                #expect(margin([1, 2, 3], by: trees).isFinite)
            }
        }
    }

    private func decode(_ bytes: [UInt8]) throws -> BoostedTrees {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try BoostedTrees(from: &reader)
        }
    }
}
