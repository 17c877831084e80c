import Detection
import Testing

/// What follows when rules fire.
@Suite struct RuleOutcomeTests {
    private func rule(_ id: String, _ more: String, when: String = "true") -> String {
        "  - id: \(id)\n    when: \(when)\n" + more.split(separator: ";").map { "    \($0)\n" }.joined()
    }

    private func program(_ rules: String...) throws -> RuleProgram {
        try RuleProgram(yaml: "rules:\n" + rules.joined())
    }

    @Test func pointsTakeTheirShareOfTheDoubtThatIsLeft() throws {
        let outcome = try program(
            rule("a", "points: 0.5"), rule("b", "points: 0.4"), rule("c", "points: 0.9", when: "false")
        ).outcome(context())
        #expect(outcome.points == 1 - 0.5 * 0.6)
        #expect(outcome.reasons.map(\.code) == ["a", "b"])
        #expect(outcome.reasons.map(\.points) == [0.5, 0.4])
        #expect(outcome.decision == nil && !outcome.allowed)
    }

    @Test func theHighestPriorityDecidesAndItsReasonStandsFirst() throws {
        let outcome = try program(
            rule("low", "decision: approve;priority: 1"), rule("high", "decision: block;priority: 2"),
            rule("points", "points: 0.3;priority: 3")
        ).outcome(context())
        #expect(outcome.decision == .block)
        #expect(outcome.priority == 2)
        #expect(outcome.reasons.map(\.code) == ["high", "points", "low"])
    }

    @Test func amongEqualsAnApprovalOverridesABlockAndABlockAReview() throws {
        let approve = rule("approve", "decision: approve")
        let block = rule("block", "decision: block")
        let review = rule("review", "decision: review")
        for order in [[approve, block, review], [review, block, approve], [block, approve, review]] {
            let outcome = try RuleProgram(yaml: "rules:\n" + order.joined()).outcome(context())
            #expect(outcome.decision == .approve && outcome.allowed)
            #expect(outcome.reasons.first?.code == "approve")
        }
        for order in [[block, review], [review, block]] {
            #expect(try RuleProgram(yaml: "rules:\n" + order.joined()).outcome(context()).decision == .block)
        }
    }

    @Test func theTwoPhasesTogetherAreAsOne() throws {
        let before = rule("before", "decision: review;priority: 5;points: 0.5")
        let after = rule("after", "decision: block;priority: 6;points: 0.5", when: "model.forest > 0")
        let outcome = try program(before, after).outcome(context(forest: 0.5))
        #expect(outcome.decision == .block && outcome.priority == 6 && outcome.points == 0.75)
        #expect(outcome.reasons.map(\.code) == ["after", "before"])
        let weaker = rule("after", "decision: block;priority: 4", when: "model.forest > 0")
        let other = try program(before, weaker).outcome(context(forest: 0.5))
        #expect(other.decision == .review)
        #expect(other.reasons.map(\.code) == ["before", "after"])
    }

    @Test func aRuleInShadowModeIsReportedAndCountsForNothing() throws {
        let outcome = try program(
            rule("shadow", "mode: shadow;points: 0.5;decision: block;priority: 9"), rule("off", "mode: off;points: 1"),
            rule("live", "mode: live;points: 0.25")
        ).outcome(context())
        #expect(outcome.points == 0.25)
        #expect(outcome.decision == nil)
        #expect(outcome.reasons.map(\.code) == ["live"])
        #expect(outcome.shadowHits == [ShadowHit(rule: "shadow", points: 0.5, decision: .block)])
    }

    @Test func atMostSixteenReasonsAreGivenAndTheDecidingOneIsAmongThem() throws {
        var rules = (0..<30).map { rule("r\($0)", "points: 0.1;priority: \(100 - $0)") }
        rules.append(rule("last", "decision: block;priority: -1000"))
        rules += (0..<30).map { rule("s\($0)", "points: 0.1;mode: shadow") }
        let outcome = try RuleProgram(yaml: "rules:\n" + rules.joined()).outcome(context())
        #expect(outcome.reasons.map(\.code) == ["last"] + (0..<15).map { "r\($0)" })
        #expect(outcome.shadowHits.count == 16)
        #expect(outcome.decision == .block)
        #expect(abs(outcome.points - (1 - (0..<30).reduce(1.0) { doubt, _ in doubt * 0.9 })) < 1e-12, "all count")
    }

    @Test func pointsAloneDecideExactlyAtTheirThresholds() throws {
        let program = try RuleProgram(yaml: "decision: {review: 0.25, block: 0.75}\nrules: []")
        #expect(program.decision(points: 0.2499) == .approve)
        #expect(program.decision(points: 0.25) == .review)
        #expect(program.decision(points: 0.7499) == .review)
        #expect(program.decision(points: 0.75) == .block)
    }

    @Test func evaluationIsAPureFunctionOfTheContext() throws {
        let program = RuleProgram.standard
        let contexts = (0..<200).map { randomContext(UInt64($0)) }
        let once = contexts.map { program.outcome($0) }
        let again = contexts.reversed().map { program.outcome($0) }.reversed()
        #expect(once == Array(again))
        let copy = try RuleProgram(yaml: program.text)
        #expect(once == contexts.map { copy.outcome($0) })
        #expect(copy.fingerprint == program.fingerprint)
        #expect(try RuleProgram(yaml: program.text + "\n").fingerprint != program.fingerprint)
    }
}

/// Features and fields of all sizes, a third of them unknown.
func randomContext(_ seed: UInt64) -> RuleContext {
    var random = SeededRandom(seed)
    var features: [Feature: Float] = [:]
    for feature in Feature.allCases where random.below(3) > 0 {
        features[feature] = Float(random.below(1000)) / Float([1, 10, 1000][random.below(3)])
    }
    let payment = PaymentEvent(
        userKey: UInt64(random.below(5)), merchantKey: UInt64(random.below(5)), deviceKey: UInt64(random.below(5)),
        amountMinor: Int64(random.below(10_000_000)), currency: CurrencyTag(["EUR", "JPY", "KWD"][random.below(3)])!,
        minorUnitExponent: 2, country: [.unknown, CountryTag("DE")!, CountryTag("FR")!][random.below(3)],
        channel: UInt8(random.below(8)), occurredAtMicroseconds: newYear + Int64(random.below(1_000_000)) * 1_000_000)
    let score = random.below(2) == 0 ? nil : Float(random.below(100)) / 100
    return context(payment, features, forest: score, transformer: score, probability: score)
}
