/// Judges payments: rules, isolation forest, transformer, their fusion, and the rules that read the models' scores.
///
/// What it says is a function of the payment, what was known before it, the model, the rules and the lists. The cache it
/// holds changes how long that takes and nothing else. For one thread.
public final class Detector {
    public var model: DetectionModel? { heldModel?.value }
    public var rules: RuleProgram { heldRules.value }
    public let lists: ValueLists

    // Behind one reference each: of a value in this class each use would retain all that it holds.
    private let heldModel: Shared<DetectionModel>?
    private let heldRules: Shared<RuleProgram>

    private let cache: TransformerCache
    private var staged: [Staged] = []
    /// Of the staged payments: rows of the fusion.
    private var rows: [Float] = []
    private var forestScores: [Float] = []
    private var margins: [Float] = []
    private let explainer: ModelExplainer?
    private let nothingFired: [Reason]

    private struct Staged {
        let event: PaymentEvent
        let features: FeatureVector
        let outcome: RuleOutcome
    }

    /// - Parameter model: nil: rules alone decide, and every assessment says so.
    /// - Parameter cacheCapacity: users whose state the transformer keeps; at least 1.
    public init(model: DetectionModel?, rules: RuleProgram, lists: ValueLists, cacheCapacity: Int) {
        heldModel = model.map(Shared.init)
        heldRules = Shared(rules)
        self.lists = lists
        cache = TransformerCache(capacity: cacheCapacity)
        explainer = heldModel.map(ModelExplainer.init)
        let none = Reason(code: "no_rule_fired", text: "\(rules.activeCount) rules checked, none fired", points: 0)
        nothingFired = model == nil ? [Self.noModel, none] : [none]
    }

    static let noModel = Reason(code: "no_model", text: "no model is active: rules alone decided", points: 0)

    /// Judges one payment by what was known before it.
    ///
    /// - Parameter history: the user's tokens before this one.
    public func assess(_ event: PaymentEvent, _ observation: Observation, history: TokenSequence) -> Assessment {
        precondition(staged.isEmpty, "a payment of its own amid a batch")
        guard heldModel != nil else { return judgeByRules(event, observation) }
        stage(event, observation, history: history)
        var only: Assessment?
        assessStaged { only = $0 }
        return only!
    }

    /// Takes a payment into the batch. `history` holds the user's tokens before it, those of the batch included.
    public func stage(_ event: PaymentEvent, _ observation: Observation, history: TokenSequence) {
        let context = RuleContext(event: event, features: observation.features, lists: lists)
        let outcome = heldRules.value.evaluate(context, phase: .beforeModel)
        staged.append(Staged(event: event, features: observation.features, outcome: outcome))
        guard let heldModel else { return }
        let logit = cache.logit(
            for: event.userKey, history: history, token: observation.token, by: heldModel.value.transformer)
        observation.features.withUnsafeValues { rows.append(contentsOf: $0) }
        rows.append(Float(outcome.points))
        rows.append(0)
        rows.append(logit)
    }

    /// Judges the batch, each payment exactly as `assess` would have, and empties it; `body` gets the assessments in the order of
    /// staging. Each engine sees all payments of the batch at once, which costs less.
    public func assessStaged(_ body: (Assessment) -> Void) {
        scoreRows()
        for position in staged.indices { body(judge(position)) }
        staged.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
    }

    /// Fills the forest's column of the staged rows, and the margins.
    private func scoreRows() {
        guard let heldModel, !staged.isEmpty else { return }
        let count = staged.count
        if forestScores.count < count {
            forestScores = Array(repeating: 0, count: count)
            margins = forestScores
        }
        let width = FusionColumns.count
        rows.withUnsafeMutableBufferPointer { rows in
            forestScores.withUnsafeMutableBufferPointer { scores in
                let scores = UnsafeMutableBufferPointer(rebasing: scores[..<count])
                heldModel.value.forest.scores(UnsafeBufferPointer(rows), stride: width, into: scores)
                for row in 0..<count { rows[row * width + FusionColumns.forestScore] = scores[row] }
            }
            margins.withUnsafeMutableBufferPointer { margins in
                let margins = UnsafeMutableBufferPointer(rebasing: margins[..<count])
                heldModel.value.fusion.margins(UnsafeBufferPointer(rows), stride: width, into: margins)
            }
        }
    }

    private func judge(_ position: Int) -> Assessment {
        let payment = staged[position]
        guard let heldModel, let explainer else {
            return judgeByRules(payment.event, payment.features, payment.outcome)
        }
        let logit = rows[position * FusionColumns.count + FusionColumns.transformerLogit]
        let scores = Assessment.Scores(
            rules: Float(payment.outcome.points), forest: forestScores[position],
            transformer: Mathematics.sigmoid(logit),
            probability: heldModel.value.calibration.probability(margins[position]))
        let context = RuleContext(
            event: payment.event, features: payment.features, forestScore: scores.forest,
            transformerScore: scores.transformer, probability: scores.probability, lists: lists)
        let outcome = payment.outcome.combined(with: heldRules.value.evaluate(context, phase: .afterModel))
        let decision = decision(outcome, scores.probability, heldModel.value.thresholds)
        var reasons = outcome.reasons
        if decision != .approve || scores.probability >= heldModel.value.thresholds.review {
            let width = FusionColumns.count
            rows.withUnsafeBufferPointer { rows in
                let row = UnsafeBufferPointer(rebasing: rows[position * width..<(position + 1) * width])
                reasons += explainer.reasons(for: row)
            }
        }
        return Assessment(
            decision: decision, score: scores.probability, reasons: reasons.isEmpty ? nothingFired : reasons,
            scores: scores, shadowHits: outcome.shadowHits)
    }

    /// A rule that decides has the last word. Else the model does, which knows the rules' points and has learnt what they
    /// are worth; but points that would block without it bring a payment to a human's eyes whatever it says.
    private func decision(
        _ outcome: RuleOutcome, _ probability: Float, _ thresholds: DecisionThresholds
    ) -> Decision {
        if let decision = outcome.decision { return decision }
        let decision = thresholds.decision(probability)
        return decision == .approve && heldRules.value.decision(points: outcome.points) == .block ? .review : decision
    }

    // MARK: Without a model

    private func judgeByRules(_ event: PaymentEvent, _ observation: Observation) -> Assessment {
        let context = RuleContext(event: event, features: observation.features, lists: lists)
        return judgeByRules(event, observation.features, heldRules.value.evaluate(context, phase: .beforeModel))
    }

    private func judgeByRules(_ event: PaymentEvent, _ features: FeatureVector, _ first: RuleOutcome) -> Assessment {
        let context = RuleContext(event: event, features: features, lists: lists)
        let outcome = first.combined(with: heldRules.value.evaluate(context, phase: .afterModel))
        return Assessment(
            decision: outcome.decision ?? heldRules.value.decision(points: outcome.points),
            score: Float(outcome.points),
            reasons: outcome.reasons.isEmpty ? nothingFired : outcome.reasons + [Self.noModel],
            shadowHits: outcome.shadowHits)
    }
}
