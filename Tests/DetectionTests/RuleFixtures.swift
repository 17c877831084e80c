import Detection

/// One rule in YAML, the least that compiles.
func ruleText(_ condition: String, _ more: String = "points: 0.5", sections: String = "") -> String {
    "\(sections)\nrules:\n  - id: tested\n    when: \(condition)\n    \(more)\n"
}

func context(
    _ event: PaymentEvent = event(), _ features: [Feature: Float] = [:], lists: ValueLists = ValueLists(),
    forest: Float? = nil, transformer: Float? = nil, probability: Float? = nil
) -> RuleContext {
    var vector = FeatureVector()
    for feature in Feature.allCases where ![.amountZ, .merchantAmountZ].contains(feature) {
        vector[feature] = FeatureVector.unknown
    }
    for (feature, value) in features { vector[feature] = value }
    return RuleContext(
        event: event, features: vector, forestScore: forest, transformerScore: transformer, probability: probability,
        lists: lists)
}

extension RuleProgram {
    /// Both phases.
    func outcome(_ context: RuleContext) -> RuleOutcome {
        evaluate(context, phase: .beforeModel).combined(with: evaluate(context, phase: .afterModel))
    }

    func codes(_ context: RuleContext) -> [String] { outcome(context).reasons.map(\.code) }
}
