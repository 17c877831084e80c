import Foundation

/// A run's directory: the verdict for programs and the picture for people, beside history and logs.
package struct RunReport {
    private let verdict: Verdict
    private let history: RunHistory

    package init(_ verdict: Verdict, _ history: RunHistory) {
        self.verdict = verdict
        self.history = history
    }

    package func write(to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(verdict).write(to: URL(fileURLWithPath: directory + "/verdict.json"))
        try Timeline(verdict, history).page().write(to: directory + "/report.html")
    }
}
