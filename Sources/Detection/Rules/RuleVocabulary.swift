/// Every name that a condition may use.
package enum RuleVocabulary {
    /// The fields of a payment.
    static let fields: [(name: String, type: RuleType, operation: RuleInstruction.Operation?)] = [
        ("amount", .money, .amount), ("currency", .currency, .currency), ("country", .country, .country),
        ("channel", .channel, .channel), ("hour", .number, .hour), ("weekday", .weekday, .weekday),
        ("user", .key(.user), nil), ("merchant", .key(.merchant), nil), ("device", .key(.device), nil),
    ]

    static let scores: [(name: String, operation: RuleInstruction.Operation)] = [
        ("model.probability", .probability), ("model.forest", .forestScore), ("model.transformer", .transformerScore),
    ]

    static let functions: [(name: String, arguments: Int)] = [
        ("known", 1), ("fallback", 2), ("min", 2), ("max", 2), ("abs", 1),
    ]

    static let keywords = ["and", "or", "not", "in", "list", "true", "false"]

    static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    /// Names for which a misspelt one may have been meant; tables by "amounts." and their name.
    package static func names(tables: [String]) -> [String] {
        fields.map(\.name) + Feature.allCases.map(\.name) + scores.map(\.name) + tables.map { "amounts.\($0)" }
            + functions.map(\.name)
    }

    /// Features for which -1 is a value like any other and which are never unknown.
    static let signedFeatures: Set<Feature> = [.amountZ, .merchantAmountZ]

    /// Features that are yes (1) or no (0), and may stand where true or false is wanted.
    static let flags: Set<Feature> = [
        .isWeekend, .isNight, .merchantIsNew, .countryIsNew, .countryChanged, .deviceIsNew, .deviceChanged,
        .currencyIsNew, .currencyChanged, .channelIsNew,
    ]

    static let features: [String: Feature] = Dictionary(
        uniqueKeysWithValues: Feature.allCases.map { ($0.name, $0) })
}
