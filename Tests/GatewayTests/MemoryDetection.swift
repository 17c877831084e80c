import Detection
import Gateway
import Ledger
import Pipeline
import Synchronization

/// A stand-in for the detection engine's live side, that remembers what it was asked for and fails on request.
final class MemoryDetection: DetectionBackend {
    enum Call: Equatable {
        case label([LabelRequest])
        case putRules(String, comment: String, author: String, expecting: UInt64?)
        case rollBackRules(to: UInt64?, author: String)
        case backtest(BacktestRequest, author: String)
        case cancel(String)
        case putList(String, ListKind, description: String, [String], author: String)
        case add(String, [String])
        case remove(String, [String])
        case deleteList(String)
        case push([UInt8], author: String)
        case activate(String, author: String)
        case shadow(String?)
        case rollBackModel
        case removeModel(String)
        case readList(String, offset: Int, limit: Int)
        case profile(String, ReadConsistency)
    }

    struct State {
        var calls: [Call] = []
        var failure: BackendError?
        /// Ids of transactions that are not there.
        var unknown: Set<TransactionID> = []
        /// Of payments that are labelled.
        var verdicts: [TransactionID: Verdict] = [:]
        var changes = true
        var models: [ModelSummary] = []
        var backtests: [BacktestStatus] = []
    }

    let state = Mutex(State())
    var calls: [Call] { state.withLock { $0.calls } }

    private func note(_ call: Call) throws(BackendError) {
        let failure = state.withLock { state in
            state.calls.append(call)
            return state.failure
        }
        if let failure { throw failure }
    }

    private func receipt(_ call: Call) throws(BackendError) -> RegistryReceipt {
        try note(call)
        return RegistryReceipt(version: 5, changed: state.withLock { $0.changes }, commitIndex: 90)
    }

    // MARK: Labels and profiles

    func label(_ labels: [LabelRequest]) async throws(BackendError) -> LabelReceipt {
        try note(.label(labels))
        let outcomes = state.withLock { state in
            labels.map { label -> LabelOutcome in
                if state.unknown.contains(label.transactionID) { return .unknownTransaction }
                let before = state.verdicts.updateValue(label.verdict, forKey: label.transactionID)
                return before == nil ? .accepted : before == label.verdict ? .unchanged : .changed
            }
        }
        return LabelReceipt(outcomes: outcomes, commitIndex: 88)
    }

    func userProfile(
        _ userID: String, consistency: ReadConsistency
    ) async throws(BackendError) -> ProfileAnswer<UserProfile>? {
        try note(.profile(userID, consistency))
        return userID == "nobody" ? nil : ProfileAnswer(profile: UserProfile(), index: 17)
    }

    func merchantProfile(
        _ merchant: String, consistency: ReadConsistency
    ) async throws(BackendError) -> ProfileAnswer<MerchantProfile>? {
        try note(.profile(merchant, consistency))
        return merchant == "nobody" ? nil : ProfileAnswer(profile: MerchantProfile(), index: 18)
    }

    // MARK: Rules

    static let version = RuleVersion(
        number: 4, text: RuleProgram.standardText, author: "ann", comment: "limits",
        createdAtMicroseconds: 1_763_819_100_250_000, logIndex: 70, restores: nil, isActive: true)

    func rules(version: UInt64?) async throws(BackendError) -> RuleVersion {
        guard version ?? 4 == 4 else { throw .notFound(what: "rules version \(version!)") }
        return Self.version
    }

    func ruleHistory() async throws(BackendError) -> [RuleVersion] {
        [
            Self.version,
            RuleVersion(
                number: 0, text: "version: 1", author: "", comment: "", createdAtMicroseconds: 0, logIndex: 0,
                restores: nil, isActive: false),
        ]
    }

    func ruleHits() async throws(BackendError) -> [RuleHits] {
        [RuleHits(rule: "velocity", isShadow: false, hits: 12), RuleHits(rule: "night", isShadow: true, hits: 3)]
    }

    func putRules(
        _ text: String, comment: String, author: String, expecting: UInt64?
    ) async throws(BackendError) -> RegistryReceipt {
        try receipt(.putRules(text, comment: comment, author: author, expecting: expecting))
    }

