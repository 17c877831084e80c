import Detection
import Testing

/// Each rule at its threshold: it fires on one side and not on the other.
@Suite struct RuleSetTests {
    let rules = try! RuleSet()

    private func codes(_ event: PaymentEvent, _ profile: UserProfile? = nil) -> [String] {
        rules.assess(event, profile: profile).reasons.map(\.code)
    }

    /// `count` payments of 100.00 EUR to merchant 100, one a day, all long before the new year.
    private func history(_ count: Int, amount: Int64 = 100_00) -> UserProfile {
        profile((0..<count).map { event(amount: amount, atSeconds: Int64($0 - 100) * 86_400) })
    }

    @Test func whereNothingFiresOneReasonSaysSo() {
        let assessment = rules.assess(event(), profile: nil)
        #expect(assessment.decision == .approve)
        #expect(assessment.score == 0)
        #expect(
            assessment.reasons == [Reason(code: "no_rule_fired", text: "5 rules checked, none fired", points: 0)])
    }

    @Test func anAmountOverTheLimitFires() {
        #expect(codes(event(amount: 10_000_00)) == ["no_rule_fired"])
        let assessment = rules.assess(event(amount: 10_000_01), profile: nil)
        #expect(assessment.reasons.map(\.code) == ["amount_over_limit"])
        #expect(assessment.reasons[0].text == "10,000.01 EUR is over the limit of 10,000.00 EUR")
        #expect(assessment.score == 0.5)
        #expect(assessment.decision == .review)
    }

    @Test func aListedCurrencyHasItsOwnLimitAndAnotherTheDefault() {
        #expect(codes(event(amount: 1_600_000, currency: "JPY", exponent: 0)) == ["no_rule_fired"])
        #expect(codes(event(amount: 1_600_001, currency: "JPY", exponent: 0)) == ["amount_over_limit"])
        #expect(codes(event(amount: 10_000_000, currency: "KWD", exponent: 3)) == ["no_rule_fired"])
        #expect(codes(event(amount: 10_000_001, currency: "KWD", exponent: 3)) == ["amount_over_limit"])
    }

    @Test func aMultipleOfTheUsersMeanFires() {
        let known = history(5)
        #expect(codes(event(amount: 999_99), known) == ["no_rule_fired"])
        let assessment = rules.assess(event(amount: 1000_00), profile: known)
        #expect(assessment.reasons.map(\.code) == ["amount_over_mean"])
        #expect(assessment.reasons[0].text == "1,000.00 EUR is 10.0 times this user's mean of 100.00 EUR")
        #expect(assessment.decision == .approve)
        #expect(codes(event(amount: 1000_00), history(4)) == ["no_rule_fired"], "too little history")
        #expect(codes(event(amount: 1000_00, currency: "USD"), known) == ["no_rule_fired"], "another currency")
        #expect(codes(event(amount: 1000_00), history(9, amount: 0)) == ["no_rule_fired"], "a mean of nothing")
    }

    @Test func tooManyPaymentsInTheWindowFire() {
        func burst(_ count: Int) -> UserProfile { profile((0..<count).map { event(atSeconds: Int64($0)) }) }
        let last = event(atSeconds: 599)
        #expect(codes(last, burst(9)) == ["no_rule_fired"])
        let assessment = rules.assess(last, profile: burst(10))
        #expect(assessment.reasons.map(\.code) == ["count_in_window"])
        #expect(assessment.reasons[0].text == "11 payments within 10 minutes, more than 10")
        #expect(codes(event(atSeconds: 600), burst(10)) == ["no_rule_fired"], "the first has left the window")
    }

    @Test func tooMuchMoneyInTheWindowFires() {
        let before = profile([event(amount: 9000_00), event(amount: 9000_00, currency: "USD"), event(amount: 9000_00)])
        #expect(codes(event(amount: 2000_00, atSeconds: 60), before) == ["no_rule_fired"])
        let assessment = rules.assess(event(amount: 2000_01, atSeconds: 60), profile: before)
        #expect(assessment.reasons.map(\.code) == ["sum_in_window"])
        #expect(assessment.reasons[0].text == "20,000.01 EUR within 10 minutes, more than 20,000.00 EUR")
        #expect(codes(event(amount: 2000_01, atSeconds: 600), before) == ["no_rule_fired"])
    }

    @Test func aHighAmountToANewMerchantFires() {
        let known = history(5)
        #expect(codes(event(merchant: 7, amount: 299_99), known) == ["no_rule_fired"])
        #expect(codes(event(merchant: 100, amount: 300_00), known) == ["no_rule_fired"], "a merchant paid before")
        #expect(codes(event(merchant: 7, amount: 300_00), history(4)) == ["no_rule_fired"], "too little history")
        let assessment = rules.assess(event(merchant: 7, amount: 300_00), profile: known)
        #expect(assessment.reasons.map(\.code) == ["new_merchant_high_amount"])
        #expect(
            assessment.reasons[0].text
                == "300.00 EUR, 3.0 times this user's mean of 100.00 EUR, to a merchant not among the last 16")
    }

    @Test func anotherCountryTooSoonFires() {
        let before = profile([event(country: "FR")])
        let assessment = rules.assess(event(country: "DE", atSeconds: 7200), profile: before)
        #expect(assessment.reasons.map(\.code) == ["country_change"])
        #expect(assessment.reasons[0].text == "country changed from FR to DE within 2 hours")
        #expect(codes(event(country: "DE", atSeconds: 7201), before) == ["no_rule_fired"])
        #expect(codes(event(country: "DE", atSeconds: -7200), before) == ["country_change"], "out of order")
        #expect(codes(event(country: "FR", atSeconds: 60), before) == ["no_rule_fired"])
        #expect(codes(event(atSeconds: 60), before) == ["no_rule_fired"], "an unknown country")
    }

    @Test func anotherCurrencyTooSoonFires() {
        let before = profile([event()])
        let assessment = rules.assess(event(currency: "USD", atSeconds: 125), profile: before)
        #expect(assessment.reasons.map(\.code) == ["currency_change"])
        #expect(assessment.reasons[0].text == "currency changed from EUR to USD within 2 minutes 5 seconds")
        #expect(codes(event(currency: "USD", atSeconds: 7201), before) == ["no_rule_fired"])
    }

    @Test func theScoreIsOneMinusTheProductOfTheDoubtsLeft() {
        var events = (0..<5).map { event(amount: 100_00, country: "FR", atSeconds: Int64($0 - 5) * 86_400) }
        events.append(event(amount: 100_00, country: "FR", atSeconds: -60))
        let assessment = rules.assess(event(merchant: 7, amount: 20_000_00, country: "DE"), profile: profile(events))
        #expect(
            assessment.reasons.map(\.code) == [
                "amount_over_limit", "amount_over_mean", "sum_in_window", "new_merchant_high_amount", "country_change",
            ])
        #expect(assessment.score == Float(1 - 0.5 * 0.6 * 0.6 * 0.7 * 0.6))
        #expect(assessment.decision == .block)
    }

    @Test func theDecisionChangesExactlyAtItsScores() throws {
        var thresholds = RuleThresholds()
        thresholds.reviewScore = 0.5
        thresholds.blockScore = 0.5
        #expect(try RuleSet(thresholds).assess(event(amount: 10_000_01), profile: nil).decision == .block)
        thresholds.blockScore = 0.501
        #expect(try RuleSet(thresholds).assess(event(amount: 10_000_01), profile: nil).decision == .review)
        thresholds.reviewScore = 0.501
        #expect(try RuleSet(thresholds).assess(event(amount: 10_000_01), profile: nil).decision == .approve)
    }

    @Test func largeNumbersAreWrittenOut() throws {
        let tiny = history(5, amount: 1)
        let assessment = rules.assess(event(amount: PaymentEvent.maximumAmountMinor), profile: tiny)
        #expect(
            assessment.reasons[1].text
                == "9,999,999,999,999.99 EUR is 999,999,999,999,999 times this user's mean of 0.01 EUR")
    }
}
