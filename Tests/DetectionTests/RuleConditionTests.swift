import Detection
import Testing

/// What conditions mean.
@Suite struct RuleConditionTests {
    private func fires(_ condition: String, _ context: RuleContext, sections: String = "") throws -> Bool {
        try !RuleProgram(yaml: ruleText(condition, sections: sections)).outcome(context).reasons.isEmpty
    }

    private func expect(_ condition: String, _ context: RuleContext, _ expected: Bool) throws {
        #expect(try fires(condition, context) == expected, "\(condition)")
    }

    @Test(arguments: [
        ("1 + 2 * 3 == 7", true), ("(1 + 2) * 3 == 9", true), ("10 - 3 - 2 == 5", true), ("12 / 3 / 2 == 2", true),
        ("-2 * -3 == 6", true), ("2 - - 2 == -(-4)", true), ("2 < 3", true), ("3 < 3", false), ("3 <= 3", true),
        ("4 > 3", true), ("3 >= 4", false), ("3 != 3", false), ("10_000 == 10000", true), ("0.5 == 1 / 2", true),
        ("2h == 7200", true), ("90s == 1.5m", true), ("7d == 604800", true), ("min(2, 3) == 2", true),
        ("max(2, 3) == 3", true), ("abs(-2) == 2", true), ("3 in [1, 2, 3]", true), ("4 in [1, 2, 3]", false),
        ("4 not in [1, 2, 3]", true), ("-1 in [-1]", true), ("true", true), ("false", false), ("not false", true),
        ("not not true", true), ("true or false and false", true), ("(true or false) and false", false),
        ("not true or true", true), ("1 < 2 and 2 < 3", true), ("1 < 2 and 3 < 2", false), ("not (1 < 2)", false),
    ])
    func arithmeticAndLogicBindAsInMathematics(condition: String, expected: Bool) throws {
        try expect(condition, context(), expected)
    }

