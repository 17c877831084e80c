import Gateway

extension BacktestDocument: TextRepresentable {
    private static let decisions = ["approve", "review", "block"]
    private static let shownExamples = 10

    package var text: String {
        var lines = [headline]
        guard let report else { return lines[0] }
        lines.append("")
        lines.append(Self.overlap(report))
        lines.append("")
        lines.append(Self.hits(report))
        if !report.days.isEmpty {
            lines.append("")
            lines.append(Self.days(report))
        }
        if !report.examples.isEmpty {
            lines.append("")
            lines.append(Self.examples(report))
        }
        lines.append("")
        lines.append(
            report.changed == 0
                ? "All \(report.payments) payments are decided as they were."
                : "\(report.changed) of \(report.payments) payments are decided otherwise.")
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        switch state {
        case .running: "The backtest \(id) is under way: \(processed) of \(total) payments."
        case .finished: "The backtest \(id) is finished: \(processed) payments up to log entry \(throughIndex)."
        case .cancelled: "The backtest \(id) was cancelled after \(processed) of \(total) payments."
        case .failed: "The backtest \(id) failed after \(processed) of \(total) payments: \(reason ?? "no reason told")"
        }
    }

    private static func overlap(_ report: BacktestReportDocument) -> String {
        var table = TextTable(header: ["STORED"] + decisions.map { "NOW " + $0.uppercased() })
        for stored in decisions {
            table.append([stored] + decisions.map { "\(report.overlap[stored]?[$0] ?? 0)" })
        }
        return table.text
    }

    private static func hits(_ report: BacktestReportDocument) -> String {
        var table = TextTable(header: ["RULE", "MODE", "HITS"])
        for rule in report.rules.sorted(by: { $0.hits > $1.hits }) where rule.hits > 0 {
            table.append([rule.id, rule.mode, "\(rule.hits)"])
        }
        return table.text
    }

    private static func days(_ report: BacktestReportDocument) -> String {
        var table = TextTable(header: ["DAY", "PAYMENTS"] + decisions.map { $0.uppercased() } + ["RULE HITS"])
        for day in report.days {
            table.append(
                [day.day, "\(day.payments)"] + decisions.map { "\(day.decisions[$0] ?? 0)" }
                    + ["\(day.hits.values.reduce(0, +))"])
        }
        return table.text
    }

    private static func examples(_ report: BacktestReportDocument) -> String {
        var table = TextTable(header: ["TRANSACTION", "STORED", "NOW", "RULES"])
        for example in report.examples.prefix(shownExamples) {
            table.append([
                example.transactionID, example.stored, example.candidate, example.fired.joined(separator: " "),
            ])
        }
        return table.text
    }
}
