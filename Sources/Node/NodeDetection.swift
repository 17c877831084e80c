import Detection
import Gateway
import Pipeline

/// What the gateway is given of this node's detection engine: the pipeline, with the node's deadline.
struct NodeDetection: DetectionBackend {
    let pipeline: Pipeline
    let deadlineMilliseconds: Int

    // MARK: Labels and profiles

    func label(_ labels: [LabelRequest]) async throws(BackendError) -> LabelReceipt {
        try await pipeline.label(labels, deadlineMilliseconds: deadlineMilliseconds)
    }

    func userProfile(
        _ userID: String, consistency: ReadConsistency
    ) async throws(BackendError) -> ProfileAnswer<UserProfile>? {
        try await pipeline.userProfile(
            userID, consistency: consistency, deadlineMilliseconds: deadlineMilliseconds)
    }

    func merchantProfile(
        _ merchant: String, consistency: ReadConsistency
    ) async throws(BackendError) -> ProfileAnswer<MerchantProfile>? {
        try await pipeline.merchantProfile(
            merchant, consistency: consistency, deadlineMilliseconds: deadlineMilliseconds)
    }

    // MARK: Rules

    func rules(version: UInt64?) async throws(BackendError) -> RuleVersion {
        try await pipeline.rules(version: version)
    }

    func ruleHistory() async throws(BackendError) -> [RuleVersion] { try await pipeline.ruleHistory() }

    func ruleHits() async throws(BackendError) -> [RuleHits] { try await pipeline.ruleHits() }

    func putRules(
        _ text: String, comment: String, author: String, expecting: UInt64?
    ) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.putRules(
            text, comment: comment, author: author, expecting: expecting, deadlineMilliseconds: deadlineMilliseconds)
    }

    func rollBackRules(to version: UInt64?, author: String) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.rollBackRules(to: version, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    // MARK: Backtests

    func startBacktest(_ request: BacktestRequest, author: String) async throws(BackendError) -> BacktestStatus {
        try await pipeline.startBacktest(request, author: author)
    }

    func backtest(_ id: String) async throws(BackendError) -> BacktestStatus { try pipeline.backtest(id) }

    func backtests() async -> [BacktestStatus] { pipeline.allBacktests() }

    func cancelBacktest(_ id: String) async throws(BackendError) -> BacktestStatus {
        try pipeline.cancelBacktest(id)
    }

    // MARK: Lists

    func lists() async throws(BackendError) -> [ListSummary] { try await pipeline.lists() }

    func list(_ name: String, offset: Int, limit: Int) async throws(BackendError) -> ListPage {
        try await pipeline.list(name, offset: offset, limit: limit)
    }

    func putList(
        _ name: String, kind: ListKind, description: String, entries: [String], author: String
    ) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.putList(
            name, kind: kind, description: description, entries: entries, author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    func addToList(_ name: String, entries: [String], author: String) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.addToList(
            name, entries: entries, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func removeFromList(
        _ name: String, entries: [String], author: String
    ) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.removeFromList(
            name, entries: entries, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func deleteList(_ name: String, author: String) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.deleteList(name, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    // MARK: Models

    func models() async throws(BackendError) -> [ModelSummary] { try await pipeline.models() }

    func modelHistory() async throws(BackendError) -> [ModelActivation] { try await pipeline.modelHistory() }

    func model(_ id: String) async throws(BackendError) -> ModelSummary { try await pipeline.model(id) }

    func modelArtifact(_ id: String) async throws(BackendError) -> [UInt8] { try await pipeline.modelArtifact(id) }

    func pushModel(
        _ artifact: [UInt8], author: String
    ) async throws(BackendError) -> (id: String, receipt: RegistryReceipt) {
        try await pipeline.pushModel(artifact, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func activateModel(_ id: String, author: String) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.activateModel(id, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func shadowModel(_ id: String?, author: String) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.shadowModel(id, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func rollBackModel(author: String) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.rollBackModel(author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func removeModel(_ id: String, author: String) async throws(BackendError) -> RegistryReceipt {
        try await pipeline.removeModel(id, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }
}
