package import ArgumentParser
import Gateway
import NIOCore

/// `redoubt rules`: what the cluster decides by.
package struct RulesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Read, change and try the rules.",
        subcommands: [
            RulesGetCommand.self, RulesPutCommand.self, RulesValidateCommand.self, RulesHistoryCommand.self,
            RulesRollbackCommand.self, RulesBacktestCommand.self,
        ])

    /// Of a text of rules.
    static let maxBytes = 262_144

    package init() {}
}

/// `redoubt rules get`: the text, fit to be changed and put back.
package struct RulesGetCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print the rules.",
        discussion: """
            Prints the YAML alone, so that it can go into a file:

              redoubt rules get > rules.yaml
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Option(name: .long, help: ArgumentHelp("An earlier version; the active one if left out.", valueName: "number"))
    package var version: UInt64?

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            try await client.send(
                .rules(version: version), as: RuleVersionDocument.self, patienceSeconds: 10)
        }
    }
}

/// `redoubt rules put`: other rules, from one log entry on everywhere.
package struct RulesPutCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Replace the rules.",
        discussion: """
            The text is checked before anything changes; what is wrong with it is told with line and column. With \
            --expecting the change is made only if that version is still the active one.

              redoubt rules put rules.yaml --comment "amount limit for JPY" --expecting 3

            Exit code: 0 when they are in effect, 1 when they were refused, 2 when the outcome is not known.
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("YAML; - is standard input.", valueName: "file"))
    package var file: String

    @Option(name: .long, help: ArgumentHelp("What the change is for.", valueName: "text"))
    package var comment: String?

    @Option(name: .long, help: ArgumentHelp("The version that must be active.", valueName: "number"))
    package var expecting: UInt64?

    package init() {}

    package func run() async throws {
        let text = try InputFile.text(file, maxBytes: RulesCommand.maxBytes)
        try await administration.run { client in
            RulesChange(
                change: try await client.send(
                    .putRules(text, comment: comment, expecting: expecting), as: ChangeReceipt.self,
                    patienceSeconds: 10))
        }
    }
}

/// `redoubt rules validate`: what the cluster would say to a text.
package struct RulesValidateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check rules without changing anything.",
        discussion: "Exit code: 0 when they could be used, 1 when not; line, column and reason are told.")

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("YAML; - is standard input.", valueName: "file"))
    package var file: String

    package init() {}

    package func run() async throws {
        let text = try InputFile.text(file, maxBytes: RulesCommand.maxBytes)
        try await administration.run { client in
            try await client.send(
                .validateRules(text), as: RuleValidation.self, patienceSeconds: 10)
        }
    }
}

/// `redoubt rules history`: who changed what when.
package struct RulesHistoryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show the versions of the rules, newest first.")

    @OptionGroup package var administration: AdministrationOptions

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            try await client.send(
                .ruleHistory, as: RuleHistoryDocument.self, patienceSeconds: 10)
        }
    }
}

/// `redoubt rules rollback`: an earlier text again.
package struct RulesRollbackCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to an earlier version of the rules.",
        discussion: """
            The earlier text becomes a new version. Exit code: 0 when it is in effect, 1 when it was refused, 2 when \
            the outcome is not known.
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Option(
        name: .long, help: ArgumentHelp("Which version; the one before the active if left out.", valueName: "number"))
    package var to: UInt64?

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            let change = try await client.sendOnce(.rollBackRules(to: to), as: ChangeReceipt.self)
            return RulesChange(change: change)
        }
    }
}

// MARK: - What they print

/// A change of the rules.
struct RulesChange: Encodable, TextRepresentable {
    let change: ChangeReceipt

    func encode(to encoder: any Encoder) throws { try change.encode(to: encoder) }

    var text: String {
        change.changed
            ? "Version \(change.version) of the rules is in effect from log entry \(change.logIndex) on."
            : "Nothing changed: version \(change.version) of the rules has this text already."
    }
}

extension RuleVersionDocument: TextRepresentable {
    /// The YAML alone.
    package var text: String { yaml ?? "" }
}

extension RuleValidation: TextRepresentable {
    package var text: String { "These rules can be used: \(rules) in all, \(live) live, \(shadow) in shadow mode." }
}

extension RuleHistoryDocument: TextRepresentable {
    package var text: String {
        var table = TextTable(header: ["VERSION", "TIME", "AUTHOR", "INDEX", "COMMENT"])
        for version in versions {
            var comment = version.comment
            if let restored = version.restores {
                comment = "as version \(restored) again" + (comment.isEmpty ? "" : ": \(comment)")
            }
            table.append([
                "\(version.version)" + (version.active ? " (active)" : ""), version.createdAt ?? "-", version.author,
                version.logIndex.map { "\($0)" } ?? "-", comment,
            ])
        }
        return table.text
    }
}
