extension Token {
    /// A payment's token from its features; see `TokenField` for the units.
    init(_ features: borrowing FeatureVector, _ novelty: UserNovelty) {
        self = .zero
        let ratio = features[.ratioToMean]
        if ratio >= 0 { set(.amountRatio, 16 * Mathematics.log2(Swift.max(ratio, 0.001))) }
        set(.amount, 9 * Mathematics.log2(1 + features[.amount]))
        set(.gap, Self.logarithm(features[.gapSeconds], steps: 4))
        set(.hour, features[.hour])
        set(.weekday, features[.weekday])
        self[TokenField.country.rawValue] = novelty.country
        self[TokenField.currency.rawValue] = novelty.currency
        set(.channel, Swift.min(features[.channel], 7))
        self[TokenField.device.rawValue] = novelty.device
        self[TokenField.merchant.rawValue] = novelty.merchant
        let hours = features[.hoursSinceOtherCountry]
        set(.otherCountry, hours < 0 ? -1 : Self.logarithm(hours * 60, steps: 6))
        set(.merchantAmount, 16 * features[.merchantAmountZ])
        set(.merchantFraudShare, features[.merchantFraudShare7d] * (features[.merchantFraudShare7d] < 0 ? 1 : 100))
        set(.merchantRun, 8 * features[.runUnexplained])
        set(.merchantGenuineAge, Self.quarterDays(features[.daysSinceGenuine]))
        set(.merchantRunAge, Self.quarterDays(features[.daysSinceRunStart]))
    }

    private mutating func set(_ field: TokenField, _ value: Float) {
        self[field.rawValue] = TokenField.quantised(value)
    }

    /// steps · log2(1 + value), or -1 for an unknown.
    private static func logarithm(_ value: Float, steps: Float) -> Float {
        value < 0 ? -1 : steps * Mathematics.log2(1 + value)
    }

    private static func quarterDays(_ days: Float) -> Float { days < 0 ? -1 : 4 * days }
}
