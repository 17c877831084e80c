import Ledger
import Raft

/// What became of a change of rules, lists or models: it is committed on a majority, and counts on every node from its
/// place in the log on.
public struct RegistryReceipt: Sendable, Equatable {
    /// The number of the rules, or the revision of the list or model.
    public let version: UInt64
    /// False: it was so already.
    public let changed: Bool
    /// The log index at or below which it is committed.
    public let commitIndex: UInt64

    public init(version: UInt64, changed: Bool, commitIndex: UInt64) {
        self.version = version
        self.changed = changed
        self.commitIndex = commitIndex
    }
}

extension Pipeline {
    /// Looks at the fold; what is seen is committed.
    func read<Value: Sendable>(
        _ look: @escaping @Sendable (LedgerState, Judge) -> Value
    ) async throws(BackendError) -> Value {
        do {
            return try await sequencer.read(look)
        } catch {
            throw .unavailable(reason: "this node is stopping", retryAfterSeconds: 1)
        }
    }

    /// The rules, lists and models as this node's fold has them, and where in the log they changed.
    func registry() async throws(BackendError) -> (registry: DetectionRegistry, changes: SettledChanges) {
        try await read { state, _ in (state.registry, state.changes) }
    }

    /// Carries a change to the log: returns once it is committed on a majority.
    func change(
        _ change: RegistryChange, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        let work = Work.change(author: Self.bounded(author: author), change)
        let (index, answer) = try await carry(work, deadlineMilliseconds: deadlineMilliseconds)
        switch answer {
        case .change(.changed(let version)):
            return RegistryReceipt(version: version, changed: true, commitIndex: index.rawValue)
        case .change(.unchanged(let version)):
            return RegistryReceipt(version: version, changed: false, commitIndex: index.rawValue)
        case .change(.refused(let refusal)): throw Self.error(refusal, of: change)
        case .groups, .labels, .reviews, .outbox, .stream, .nothing: throw .internal("no outcome for a change")
        }
    }

    /// As much of a token's subject as an entry may hold.
    static func bounded(author: String) -> String { author.bounded(toBytes: Command.maximumAuthorBytes) }

    private static func error(_ refusal: RegistryRefusal, of change: RegistryChange) -> BackendError {
        switch refusal {
        case .rulesChanged: .conflict(code: .rulesChanged, detail: "\(refusal)")
        case .modelChanged: .conflict(code: .modelChanged, detail: "\(refusal)")
        case .modelInUse: .conflict(code: .modelInUse, detail: "\(refusal)")
        case .tooManyModels: .conflict(code: .tooManyModels, detail: "\(refusal)")
        case .tooManyLists, .tooManyValues: .conflict(code: .tooManyLists, detail: "\(refusal)")
        case .listKindDiffers: .conflict(code: .listKindDiffers, detail: "\(refusal)")
        case .unknownList(let name): .notFound(what: "list \"\(name)\"")
        case .unknownModel(let id): .notFound(what: "model \(id)")
        case .unusable(let reason):
            switch change {
            case .putRules: .invalidRules(line: nil, column: nil, reason: reason)
            default: .invalid([InvalidField(field: "model", reason: reason)])
            }
        }
    }
}
