import Detection
import Testing

@Suite("Detector")
struct DetectorTests {
    private static let noRules = "rules: []\n"

    private func detector(
        _ model: DetectionModel? = ModelFixtures.model, rules: String? = nil, cacheCapacity: Int = 100
    ) throws -> Detector {
        Detector(
            model: model, rules: try rules.map { try RuleProgram(yaml: $0) } ?? .standard, lists: ValueLists(),
            cacheCapacity: cacheCapacity)
    }

    private func assess(_ detector: Detector, _ features: [Feature: Float], amount: Int64 = 10_00) -> Assessment {
        let observation = Observation(features: context(event(), features).features, token: Token())
        return detector.assess(event(amount: amount), observation, history: TokenSequence())
    }

    private static let suspicious: [Feature: Float] = [.merchantIsNew: 1, .ratioToMean: 9]
    private static let ordinary: [Feature: Float] = [.merchantIsNew: 0, .ratioToMean: 1]

    @Test("payments judged in batches get what they get one by one, whatever the batches")
    func batches() throws {
        let payments = ModelFixtures.stream(300, seed: 5)
        let alone = try detector()
        let single = payments.map { alone.assess($0.0, $0.1, history: $0.2) }
        for size in [1, 7, 256] {
            let together = try detector()
            var assessments: [Assessment] = []
            for start in stride(from: 0, to: payments.count, by: size) {
                for payment in payments[start..<min(start + size, payments.count)] {
                    together.stage(payment.0, payment.1, history: payment.2)
                }
                together.assessStaged { assessments.append($0) }
            }
            #expect(assessments == single)
        }
    }

    @Test("the size of the cache changes nothing but time")
    func cache() throws {
        let payments = ModelFixtures.stream(200, seed: 6)
        let (small, large) = (try detector(cacheCapacity: 1), try detector(cacheCapacity: 1000))
        for payment in payments {
            let one = small.assess(payment.0, payment.1, history: payment.2).scores!
            let other = large.assess(payment.0, payment.1, history: payment.2).scores!
            #expect(abs(one.transformer - other.transformer) < 1e-4)
            #expect(abs(one.probability - other.probability) < 1e-3)
        }
    }

    @Test("without a model the rules decide, and every assessment says so")
    func degraded() throws {
        let rules = "decision:\n  review: 0.5\n  block: 0.9\n" + ruleText("amount > 50", "points: 0.6")
        let detector = try detector(nil, rules: rules)
        let low = assess(detector, [:])
        #expect(low.decision == .approve && low.engine == "rules" && low.scores == nil && low.score == 0)
        #expect(low.reasons.map(\.code) == ["no_model", "no_rule_fired"])
        let high = assess(detector, [:], amount: 60_00)
        #expect(high.decision == .review && abs(high.score - 0.6) < 1e-6)
        #expect(high.reasons.map(\.code) == ["tested", "no_model"])
        // In a batch, too.
        let payments = ModelFixtures.stream(20, seed: 7)
        var batch: [Assessment] = []
        for payment in payments { detector.stage(payment.0, payment.1, history: payment.2) }
        detector.assessStaged { batch.append($0) }
        #expect(batch == payments.map { detector.assess($0.0, $0.1, history: $0.2) })
    }

    @Test("with a model its probability decides, and reasons name what speaks for fraud, in words and numbers")
    func hybrid() throws {
        let detector = try detector(rules: Self.noRules)
        let ordinary = assess(detector, Self.ordinary)
        #expect(ordinary.decision == .approve && ordinary.engine == "hybrid" && ordinary.score < 0.3)
        #expect(ordinary.reasons.map(\.code) == ["no_rule_fired"])
        let suspicious = assess(detector, Self.suspicious)
        #expect(suspicious.decision != .approve && suspicious.score > 0.5)
        #expect(suspicious.score == suspicious.scores?.probability)
        let codes = suspicious.reasons.map(\.code)
        #expect(1...3 ~= codes.count)
        #expect(Set(codes.prefix(2)) == ["model_merchant_is_new", "model_ratio_to_mean"])
        #expect(suspicious.reasons.contains { $0.text == "amount against the user's mean: 9.0 times" })
        #expect(suspicious.reasons.allSatisfy { 0 < $0.points && $0.points <= 1 })
    }

    @Test("a rule that decides has the last word over the model")
    func hardRules() throws {
        let allow = try detector(rules: ruleText("amount > 50", "decision: approve"))
        #expect(assess(allow, Self.suspicious).decision != .approve)
        #expect(assess(allow, Self.suspicious, amount: 60_00).decision == .approve)
        let block = try detector(rules: ruleText("amount > 50", "decision: block"))
        let assessment = assess(block, Self.ordinary, amount: 60_00)
        #expect(assessment.decision == .block && assessment.score < 0.3)
        #expect(assessment.reasons[0].code == "tested")
    }

    @Test("points that would block alone bring a payment to review, lesser ones leave it to the model")
    func points() throws {
        let sections = "decision:\n  review: 0.5\n  block: 0.9"
        let strong = try detector(rules: ruleText("amount > 50", "points: 0.95", sections: sections))
        #expect(assess(strong, Self.ordinary, amount: 60_00).decision == .review)
        let weak = try detector(rules: ruleText("amount > 50", "points: 0.6", sections: sections))
        let assessment = assess(weak, Self.ordinary, amount: 60_00)
        #expect(assessment.decision == .approve)
        #expect(abs(assessment.scores!.rules - 0.6) < 1e-6)
    }

    @Test("rules that read the models' scores see them, and those in shadow mode are told of")
    func afterModel() throws {
        let detector = try detector(
            rules: """
                rules:
                  - {id: sure, when: model.probability > 0.5, decision: block}
                  - {id: odd, when: model.forest > 0 and model.transformer > 0, points: 0.1, mode: shadow}

                """)
        #expect(assess(detector, Self.suspicious).decision == .block)
        #expect(assess(detector, Self.suspicious).reasons[0].code == "sure")
        let ordinary = assess(detector, Self.ordinary)
        #expect(ordinary.decision == .approve && ordinary.shadowHits.map(\.rule) == ["odd"])
    }
}
