package import ArgumentParser
import Gateway

/// `redoubt model`: the models that score.
package struct ModelCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Show models, send them to the cluster, and choose which one judges.",
        subcommands: [
            ModelListCommand.self, ModelPushCommand.self, ModelActivateCommand.self, ModelShadowCommand.self,
            ModelRollbackCommand.self, ModelCompareCommand.self, ModelRemoveCommand.self,
        ])

    package init() {}
}

/// A model's id on the command line.
package struct ModelIDArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The model's id, or the beginning of it.", valueName: "id"))
    package var id: String

    package init() {}
}

/// `redoubt model list`: which there are, and how they do.
package struct ModelListCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the models, and what became of what they said.")

    @OptionGroup package var administration: AdministrationOptions

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            try await client.send(.models, as: ModelsDocument.self, patienceSeconds: 10)
        }
    }
}

/// `redoubt model push`: an artifact onto all nodes.
package struct ModelPushCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Send a model to the cluster.",
        discussion: """
            The artifact, as `redoubt train` makes it, is checked and kept by all nodes. It judges only when it is \
            activated: by `redoubt model activate`, or at once with --activate.

            Exit code: 0 when it is done, 1 when it was refused, 2 when the outcome is not known.
            """)

    /// Of an artifact.
    static let maxBytes = 4 << 20

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The artifact.", valueName: "file"))
    package var file: String

    @Flag(name: .long, help: "Let it judge from now on.")
    package var activate = false

    @Flag(name: .long, help: "Let it score in the shadow from now on.")
    package var shadow = false

    package init() {}

    package func validate() throws {
        guard !(activate && shadow) else { throw ValidationError("Give --activate or --shadow, not both.") }
    }

    package func run() async throws {
        let artifact = try InputFile.bytes(file, maxBytes: Self.maxBytes)
        try await administration.run { client in
            let pushed = try await client.send(.pushModel(artifact), as: ChangeReceipt.self, patienceSeconds: 30)
            guard let id = pushed.model, activate || shadow else { return ModelChange(.push, pushed) }
            let change = try await client.send(
                activate ? .activateModel(id) : .shadowModel(id), as: ChangeReceipt.self, patienceSeconds: 30)
            return ModelChange(activate ? .activate : .shadow, change)
        }
    }
}

/// `redoubt model activate`: another one judges.
package struct ModelActivateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Let a model judge, from one log entry on everywhere.",
        discussion: "Exit code: 0 when it is done, 1 when it was refused, 2 when the outcome is not known.")

    @OptionGroup package var administration: AdministrationOptions
    @OptionGroup package var model: ModelIDArgument

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            let id = try await client.modelID(model.id)
            return ModelChange(
                .activate, try await client.send(.activateModel(id), as: ChangeReceipt.self, patienceSeconds: 10))
        }
    }
}

/// `redoubt model shadow`: one that scores and decides nothing.
package struct ModelShadowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Let a model score beside the active one, without deciding; or end that.",
        discussion: "Exit code: 0 when it is done, 1 when it was refused, 2 when the outcome is not known.")

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The model's id, or the beginning of it.", valueName: "id"))
    package var id: String?

    @Flag(name: .long, help: "None any more.")
    package var off = false

    package init() {}

    package func validate() throws {
        guard (id == nil) == off else { throw ValidationError("Name a model, or give --off.") }
    }

    package func run() async throws {
        try await administration.run { client in
            var known: String?
            if let id { known = try await client.modelID(id) }
            return ModelChange(
                off ? .endShadow : .shadow,
                try await client.send(.shadowModel(known), as: ChangeReceipt.self, patienceSeconds: 10))
        }
    }
}

/// `redoubt model rollback`: the one that judged before.
package struct ModelRollbackCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to the model that was active before; if there was none, rules decide alone.",
        discussion: "Exit code: 0 when it is done, 1 when it was refused, 2 when the outcome is not known.")

    @OptionGroup package var administration: AdministrationOptions

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            return ModelChange(.rollback, try await client.sendOnce(.rollBackModel, as: ChangeReceipt.self))
        }
    }
}

/// `redoubt model compare`: two, side by side.
package struct ModelCompareCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Show two models side by side: what they were trained on, and how they do here.",
        discussion: "Without ids: the active one, and the one in the shadow.")

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The first model's id, or the beginning of it.", valueName: "id"))
    package var first: String?

    @Argument(help: ArgumentHelp("The second one's.", valueName: "id"))
    package var second: String?

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            var a = first
            var b = second
            if let first { a = try await client.modelID(first) }
            if let second { b = try await client.modelID(second) }
            return try await client.send(.compareModels(a, b), as: ModelComparison.self, patienceSeconds: 10)
        }
    }
}

/// `redoubt model remove`: one that nobody needs any more.
package struct ModelRemoveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Have all nodes forget a model that is neither active nor in the shadow.",
        discussion: "Exit code: 0 when it is done, 1 when it was refused, 2 when the outcome is not known.")

    @OptionGroup package var administration: AdministrationOptions
    @OptionGroup package var model: ModelIDArgument

    package init() {}

    package func run() async throws {
        try await administration.run { client in
            let id = try await client.modelID(model.id)
            return ModelChange(
                .remove, try await client.send(.removeModel(id), as: ChangeReceipt.self, patienceSeconds: 10))
        }
    }
}

extension AdministrationClient {
    /// The id that begins so, if one alone does; what has the length of an id is taken as it is.
    fileprivate func modelID(_ prefix: String) async throws -> String {
        guard prefix.utf8.count < 16 else { return prefix }
        let known = try await send(.models, as: ModelsDocument.self, patienceSeconds: 10).models.map(\.id)
        let found = known.filter { $0.hasPrefix(prefix) }
        guard found.count == 1, !prefix.isEmpty else {
            let words = known.isEmpty ? "there is none" : "there are \(known.joined(separator: ", "))"
            throw ValidationError(
                "\(found.isEmpty ? "No model" : "More than one model") begins with '\(prefix)'; \(words).")
        }
        return found[0]
    }
}
