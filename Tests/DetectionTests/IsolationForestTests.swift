import Bytes
import Detection
import Testing

@Suite("Isolation forest")
struct IsolationForestTests {
    /// Two thousand ordinary rows of four columns, the last of them constant.
    private static let ordinary: FeatureTable = {
        var random = SeededRandom(seed: 1)
        var table = FeatureTable(columns: ["a", "b", "c", "constant"])
        for _ in 0..<2000 { table.append(row: [random.nextNormal(), random.nextNormal(), random.nextNormal(), 7]) }
        return table
    }()
    private static let forest = IsolationForest(training: ordinary, options: .init(seed: 3))

    private func score(_ row: [Float], by forest: IsolationForest = forest) -> Float {
        row.withUnsafeBufferPointer { forest.score($0) }
    }

    @Test("what stands apart scores higher than what does not, and all scores are within 0 and 1")
    func order() {
        let centre = score([0, 0, 0, 7])
        let edge = score([3, 0, 0, 7])
        let far = score([9, 9, 9, 7])
        #expect(0 < centre && centre < 0.5)
        #expect(centre < edge && edge < far)
        #expect(far > 0.7 && far < 1)
    }

    @Test("the score is the paper's: 2 to the minus of the mean path over the normal one")
    func paper() {
        // Two rows: every tree parts them at once, so h = 1 = c(2) and the score is a half.
        let pair = FeatureTable(columns: ["x"], values: [0, 1])
        #expect(score([0], by: IsolationForest(training: pair)) == 0.5)
        // Equal rows can't be parted: h = c(64), a half again.
        let equal = FeatureTable(columns: ["x"], values: Array(repeating: 3, count: 64))
        #expect(abs(score([3], by: IsolationForest(training: equal)) - 0.5) < 1e-6)
        // Three rows, c(3) = 2 (1 + 1/2) - 4/3 = 5/3; the lone one of 0, 0, 1 is parted at the root: 2^(-3/5).
        let three = FeatureTable(columns: ["x"], values: [0, 0, 1])
        #expect(abs(score([1], by: IsolationForest(training: three)) - 0.659_754) < 1e-5)
    }

    @Test("one seed gives one forest, another seed another")
    func seeds() {
        #expect(Self.forest == IsolationForest(training: Self.ordinary, options: .init(seed: 3)))
        #expect(Self.forest != IsolationForest(training: Self.ordinary, options: .init(seed: 4)))
    }

    @Test("rows scored together score bit for bit as alone", arguments: [1, 3, 4, 63, 64, 65, 257])
    func batch(rows: Int) {
        let table = Self.ordinary.rows(at: 0..<rows)
        let scores = Self.forest.scores(table)
        #expect(scores == (0..<rows).map { table.withRow($0) { Self.forest.score($0) } })
    }

    @Test("attributions add up to log2 of twice the score")
    func attributionsAddUp() {
        for row in [[0, 0, 0, 7], [4, 0, 0, 7], [-8, 9, 2, 7], [0.1, 3, -3, 0]] as [[Float]] {
            let attributions = row.withUnsafeBufferPointer { Self.forest.attributions($0) }
            // 2^sum / 2 is the score.
            var factor = 0.5
            let sum = Double(attributions.reduce(0, +))
            var step = 1.0
            // 2^sum by squaring 2^(sum / 1024), itself by its series: no library needed.
            let x = sum * 0.693_147_180_559_945_3 / 1024
            step = 1 + x + x * x / 2 + x * x * x / 6
            for _ in 0..<10 { step *= step }
            factor *= step
            #expect(abs(Double(score(row)) - factor) < 1e-4)
        }
    }

    @Test("the attributions name the column that stands apart, and none that was never compared")
    func attributionsName() {
        let attributions = ([0.1, -7, 0.2, 7] as [Float]).withUnsafeBufferPointer { Self.forest.attributions($0) }
        #expect(attributions[1] > 0.2)
        #expect(attributions[1] > 4 * max(attributions[0], attributions[2]))
        #expect(attributions[3] == 0)
    }

    @Test("columns that are not to be looked at don't count")
    func used() {
        let forest = IsolationForest(training: Self.ordinary, used: [0, 2])
        #expect(score([0, 50, 0, 7], by: forest) == score([0, 0, 0, 7], by: forest))
        #expect(score([50, 0, 0, 7], by: forest) > score([0, 0, 0, 7], by: forest))
    }

    @Test("extremes of Float, infinities and values that are no numbers have a score too")
    func extremes() {
        let wide = FeatureTable(
            columns: ["x"], values: [-.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0, 1, 2, 3])
        let forest = IsolationForest(training: wide)
        for value in [-.greatestFiniteMagnitude, .infinity, -.infinity, .nan, 0] as [Float] {
            let score = score([value], by: forest)
            #expect(0 < score && score < 1)
        }
    }

    @Test("a forest read from its bytes is the same forest")
    func codec() throws {
        var writer = ByteWriter()
        Self.forest.encode(into: &writer)
        let copy = try writer.bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            defer { #expect(reader.isAtEnd) }
            return try IsolationForest(from: &reader)
        }
        #expect(copy == Self.forest)
    }

    @Test("bytes that are cut off or altered give an error or a forest, never a crash")
    func damage() {
        var writer = ByteWriter()
        IsolationForest(training: Self.ordinary, options: .init(trees: 3, sample: 16)).encode(into: &writer)
        var random = SeededRandom(seed: 9)
        for cut in 0..<writer.count { #expect(throws: MalformedBytes.self) { try decode(Array(writer.bytes[..<cut])) } }
        for _ in 0..<2000 {
            var bytes = writer.bytes
            for _ in 0...random.next(below: 3) {
                bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
            }
            if let forest = try? decode(bytes), forest.columnCount == 4 { _ = score([0, 1, 2, 3], by: forest) }
        }
    }

    @discardableResult
    private func decode(_ bytes: [UInt8]) throws -> IsolationForest {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try IsolationForest(from: &reader)
        }
    }
}
