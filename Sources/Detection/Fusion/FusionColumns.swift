/// What the fusion sees of a payment: all features, in their order, and what each engine says.
public enum FusionColumns {
    public static let names = Feature.allCases.map(\.name) + ["rules_score", "forest_score", "transformer_logit"]
    public static let count = Feature.count + 3

    /// The points of the rules that read no model, 0...1.
    public static let rulesScore = Feature.count
    /// 0...1.
    public static let forestScore = Feature.count + 1
    /// Log odds.
    public static let transformerLogit = Feature.count + 2

    /// 64 bits over the names: models made for other columns are not for this program.
    public static let fingerprint = RuleNames.fingerprint(names.joined(separator: ",").utf8)
}