    @Test func theFieldsOfAPaymentAreReadInTheirUnits() throws {
        // 2026-01-01 was a Thursday.
        let payment = context(event(amount: 1234_56, country: "DE", atSeconds: 3 * 3600 + 59))
        for condition in [
            "amount == 1234.56", "currency == EUR", "currency == \"EUR\"", "currency != 'USD'", "country == DE",
            "country in [FR, DE]", "country not in [FR, NO]", "hour == 3", "weekday == thursday",
            "weekday not in [saturday, sunday]",
        ] { try expect(condition, payment, true) }
        try expect("amount == 1234567", context(event(amount: 1_234_567, currency: "JPY", exponent: 0)), true)
        try expect("amount == 1234.567", context(event(amount: 1_234_567, currency: "KWD", exponent: 3)), true)
        try expect("amount > 9_999_999_999_999", context(event(amount: PaymentEvent.maximumAmountMinor)), true)
        for (day, name) in ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"].enumerated() {
            try expect("weekday == \(name)", context(event(atSeconds: Int64(day) * 86_400)), true)
        }
    }

    @Test(arguments: PaymentChannel.allCases)
    func aChannelIsComparedByItsName(channel: PaymentChannel) throws {
        let payment = PaymentEvent(
            userKey: 1, merchantKey: 2, amountMinor: 1, currency: CurrencyTag("EUR")!, minorUnitExponent: 2,
            channel: channel.rawValue, occurredAtMicroseconds: newYear)
        try expect("channel == \(channel.name)", context(payment), true)
        try expect("channel not in [\(channel.name)]", context(payment), false)
        try expect("channel == \(channel.name) or channel != \(channel.name)", context(), false)
    }

    @Test(arguments: Feature.allCases)
    func everyFeatureIsReadByItsName(feature: Feature) throws {
        let payment = context(event(), [feature: 0.7])
        try expect("feature.\(feature.name) >= 0.7", payment, true)
        try expect("0.7 <= feature.\(feature.name)", payment, true)
        try expect("feature.\(feature.name) == 0.7", payment, true)
        try expect("feature.\(feature.name) in [0.7]", payment, true)
        try expect("feature.\(feature.name) > 0.7", payment, false)
        try expect("feature.\(feature.name) < 0.7 or 0.7 < feature.\(feature.name)", payment, false)
        try expect("feature.\(feature.name) + 1 > 1.6", payment, true)
    }

    @Test func aDeviationOfMinusOneIsAValueAndNotUnknown() throws {
        let payment = context(event(), [.amountZ: -1, .merchantAmountZ: -1])
        try expect("amount_z < -0.5 and merchant_amount_z == -1", payment, true)
        try expect("known(amount_z) and -0.5 > amount_z", payment, true)
    }

    @Test func aFlagStandsForTrueOrFalse() throws {
        for (value, expected) in [(Float(1), true), (0, false), (-1, false)] {
            let payment = context(event(), [.merchantIsNew: value])
            try expect("merchant_is_new", payment, expected)
            try expect("merchant_is_new and amount > 0", payment, expected)
            try expect("false or merchant_is_new", payment, expected)
            try expect("merchant_is_new == 1", payment, expected)
        }
        try expect("not merchant_is_new", context(event(), [.merchantIsNew: 0]), true)
        try expect("not merchant_is_new", context(), false)
    }

    /// Three-valued logic: a rule fires only on what is known to be so.
    @Test(arguments: [
        ("ratio_to_mean < 5", false), ("ratio_to_mean >= 5", false), ("not ratio_to_mean < 5", false),
        ("ratio_to_mean == ratio_to_mean", false), ("ratio_to_mean != 5", false), ("-ratio_to_mean < 5", false),
        ("ratio_to_mean * 0 == 0", false), ("min(ratio_to_mean, 1) < 5", false), ("max(1, ratio_to_mean) > 0", false),
        ("ratio_to_mean in [1]", false), ("ratio_to_mean not in [1]", false), ("country == DE", false),
        ("country != DE", false), ("country not in [DE]", false), ("channel != online", false),
        ("device in list phones", false), ("device not in list phones", false), ("country not in list places", false),
        ("model.probability < 1", false), ("ratio_to_mean < 5 or true", true), ("true or ratio_to_mean < 5", true),
        ("ratio_to_mean < 5 and true", false), ("ratio_to_mean < 5 or false", false),
        ("not (ratio_to_mean < 5 and false)", true), ("not (false and ratio_to_mean < 5)", true),
        ("not (ratio_to_mean < 5 or false)", false), ("known(ratio_to_mean)", false), ("not known(country)", true),
        ("not known(device)", true), ("known(amount)", true), ("fallback(ratio_to_mean, 7) == 7", true),
        ("fallback(2, ratio_to_mean) == 2", true), ("not known(model.forest)", true), ("not known(channel)", true),
    ])
    func theUnknownStaysUnknown(condition: String, expected: Bool) throws {
        let lists = "lists:\n  phones: device\n  places: country"
        #expect(try fires(condition, context(), sections: lists) == expected)
    }

    @Test(arguments: [
        "amount / 0 > 1", "amount / 0 < 1", "0 / 0 == 0 / 0", "-amount / (hour - hour) < 0",
        "1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 "
            + "* 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 "
            + "* 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 "
            + "* 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 "
            + "* 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 "
            + "* 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000 > 1",
    ])
    func whatIsNoFiniteNumberIsUnknown(condition: String) throws { try expect(condition, context(), false) }

    @Test func aScoreThatIsNotANumberIsUnknown() throws {
        for score in [Float.nan, .infinity, -.infinity] {
            try expect("model.forest >= 0 or model.forest < 0", context(forest: score), false)
        }
    }

    @Test func theScoresOfModelsAreReadAfterTheModel() throws {
        let program = try RuleProgram(
            yaml: ruleText("model.probability > 0.5 and model.forest > 0.1 and model.transformer > 0.2"))
        let scored = context(forest: 0.3, transformer: 0.4, probability: 0.6)
        #expect(program.rules.map(\.phase) == [.afterModel])
        #expect(program.evaluate(scored, phase: .beforeModel) == .none)
        #expect(program.evaluate(scored, phase: .afterModel).points == 0.5)
        #expect(program.evaluate(context(), phase: .afterModel) == .none, "without a model nothing is known of it")
    }

    @Test func listsHoldWhatTheirKindSays() throws {
        let sections =
            "lists:\n  people: user\n  shops: merchant\n  phones: device\n  places: country\n  money: currency"
        var lists = ValueLists()
        for (name, kind) in [
            ("people", ListKind.user), ("shops", .merchant), ("phones", .device), ("places", .country),
            ("money", .currency),
        ] { try lists.apply(.create(name: name, kind: kind)) }
        try lists.apply(.add(keys: [7], to: "people"))
        try lists.apply(.add(keys: [8], to: "shops"))
        try lists.apply(.add(keys: [9], to: "phones"))
        try lists.apply(.add(keys: [UInt64(CountryTag("DE")!.rawValue)], to: "places"))
        try lists.apply(.add(keys: [UInt64(CurrencyTag("USD")!.rawValue)], to: "money"))
        let payment = PaymentEvent(
            userKey: 7, merchantKey: 8, deviceKey: 9, amountMinor: 1, currency: CurrencyTag("USD")!,
            minorUnitExponent: 2, country: CountryTag("DE")!, occurredAtMicroseconds: newYear)
        let other = PaymentEvent(
            userKey: 8, merchantKey: 7, deviceKey: 1, amountMinor: 1, currency: CurrencyTag("EUR")!,
            minorUnitExponent: 2, country: CountryTag("FR")!, occurredAtMicroseconds: newYear)
        for condition in [
            "user in list people", "merchant in list shops", "device in list phones", "country in list places",
            "currency in list money",
        ] {
            #expect(try fires(condition, context(payment, lists: lists), sections: sections))
            #expect(try !fires(condition, context(other, lists: lists), sections: sections))
            #expect(try !fires(condition, context(payment), sections: sections), "a list that does not exist is empty")
            let negated = condition.replacing(" in list", with: " not in list")
            #expect(try !fires(negated, context(payment, lists: lists), sections: sections))
            #expect(try fires(negated, context(other, lists: lists), sections: sections))
        }
        var renamed = ValueLists()
        try renamed.apply(.create(name: "people", kind: .merchant))
        try renamed.apply(.add(keys: [7], to: "people"))
        #expect(
            try !fires("user in list people", context(payment, lists: renamed), sections: sections),
            "a list of another kind holds no user")
    }

    @Test func aTableGivesEachCurrencyItsAmount() throws {
        let sections = "amounts:\n  high:\n    default: 1000\n    JPY: 160_000\n    CHF: 900.5\n  some:\n    EUR: 5"
        func judge(_ condition: String, _ amount: Int64, _ currency: String, _ exponent: UInt8) throws -> Bool {
            try fires(
                condition, context(event(amount: amount, currency: currency, exponent: exponent)), sections: sections)
        }
        #expect(try !judge("amount > amounts.high", 1000_00, "EUR", 2))
        #expect(try judge("amount > amounts.high", 1000_01, "EUR", 2))
        #expect(try !judge("amount > amounts.high", 160_000, "JPY", 0))
        #expect(try judge("amount > amounts.high", 160_001, "JPY", 0))
        #expect(try judge("amount == amounts.high", 900_50, "CHF", 2))
        #expect(try judge("amount > 2 * amounts.some", 10_01, "EUR", 2))
        #expect(try !judge("amount > amounts.some", 10_01, "USD", 2), "no entry and no default: unknown")
    }
}
