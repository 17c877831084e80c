package import ArgumentParser
package import Gateway

/// `redoubt lists`: the values that rules look up.
package struct ListsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "lists",
        abstract: "Show and change the lists that rules look up.",
        subcommands: [
            ListsShowCommand.self, ListsGetCommand.self, ListsPutCommand.self, ListsAddCommand.self,
            ListsRemoveCommand.self, ListsDeleteCommand.self,
        ], defaultSubcommand: ListsShowCommand.self)

    package init() {}
}

/// `redoubt lists show`: which there are.
package struct ListsShowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(commandName: "show", abstract: "Show all lists.")

    @OptionGroup package var administration: AdministrationOptions

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            try await client.send(.lists, as: ListsDocument.self, patienceSeconds: 10)
        }
    }
}

/// `redoubt lists get`: what is in one.
package struct ListsGetCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(commandName: "get", abstract: "Show a list's entries.")

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The list.", valueName: "name"))
    package var name: String

    @Option(name: .long, help: ArgumentHelp("Entries to pass over.", valueName: "number"))
    package var offset = 0

    @Option(name: .long, help: ArgumentHelp("How many entries, 1 to 1000.", valueName: "number"))
    package var limit = 1000

    package init() {}

    package func validate() throws {
        guard offset >= 0 else { throw ValidationError("--offset must be 0 or more.") }
        guard (1...1000).contains(limit) else { throw ValidationError("--limit must lie between 1 and 1000.") }
    }

    package func run() async throws {
        try await administration.run { client in
            try await client.send(
                .list(name, offset: offset, limit: limit), as: ListPageDocument.self, patienceSeconds: 10)
        }
    }
}

/// Values for a list, on the command line or one a line in a file.
package struct ListValueOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The values.", valueName: "value"))
    package var values: [String] = []

    @Option(name: .long, help: ArgumentHelp("More values, one a line; - is standard input.", valueName: "file"))
    package var file: String?

    package init() {}

    func all() throws -> [String] {
        guard let file else { return values }
        let lines = try InputFile.text(file, maxBytes: 4 << 20).split(whereSeparator: \.isNewline)
        return values + lines.map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
    }
}

/// `redoubt lists put`: makes a list, or replaces all of it.
package struct ListsPutCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Make a list, or replace all of it.",
        discussion: """
              redoubt lists put blocked_devices --kind device --description "stolen in May" d-17 d-18

            Exit code: 0 when it is in effect, 1 when it was refused, 2 when the outcome is not known.
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The list.", valueName: "name"))
    package var name: String

    @Option(
        name: .long, help: ArgumentHelp("What the values are: user, merchant, device, country or currency."))
    package var kind: String

    @Option(name: .long, help: "What the list is for.")
    package var description = ""

    @OptionGroup package var values: ListValueOptions

    package init() {}

    package func run() async throws {
        let entries = try values.all()
        try await administration.run { client in
            let change = try await client.send(
                try .putList(name, kind: kind, description: description, entries: entries), as: ChangeReceipt.self,
                patienceSeconds: 10)
            return ListChangeResult(name: name, change: change)
        }
    }
}

/// `redoubt lists add`: more values.
package struct ListsAddCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add values to a list; those that it has already change nothing.")

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The list.", valueName: "name"))
    package var name: String

    @OptionGroup package var values: ListValueOptions

    package init() {}

    package func run() async throws {
        try await ListChangeResult.run(administration, name, try values.all(), isRemoval: false)
    }
}

/// `redoubt lists remove`: fewer values.
package struct ListsRemoveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take values out of a list; those that it does not have change nothing.")

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The list.", valueName: "name"))
    package var name: String

    @OptionGroup package var values: ListValueOptions

    package init() {}

    package func run() async throws {
        try await ListChangeResult.run(administration, name, try values.all(), isRemoval: true)
    }
}

/// `redoubt lists delete`: one list less.
package struct ListsDeleteCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a list with all its entries.",
        discussion: "Rules that look it up then find nothing in it.")

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The list.", valueName: "name"))
    package var name: String

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            let change = try await client.send(
                .deleteList(name), as: ChangeReceipt.self, patienceSeconds: 10)
            return ListChangeResult(name: name, change: change)
        }
    }
}

// MARK: - What they print

/// A change of a list.
struct ListChangeResult: Encodable, TextRepresentable {
    let name: String
    let change: ChangeReceipt

    static func run(
        _ administration: AdministrationOptions, _ name: String, _ entries: [String], isRemoval: Bool
    ) async throws {
        guard !entries.isEmpty else { throw ValidationError("Name at least one value, or give --file.") }
        try await administration.run { client in
            let change = try await client.send(
                try .changeList(name, entries: entries, isRemoval: isRemoval), as: ChangeReceipt.self,
                patienceSeconds: 10)
            return ListChangeResult(name: name, change: change)
        }
    }

    func encode(to encoder: any Encoder) throws { try change.encode(to: encoder) }

    var text: String {
        change.changed
            ? "\(name) is changed, in effect from log entry \(change.logIndex) on." : "Nothing changed in \(name)."
    }
}

extension ListsDocument: TextRepresentable {
    package var text: String {
        guard !lists.isEmpty else { return "There is no list." }
        var table = TextTable(header: ["NAME", "KIND", "ENTRIES", "CHANGED", "BY", "DESCRIPTION"])
        for list in lists {
            table.append([
                list.name, list.kind, "\(list.entries)", list.changedAt, list.changedBy, list.description,
            ])
        }
        return table.text
    }
}

extension ListPageDocument: TextRepresentable {
    package var text: String {
        guard !entries.isEmpty else { return "No entries." }
        var table = TextTable(header: ["VALUE", "ADDED", "BY"])
        for entry in entries { table.append([entry.value, entry.addedAt, entry.addedBy]) }
        let rest = nextOffset.map { "\nMore follow: --offset \($0)" } ?? ""
        return table.text + rest
    }
}
