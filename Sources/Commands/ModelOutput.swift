import Gateway

/// A model that was pushed, or whose office changed.
struct ModelChange: Encodable, TextRepresentable {
    enum Verb {
        case push, activate, shadow, endShadow, rollback, remove
    }

    let verb: Verb
    let change: ChangeReceipt

    init(_ verb: Verb, _ change: ChangeReceipt) {
        self.verb = verb
        self.change = change
    }

    func encode(to encoder: any Encoder) throws { try change.encode(to: encoder) }

    var text: String {
        let model = change.model.map { "Model \($0)" } ?? "The model"
        let since = "from log entry \(change.logIndex) on"
        guard change.changed else { return "Nothing changed: it was so already." }
        return switch verb {
        case .push: "\(model) is on the nodes. `redoubt model activate` lets it judge."
        case .activate: "\(model) judges, on every node, \(since)."
        case .shadow: "\(model) scores in the shadow, \(since)."
        case .endShadow: "No model scores in the shadow, \(since)."
        case .rollback: "The model before judges again, \(since). `redoubt model list` shows it."
        case .remove: "\(model) is forgotten, \(since)."
        }
    }
}

extension ModelsDocument: TextRepresentable {
    package var text: String {
        guard !models.isEmpty else { return "There is no model: rules decide alone." }
        var table = TextTable(
            header: ["MODEL", "NAME", "STATE", "TRAINED ON", "AP", "SCORED", "PRECISION", "RECALL", "PSI", "PUSHED"])
        for model in models {
            let report = model.report
            table.append([
                model.id, model.name, model.state.rawValue, "\(model.rows) rows, \(model.frauds) frauds",
                ModelText.number(model.metrics["ap"]), report.map { "\($0.scored)" } ?? "-",
                ModelText.number(report?.precision), ModelText.number(report?.recall), ModelText.number(report?.psi),
                model.pushedAt,
            ])
        }
        return table.text + (active == nil ? "\nNo model is active: rules decide alone." : "")
    }
}

extension ModelComparison: TextRepresentable {
    package var text: String {
        var table = TextTable(header: ["", a.id, b.id, "DIFFERENCE"])
        func row(_ name: String, _ value: (ModelDocument) -> String, _ difference: Double? = nil) {
            table.append([name, value(a), value(b), difference.map { ModelText.signed($0) } ?? ""])
        }
        row("name", \.name)
        row("state", \.state.rawValue)
        row("trained from") { $0.trainedFrom ?? "-" }
        row("trained to") { $0.trainedTo ?? "-" }
        row("rows") { "\($0.rows)" }
        row("frauds") { "\($0.frauds)" }
        for name in Set(a.metrics.keys).union(b.metrics.keys).sorted() {
            row(name, { ModelText.number($0.metrics[name]) }, difference[name])
        }
        row("scored here") { $0.report.map { "\($0.scored)" } ?? "-" }
        row("precision here", { ModelText.number($0.report?.precision) }, difference["live_precision"])
        row("recall here", { ModelText.number($0.report?.recall) }, difference["live_recall"])
        row("drift (PSI)") { ModelText.number($0.report?.psi) }
        return table.text
    }
}

enum ModelText {
    static func number(_ value: Double?) -> String {
        value.map { "\($0.rounded(places: 4))" } ?? "-"
    }

    static func signed(_ value: Double) -> String {
        (value >= 0 ? "+" : "") + "\(value.rounded(places: 4))"
    }
}
