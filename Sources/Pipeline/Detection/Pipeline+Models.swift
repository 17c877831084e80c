public import Detection
public import Ledger
import Raft

public enum ModelState: String, Sendable, CaseIterable {
    case active, shadow, stored
}

/// A model that the cluster keeps.
public struct ModelSummary: Sendable {
    /// 16 hexadecimal digits.
    public let id: String
    public let header: ModelHeader
    public let byteCount: Int
    public let state: ModelState
    public let pushedBy: String
    public let pushedAtMicroseconds: Int64
    /// Of the entry that brought it; nil: of long ago.
    public let logIndex: UInt64?
    public let report: ModelReport

    public init(
        id: String, header: ModelHeader, byteCount: Int, state: ModelState, pushedBy: String,
        pushedAtMicroseconds: Int64, logIndex: UInt64?, report: ModelReport
    ) {
        self.id = id
        self.header = header
        self.byteCount = byteCount
        self.state = state
        self.pushedBy = pushedBy
        self.pushedAtMicroseconds = pushedAtMicroseconds
        self.logIndex = logIndex
        self.report = report
    }
}

/// A model came into use, or out of it.
public struct ModelActivation: Sendable, Equatable {
    /// Nil: none.
    public let model: String?
    public let role: ModelRole
    public let previous: String?
    public let isRollBack: Bool
    public let author: String
    public let atMicroseconds: Int64
    /// Nil: of long ago.
    public let logIndex: UInt64?

    public init(
        model: String?, role: ModelRole, previous: String?, isRollBack: Bool, author: String, atMicroseconds: Int64,
        logIndex: UInt64?
    ) {
        self.model = model
        self.role = role
        self.previous = previous
        self.isRollBack = isRollBack
        self.author = author
        self.atMicroseconds = atMicroseconds
        self.logIndex = logIndex
    }
}

extension Pipeline {
    public func models() async throws(BackendError) -> [ModelSummary] {
        let (registry, changes, reports) = try await read { state, _ in
            (state.registry, state.changes, state.registry.models.map { state.report(of: $0.id) ?? ModelReport() })
        }
        var summaries: [ModelSummary] = []
        for (model, report) in zip(registry.models, reports) {
            let state: ModelState =
                model.id == registry.activeModel ? .active : model.id == registry.shadowModel ? .shadow : .stored
            summaries.append(
                ModelSummary(
                    id: model.id.description, header: try Self.header(model.artifact), byteCount: model.artifact.count,
                    state: state, pushedBy: model.mark.author, pushedAtMicroseconds: model.mark.timeMicroseconds,
                    logIndex: changes.index(of: model.mark.revision)?.rawValue, report: report))
        }
        return summaries
    }

    /// Newest first.
    public func modelHistory() async throws(BackendError) -> [ModelActivation] {
        let (registry, changes) = try await registry()
        return registry.activations.reversed().map { activation in
            ModelActivation(
                model: activation.model?.description, role: activation.role,
                previous: activation.previous?.description, isRollBack: activation.isRollBack,
                author: activation.mark.author, atMicroseconds: activation.mark.timeMicroseconds,
                logIndex: changes.index(of: activation.mark.revision)?.rawValue)
        }
    }

    public func model(_ id: String) async throws(BackendError) -> ModelSummary {
        guard let found = try await models().first(where: { $0.id == id.lowercased() }) else {
            throw .notFound(what: "model \(id)")
        }
        return found
    }

    public func modelArtifact(_ id: String) async throws(BackendError) -> [UInt8] {
        let id = try Self.modelID(id)
        guard let model = try await registry().registry.model(id) else { throw .notFound(what: "model \(id)") }
        return model.artifact
    }

    /// Takes a model in: it is kept on every node, and not in use yet. The same artifact has the same id.
    public func pushModel(
        _ artifact: [UInt8], author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> (id: String, receipt: RegistryReceipt) {
        guard 1...DetectionRegistry.modelBytes ~= artifact.count else {
            throw .invalid([
                InvalidField(
                    field: "model", reason: "must be 1 to \(DetectionRegistry.modelBytes) bytes, has \(artifact.count)")
            ])
        }
        let header: ModelHeader
        do {
            header = try DetectionModel(decoding: artifact).header
        } catch {
            throw .invalid([InvalidField(field: "model", reason: "\(error)")])
        }
        let id = try Self.modelID(header.id)
        let receipt = try await change(
            .putModel(id: id, artifact: artifact), author: author, deadlineMilliseconds: deadlineMilliseconds)
        return (id.description, receipt)
    }

    public func activateModel(
        _ id: String, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        try await change(
            .activateModel(try Self.modelID(id)), author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    /// Has a model score beside the active one; nil: none any more.
    public func shadowModel(
        _ id: String?, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        var model: ModelID?
        if let id { model = try Self.modelID(id) }
        return try await change(.shadowModel(model), author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    /// Back to the active model before, or to rules alone; done again, one further.
    public func rollBackModel(author: String, deadlineMilliseconds: Int) async throws(BackendError) -> RegistryReceipt {
        let registry = try await registry().registry
        guard let target = registry.modelToRollBackTo else {
            throw .conflict(code: .noEarlierModel, detail: "no model was active before the present one")
        }
        return try await change(
            .rollBackModel(to: target, from: registry.activeModel), author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    public func removeModel(
        _ id: String, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        try await change(
            .removeModel(try Self.modelID(id)), author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    private static func modelID(_ text: String) throws(BackendError) -> ModelID {
        guard let id = ModelID(text) else {
            throw .invalid([InvalidField(field: "model", reason: "an id has 16 hexadecimal digits")])
        }
        return id
    }

    private static func header(_ artifact: [UInt8]) throws(BackendError) -> ModelHeader {
        do {
            return try DetectionModel(decoding: artifact).header
        } catch {
            throw .internal("a stored model can't be read: \(error)")
        }
    }
}
