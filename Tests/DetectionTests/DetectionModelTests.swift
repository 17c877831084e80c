import Bytes
import Detection
import Testing

@Suite("Detection model")
struct DetectionModelTests {
    private static let artifact = ModelFixtures.model.encode()

    @Test("a model read from its artifact is the same model, with the same id")
    func roundTrip() throws {
        let copy = try DetectionModel(decoding: Self.artifact)
        #expect(copy == ModelFixtures.model)
        #expect(copy.header.id.utf8.count == 16)
        #expect(copy.header.metrics["average_precision"] == 0.75)
        #expect(Self.artifact.count < DetectionModel.maximumBytes)
    }

    @Test("other content or another header gives another id, the same gives the same")
    func identity() {
        let thresholds = ModelFixtures.model.thresholds
        #expect(ModelFixtures.make(seed: 1, thresholds: thresholds).header.id == ModelFixtures.model.header.id)
        #expect(ModelFixtures.make(seed: 2, thresholds: thresholds).header.id != ModelFixtures.model.header.id)
        let renamed = ModelFixtures.make(seed: 1, thresholds: thresholds, name: "other")
        #expect(renamed.header.id != ModelFixtures.model.header.id)
    }

    @Test("an artifact that was cut off or altered is refused and says why")
    func damage() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<100 {
            let cut = random.next(below: Self.artifact.count)
            #expect(throws: MalformedBytes.self) { try DetectionModel(decoding: Array(Self.artifact[..<cut])) }
            var altered = Self.artifact
            altered[random.next(below: altered.count)] ^= UInt8(1 + random.next(below: 255))
            #expect(throws: MalformedBytes.self) { try DetectionModel(decoding: altered) }
        }
        #expect(throws: MalformedBytes.self) { try DetectionModel(decoding: []) }
        #expect(throws: MalformedBytes.self) {
            try DetectionModel(decoding: Array(repeating: 0, count: DetectionModel.maximumBytes + 1))
        }
    }

    @Test("damage that brings its own checksum gives an error or a model, never a crash")
    func forgery() {
        var random = SeededRandom(seed: 2)
        for _ in 0..<60 {
            var forged = Self.artifact
            // Mostly near the beginnings of its parts, where counts and shapes stand.
            for _ in 0...random.next(below: 3) {
                let bound = random.next(below: 2) == 0 ? 200 : forged.count - 16
                forged[16 + random.next(below: bound)] = UInt8(random.next(below: 256))
            }
            let checksum = RuleNames.fingerprint(forged[16...])
            withUnsafeBytes(of: checksum.littleEndian) { forged.replaceSubrange(8..<16, with: $0) }
            guard let model = try? DetectionModel(decoding: forged) else { continue }
            let detector = Detector(model: model, rules: .standard, lists: ValueLists(), cacheCapacity: 10)
            for payment in ModelFixtures.stream(3, seed: 3) {
                let assessment = detector.assess(payment.0, payment.1, history: payment.2)
                #expect(assessment.score >= 0 && assessment.score <= 1)
            }
        }
    }
}

@Suite("Decision thresholds")
struct DecisionThresholdsTests {
    @Test("from costs: each decision is made where it is the cheapest")
    func costs() {
        let costs = DecisionThresholds.Costs(missedFraud: 100, falseBlock: 20, review: 2)
        let thresholds = DecisionThresholds(costs: costs)
        for probability in stride(from: 0.005, to: 1, by: 0.01) {
            let prices: [(Decision, Double)] = [
                (.approve, probability * 100), (.review, 2), (.block, (1 - probability) * 20),
            ]
            let cheapest = prices.min { $0.1 < $1.1 }!.0
            #expect(thresholds.decision(Float(probability)) == cheapest)
        }
    }

    @Test("a review that costs more than it can save is never asked for")
    func noReview() {
        let thresholds = DecisionThresholds(costs: .init(missedFraud: 10, falseBlock: 10, review: 8))
        #expect(thresholds.review == thresholds.block)
        #expect(abs(thresholds.block - 0.5) < 1e-6)
    }

    @Test("from a budget: at most so many alerts a day, equal probabilities never cut in two")
    func budget() {
        let probabilities: [Float] = (0..<1000).map { Float($0) / 1000 }
        let thresholds = DecisionThresholds(alertsPerDay: 5, probabilities: probabilities, days: 10)
        #expect(probabilities.count { thresholds.decision($0) != .approve } == 50)
        #expect(thresholds.block == thresholds.review)
        let tied = DecisionThresholds(alertsPerDay: 5, probabilities: [0.9, 0.4, 0.4, 0.4, 0.1], days: 0.5, block: 0.8)
        #expect([0.9, 0.4, 0.1].map(tied.decision) == [.block, .approve, .approve])
        let weighted = DecisionThresholds(
            alertsPerDay: 10, probabilities: [0.5, 0.4, 0.3], weights: [1, 6, 6], days: 1, block: 0.45)
        #expect([0.5, 0.4, 0.3].map(weighted.decision) == [.block, .review, .approve])
    }

    @Test("a budget larger than all payments alerts on all of them, none on none")
    func extremes() {
        let all = DecisionThresholds(alertsPerDay: 1e9, probabilities: [0.1, 0.2], days: 1)
        #expect(all.decision(0.1) == .review)
        let none = DecisionThresholds(alertsPerDay: 0, probabilities: [0.1, 1], days: 1)
        #expect(none.decision(1) == .approve)
    }
}
