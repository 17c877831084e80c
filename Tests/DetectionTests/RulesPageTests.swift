import Detection
import Foundation
import Testing

/// The page that documents the language says only what is so.
@Suite struct RulesPageTests {
    private let page: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        // A checkout that is linked into another package has the page elsewhere.
        let places = [root, root.appending(path: "../redoubt")].map { $0.appending(path: "docs/rules.md") }
        page =
            try places.lazy.compactMap { try? String(contentsOf: $0, encoding: .utf8) }.first
            ?? String(contentsOf: places[0], encoding: .utf8)
    }

    /// The lines of all blocks between ``` and ``` that begin with that word.
    private func blocks(_ language: String) -> [[Substring]] {
        var blocks: [[Substring]] = []
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```\(language)"
                if isInside { blocks.append([]) }
            } else if isInside {
                blocks[blocks.count - 1].append(line)
            }
        }
        return blocks
    }

    private let sections = "lists: {trusted_devices: device}\namounts: {euro: {default: 1}}"

    @Test func everyTextOfRulesCompiles() throws {
        let texts = blocks("yaml").map { $0.joined(separator: "\n") }
        #expect(!texts.isEmpty)
        for text in texts { _ = try RuleProgram(yaml: text) }
    }

    @Test func everyConditionCompiles() throws {
        let conditions = blocks("rules").joined().filter { !$0.isEmpty }
        #expect(conditions.count >= 10)
        for condition in conditions { _ = try RuleProgram(yaml: ruleText(String(condition), sections: sections)) }
    }

    @Test func everyReasonCompiles() throws {
        let reasons = blocks("reasons").joined().filter { !$0.isEmpty }
        #expect(reasons.count >= 4)
        for reason in reasons {
            _ = try RuleProgram(yaml: ruleText("\"true\"", "points: 1\n    reason: \"\(reason)\""))
        }
    }

    @Test func everyFeatureIsNamed() {
        for feature in Feature.allCases { #expect(page.contains("| `\(feature.name)` |"), "\(feature.name)") }
    }
}
