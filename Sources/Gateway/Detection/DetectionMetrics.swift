import Detection
import Ledger
import Pipeline
import Synchronization

/// Numbers of labels, rules, lists and models.
final class DetectionMetrics: Sendable {
    private let registry: PrometheusRegistry
    private let invalidLabels: PrometheusCounter
    private let rulesVersion: PrometheusGauge
    private let models: PrometheusGauge
    private let lists: PrometheusGauge
    private let listEntries: PrometheusGauge
    private let isUpdating = Atomic<Bool>(false)
    /// States that were written before, which a model may have left since.
    private let written = Mutex<Set<[String]>>([])

    init(_ registry: PrometheusRegistry) {
        self.registry = registry
        for (name, help) in Self.names { registry.describe(name, help) }
        invalidLabels = registry.counter("redoubt_labels_total", [("verdict", "none"), ("outcome", "invalid")])
        rulesVersion = registry.gauge("redoubt_rules_version")
        models = registry.gauge("redoubt_models")
        lists = registry.gauge("redoubt_lists")
        listEntries = registry.gauge("redoubt_list_entries")
    }

    private static let names = [
        ("redoubt_labels_total", "Labels that this node was sent, by verdict and outcome."),
        ("redoubt_rules_version", "The version of the rules that is active; 0: those that the program ships."),
        ("redoubt_rule_hits", "How often a rule has fired since this node judges, by rule and mode."),
        ("redoubt_models", "Models that the cluster keeps."),
        ("redoubt_model_state", "1 for what a model is (active, shadow, stored), else 0."),
        ("redoubt_model_scored", "Payments that a model has scored, live or in the shadow."),
        ("redoubt_model_labelled", "Labelled payments by what a model had said of them; positive: review or block."),
        ("redoubt_model_precision", "Of the labelled payments that a model held back, the share that was fraud."),
        ("redoubt_model_recall", "Of the labelled frauds that a model scored, the share that it held back."),
        ("redoubt_model_score_psi", "Drift of a model's scores: their population stability index."),
        ("redoubt_lists", "Lists that rules look up."),
        ("redoubt_list_entries", "Entries of all lists together."),
    ]

    // MARK: Counted as it happens

    func count(_ outcomes: [LabelOutcome], of labels: [LabelRequest]) {
        for (label, outcome) in zip(labels, outcomes) {
            registry.counter(
                "redoubt_labels_total",
                [("verdict", label.verdict.name), ("outcome", LabelResult.Status(outcome).rawValue)]
            ).increment(by: Int64(1))
        }
    }

    func countInvalidLabels(_ count: Int) {
        if count > 0 { invalidLabels.increment(by: Int64(count)) }
    }

    // MARK: Asked for

    /// While somebody else's question is still open, the numbers stay those of the last answer.
    func update(from detection: any DetectionBackend) async {
        guard isUpdating.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return }
        defer { isUpdating.store(false, ordering: .releasing) }
        // A node that is stopping has no news.
        if let version = try? await detection.rules(version: nil) { rulesVersion.set(Int64(clamping: version.number)) }
        for hits in (try? await detection.ruleHits()) ?? [] {
            registry.gauge("redoubt_rule_hits", [("rule", hits.rule), ("mode", hits.isShadow ? "shadow" : "live")])
                .set(Int64(clamping: hits.hits))
        }
        if let lists = try? await detection.lists() {
            self.lists.set(Int64(lists.count))
            listEntries.set(Int64(lists.reduce(0) { $0 + $1.entries }))
        }
        if let models = try? await detection.models() {
            self.models.set(Int64(models.count))
            setStates(models)
            for model in models { set(model.report, of: model.id) }
        }
    }

    private func setStates(_ models: [ModelSummary]) {
        let current = Set(models.map { [$0.id, ModelDocument.State($0.state).rawValue] })
        let known = written.withLock { written in
            written.formUnion(current)
            return written
        }
        for pair in known {
            registry.gauge("redoubt_model_state", [("model", pair[0]), ("state", pair[1])])
                .set(Int64(current.contains(pair) ? 1 : 0))
        }
    }

    private func set(_ report: ModelReport, of model: String) {
        registry.gauge("redoubt_model_scored", [("model", model)]).set(Int64(clamping: report.scored))
        let outcomes = [
            ("true_positive", report.truePositives), ("false_positive", report.falsePositives),
            ("false_negative", report.falseNegatives), ("true_negative", report.trueNegatives),
        ]
        for (outcome, count) in outcomes {
            registry.gauge("redoubt_model_labelled", [("model", model), ("outcome", outcome)])
                .set(Int64(clamping: count))
        }
        if let precision = report.precision {
            registry.gauge("redoubt_model_precision", [("model", model)]).set(precision)
        }
        if let recall = report.recall { registry.gauge("redoubt_model_recall", [("model", model)]).set(recall) }
        if let psi = report.stabilityIndex { registry.gauge("redoubt_model_score_psi", [("model", model)]).set(psi) }
    }
}
