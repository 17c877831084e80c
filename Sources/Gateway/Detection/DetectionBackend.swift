public import Detection
public import Pipeline

/// What analysts and operators do with the detection engine: labels, profiles, rules, lists, models. Called from any thread, by
/// many requests at once.
///
/// Any node takes these. A change returns once it is committed on a majority; it is in effect on every node from its log
/// entry on. What is read is this node's fold. `author` is the subject of the token that a request carries.
public protocol DetectionBackend: Sendable {
    // MARK: Labels and profiles

    /// One outcome for each label, in order.
    /// - Parameter labels: 1...`Pipeline.labelsPerRequest`.
    func label(_ labels: [LabelRequest]) async throws(BackendError) -> LabelReceipt

    /// Nil: nothing is known of the user.
    func userProfile(_ userID: String, consistency: ReadConsistency) async throws(BackendError)
        -> ProfileAnswer<UserProfile>?

    /// Nil: nothing is known of the merchant.
    /// - Parameter merchant: a merchant's id, or the name of one whose payments carry no id.
    func merchantProfile(_ merchant: String, consistency: ReadConsistency) async throws(BackendError)
        -> ProfileAnswer<MerchantProfile>?

    // MARK: Rules

    /// Nil: the version that is active.
    func rules(version: UInt64?) async throws(BackendError) -> RuleVersion
    /// Newest first.
    func ruleHistory() async throws(BackendError) -> [RuleVersion]
    /// How often the rules that are active have fired.
    func ruleHits() async throws(BackendError) -> [RuleHits]
    /// - Parameter expecting: the version that must be active; nil: any.
    func putRules(_ text: String, comment: String, author: String, expecting: UInt64?) async throws(BackendError)
        -> RegistryReceipt
    /// Nil: to the version before the one that is active.
    func rollBackRules(to version: UInt64?, author: String) async throws(BackendError) -> RegistryReceipt

    // MARK: Backtests

    /// Begins one on this node.
    func startBacktest(_ request: BacktestRequest, author: String) async throws(BackendError) -> BacktestStatus
    func backtest(_ id: String) async throws(BackendError) -> BacktestStatus
    func backtests() async -> [BacktestStatus]
    func cancelBacktest(_ id: String) async throws(BackendError) -> BacktestStatus

    // MARK: Lists

    func lists() async throws(BackendError) -> [ListSummary]
    /// - Parameter limit: 1...1000.
    func list(_ name: String, offset: Int, limit: Int) async throws(BackendError) -> ListPage
    /// Makes the list, or replaces all of it.
    func putList(_ name: String, kind: ListKind, description: String, entries: [String], author: String)
        async throws(BackendError) -> RegistryReceipt
    func addToList(_ name: String, entries: [String], author: String) async throws(BackendError) -> RegistryReceipt
    /// What is not in the list is passed over.
    func removeFromList(_ name: String, entries: [String], author: String) async throws(BackendError) -> RegistryReceipt
    func deleteList(_ name: String, author: String) async throws(BackendError) -> RegistryReceipt

    // MARK: Models

    func models() async throws(BackendError) -> [ModelSummary]
    /// Newest first.
    func modelHistory() async throws(BackendError) -> [ModelActivation]
    func model(_ id: String) async throws(BackendError) -> ModelSummary
    func modelArtifact(_ id: String) async throws(BackendError) -> [UInt8]
    func pushModel(_ artifact: [UInt8], author: String) async throws(BackendError) -> (
        id: String, receipt: RegistryReceipt
    )
    func activateModel(_ id: String, author: String) async throws(BackendError) -> RegistryReceipt
    /// Nil: no model runs in the shadow any more.
    func shadowModel(_ id: String?, author: String) async throws(BackendError) -> RegistryReceipt
    /// To the model that was active before, which may be none.
    func rollBackModel(author: String) async throws(BackendError) -> RegistryReceipt
    func removeModel(_ id: String, author: String) async throws(BackendError) -> RegistryReceipt
}
