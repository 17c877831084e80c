import Bytes
import Detection
import Testing

@Suite("Calibration")
struct CalibrationTests {
    /// Margins, and labels that are 1 with the probability sigmoid(slope * margin + offset).
    private func draw(_ rows: Int, slope: Float, offset: Float, seed: UInt64) -> (margins: [Float], labels: [UInt8]) {
        var random = SeededRandom(seed: seed)
        let margins = (0..<rows).map { _ in 3 * random.nextNormal() }
        let labels = margins.map { margin -> UInt8 in
            random.nextUnit() < Double(Mathematics.sigmoid(slope * margin + offset)) ? 1 : 0
        }
        return (margins, labels)
    }

    @Test("the fit finds slope and offset again")
    func fit() {
        let (margins, labels) = draw(40_000, slope: 0.7, offset: -1.5, seed: 1)
        let calibration = Calibration(fitting: margins, labels: labels)
        #expect(abs(calibration.slope - 0.7) < 0.05)
        #expect(abs(calibration.offset + 1.5) < 0.1)
    }

    @Test("of the payments given a probability about that share is fraud")
    func meaning() {
        let (margins, labels) = draw(50_000, slope: 1.4, offset: -2, seed: 2)
        let calibration = Calibration(fitting: margins, labels: labels)
        for low in stride(from: Float(0), to: 1, by: 0.2) {
            let rows = margins.indices.filter { (low..<low + 0.2).contains(calibration.probability(margins[$0])) }
            let mean = rows.reduce(0) { $0 + Double(calibration.probability(margins[$1])) } / Double(rows.count)
            let share = Double(rows.count { labels[$0] == 1 }) / Double(rows.count)
            #expect(abs(mean - share) < 0.03)
        }
    }

    @Test("rows kept with weights for those left out give the probabilities of all")
    func weights() {
        let (margins, labels) = draw(60_000, slope: 1, offset: -3, seed: 3)
        let kept = margins.indices.filter { labels[$0] == 1 || $0 % 6 == 0 }
        let thinned = Calibration(
            fitting: kept.map { margins[$0] }, labels: kept.map { labels[$0] },
            weights: kept.map { labels[$0] == 1 ? 1 : 6 })
        #expect(abs(thinned.offset + 3) < 0.2)
    }

    @Test("perfectly separable margins and a single label give probabilities, and higher margins never lower ones")
    func degenerate() {
        let separable = Calibration(fitting: [-2, -1, 1, 2], labels: [0, 0, 1, 1])
        #expect(separable.probability(-2) < 0.5 && separable.probability(2) > 0.5 && separable.probability(2) < 1)
        #expect(Calibration(fitting: [1, 2], labels: [0, 0]) == .identity)
        let backwards = Calibration(fitting: [-2, -1, 1, 2], labels: [1, 1, 0, 0])
        #expect(backwards.probability(-5) <= backwards.probability(5))
    }

    @Test("a calibration read from its bytes is the same; one out of bounds is refused")
    func codec() throws {
        var writer = ByteWriter()
        let calibration = Calibration(fitting: [-2, -1, 1, 2, 0], labels: [0, 0, 1, 1, 1])
        calibration.encode(into: &writer)
        #expect(try decode(writer.bytes) == calibration)
        var forged = ByteWriter()
        forged.write(Float.nan)
        forged.write(Float(0))
        #expect(throws: MalformedBytes.self) { try decode(forged.bytes) }
    }

    private func decode(_ bytes: [UInt8]) throws -> Calibration {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try Calibration(from: &reader)
        }
    }
}
