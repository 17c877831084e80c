import Detection
import Testing

/// Each standard rule fires at its threshold, and not beside it.
@Suite struct StandardRulesTests {
    private let rules = RuleProgram.standard

    private func codes(_ event: PaymentEvent, _ features: [Feature: Float] = [:]) -> [String] {
        rules.codes(context(event, features))
    }

    @Test func anOrdinaryPaymentFiresNothing() {
        #expect(rules.outcome(ordinary) == .none)
        #expect(rules.outcome(context()) == .none, "nor does a user of whom nothing is known")
    }

    /// A known user's usual payment at a usual merchant.
    private var ordinary: RuleContext {
        var features: [Feature: Float] = [:]
        for feature in Feature.allCases { features[feature] = 0 }
        features[.userPayments] = 100
        features[.ratioToMean] = 1
        features[.count1h] = 1
        features[.sum1h] = 10
        features[.gapSeconds] = 80_000
        features[.hoursSinceOtherCountry] = -1
        return context(event(country: "DE"), features)
    }

    @Test(
        arguments: [("EUR", 2, 10_000_00), ("JPY", 0, 1_600_000), ("KWD", 3, 10_000_000)] as [(String, UInt8, Int64)])
    func anAmountOverTheLimitOfItsCurrencyFires(currency: String, exponent: UInt8, limit: Int64) {
        #expect(codes(event(amount: limit, currency: currency, exponent: exponent)) == [])
        #expect(codes(event(amount: limit + 1, currency: currency, exponent: exponent)) == ["amount_over_limit"])
    }

    @Test func theReasonNamesAmountAndLimit() {
        let outcome = rules.outcome(context(event(amount: 10_000_01)))
        #expect(outcome.reasons.map(\.text) == ["10,000.01 EUR is over the limit of 10,000.00 EUR"])
        #expect(rules.decision(points: outcome.points) == .review)
    }

    @Test(
        arguments: [
            ("amount_over_mean", [.ratioToMean: 10, .userPayments: 5], Feature.ratioToMean, Float(9.99)),
            ("amount_over_mean", [.ratioToMean: 10, .userPayments: 5], .userPayments, 4),
            ("new_merchant_high_amount", [.ratioToMean: 3, .userPayments: 5, .merchantIsNew: 1], .ratioToMean, 2.99),
            ("new_merchant_high_amount", [.ratioToMean: 3, .userPayments: 5, .merchantIsNew: 1], .merchantIsNew, 0),
            ("repeated_high_amounts", [.ratioToMean: 3, .highCount7d: 3], .highCount7d, 2),
            ("count_in_hour", [.count1h: 13], .count1h, 12),
            ("sum_in_hour", [.sum1h: 20_001, .count1h: 2], .sum1h, 20_000),
            ("test_then_burst", [.smallCount1h: 3, .ratioToMean: 2], .smallCount1h, 2),
            ("many_new_merchants", [.newMerchants24h: 8, .userPayments: 20], .newMerchants24h, 7),
            ("impossible_travel", [.countryChanged: 1, .hoursSinceOtherCountry: 2], .hoursSinceOtherCountry, 2.1),
            ("impossible_travel", [.countryChanged: 1, .hoursSinceOtherCountry: 2], .countryChanged, 0),
            ("currency_change", [.currencyChanged: 1, .gapSeconds: 7200], .gapSeconds, 7201),
            ("new_device_high_amount", [.deviceIsNew: 1, .ratioToMean: 3, .userPayments: 5], .deviceIsNew, 0),
            (
                "account_takeover", [.deviceIsNew: 1, .merchantIsNew: 1, .countryIsNew: 1, .userPayments: 5],
                .countryIsNew, 0
            ),
            ("merchant_watchlist", [.merchantFraudShare7d: 0.25, .merchantFrauds28d: 2], .merchantFraudShare7d, 0.24),
            ("user_had_fraud", [.userFrauds28d: 1, .ratioToMean: 3], .userFrauds28d, 0),
        ] as [(String, [Feature: Float], Feature, Float)])
    func aRuleFiresAtItsThreshold(rule: String, features: [Feature: Float], spoiled: Feature, by value: Float) {
        let payment = event(country: "DE")
        #expect(codes(payment, features) == [rule])
        var beside = features
        beside[spoiled] = value
        #expect(codes(payment, beside) == [])
        beside[spoiled] = FeatureVector.unknown
        #expect(codes(payment, beside) == [], "the unknown fires nothing")
    }

    @Test func listsDecideAndTrustOverrides() throws {
        var lists = ValueLists()
        for (name, kind) in rules.lists { try lists.apply(.create(name: name, kind: kind)) }
        let payment = event(user: 1, merchant: 2, amount: 20_000_00)
        #expect(rules.outcome(context(payment, lists: lists)).decision == nil)
        try lists.apply(.add(keys: [2], to: "watched_merchants"))
        #expect(rules.outcome(context(payment, lists: lists)).decision == .review)
        try lists.apply(.add(keys: [1], to: "blocked_users"))
        #expect(rules.outcome(context(payment, lists: lists)).decision == .block)
        try lists.apply(.add(keys: [1], to: "trusted_users"))
        let outcome = rules.outcome(context(payment, lists: lists))
        #expect(outcome.allowed)
        #expect(outcome.reasons[0].code == "trusted_user")
    }
}