    func rollBackRules(to version: UInt64?, author: String) async throws(BackendError) -> RegistryReceipt {
        try receipt(.rollBackRules(to: version, author: author))
    }

    // MARK: Backtests

    static func status(_ state: BacktestState = .running) -> BacktestStatus {
        BacktestStatus(
            id: "bt-1", request: BacktestRequest(rules: .asTheyWere), author: "ann", state: state,
            startedAtMicroseconds: 1_763_819_100_250_000, processed: 50, total: 200,
            throughIndex: 77, report: nil)
    }

    func startBacktest(_ request: BacktestRequest, author: String) async throws(BackendError) -> BacktestStatus {
        try note(.backtest(request, author: author))
        return Self.status()
    }

    func backtest(_ id: String) async throws(BackendError) -> BacktestStatus {
        guard id == "bt-1" else { throw .notFound(what: "backtest \(id)") }
        return Self.status(.failed(reason: "PostgreSQL is away"))
    }

    func backtests() async -> [BacktestStatus] { [Self.status()] }

    func cancelBacktest(_ id: String) async throws(BackendError) -> BacktestStatus {
        try note(.cancel(id))
        return Self.status(.cancelled)
    }

    // MARK: Lists

    static let list = ListSummary(
        name: "blocked_devices", kind: .device, description: "stolen", entries: 2, version: 3,
        changedAtMicroseconds: 1_763_819_100_250_000, changedBy: "ann", logIndex: 60)

    func lists() async throws(BackendError) -> [ListSummary] { [Self.list] }

    func list(_ name: String, offset: Int, limit: Int) async throws(BackendError) -> ListPage {
        try note(.readList(name, offset: offset, limit: limit))
        guard name == Self.list.name else { throw .notFound(what: "list \"\(name)\"") }
        return ListPage(
            list: Self.list,
            entries: [ListEntry(value: "d-17", addedAtMicroseconds: 1_763_819_100_000_000, addedBy: "ann")],
            nextOffset: 1)
    }

    func putList(
        _ name: String, kind: ListKind, description: String, entries: [String], author: String
    ) async throws(BackendError) -> RegistryReceipt {
        try receipt(.putList(name, kind, description: description, entries, author: author))
    }

    func addToList(_ name: String, entries: [String], author: String) async throws(BackendError) -> RegistryReceipt {
        try receipt(.add(name, entries))
    }

    func removeFromList(
        _ name: String, entries: [String], author: String
    ) async throws(BackendError) -> RegistryReceipt {
        try receipt(.remove(name, entries))
    }

    func deleteList(_ name: String, author: String) async throws(BackendError) -> RegistryReceipt {
        try receipt(.deleteList(name))
    }

    // MARK: Models

    func models() async throws(BackendError) -> [ModelSummary] { state.withLock { $0.models } }

    func modelHistory() async throws(BackendError) -> [ModelActivation] {
        [
            ModelActivation(
                model: "00112233445566aa", role: .active, previous: nil, isRollBack: false, author: "ann",
                atMicroseconds: 1_763_819_100_250_000, logIndex: 64)
        ]
    }

    func model(_ id: String) async throws(BackendError) -> ModelSummary {
        guard let model = state.withLock({ $0.models.first { $0.id == id } }) else {
            throw .notFound(what: "model \(id)")
        }
        return model
    }

    func modelArtifact(_ id: String) async throws(BackendError) -> [UInt8] {
        _ = try await model(id)
        return [0, 255, 10, 13]
    }

    func pushModel(
        _ artifact: [UInt8], author: String
    ) async throws(BackendError) -> (id: String, receipt: RegistryReceipt) {
        ("00112233445566aa", try receipt(.push(artifact, author: author)))
    }

    func activateModel(_ id: String, author: String) async throws(BackendError) -> RegistryReceipt {
        try receipt(.activate(id, author: author))
    }

    func shadowModel(_ id: String?, author: String) async throws(BackendError) -> RegistryReceipt {
        try receipt(.shadow(id))
    }

    func rollBackModel(author: String) async throws(BackendError) -> RegistryReceipt { try receipt(.rollBackModel) }

    func removeModel(_ id: String, author: String) async throws(BackendError) -> RegistryReceipt {
        try receipt(.removeModel(id))
    }
}
