import Detection
import Ledger
import Raft

/// One version of the rules.
public struct RuleVersion: Sendable, Equatable {
    /// 0: the set that the program ships.
    public let number: UInt64
    /// YAML.
    public let text: String
    public let author: String
    public let comment: String
    /// Zero for version 0.
    public let createdAtMicroseconds: Int64
    /// Of the entry that brought it; nil for version 0, and for one of long ago.
    public let logIndex: UInt64?
    /// It is a roll back to this version.
    public let restores: UInt64?
    public let isActive: Bool

    public init(
        number: UInt64, text: String, author: String, comment: String, createdAtMicroseconds: Int64, logIndex: UInt64?,
        restores: UInt64?, isActive: Bool
    ) {
        self.number = number
        self.text = text
        self.author = author
        self.comment = comment
        self.createdAtMicroseconds = createdAtMicroseconds
        self.logIndex = logIndex
        self.restores = restores
        self.isActive = isActive
    }
}

/// How often a rule of the active set fired on this node as the leader, since the set or the office changed.
public struct RuleHits: Sendable, Equatable {
    public let rule: String
    public let isShadow: Bool
    public let hits: UInt64

    public init(rule: String, isShadow: Bool, hits: UInt64) {
        self.rule = rule
        self.isShadow = isShadow
        self.hits = hits
    }
}

extension Pipeline {
    /// A version of the rules; nil: the active one.
    public func rules(version: UInt64?) async throws(BackendError) -> RuleVersion {
        let history = try await ruleHistory()
        let found = history.first { version == nil ? $0.isActive : $0.number == version }
        guard let found else { throw .notFound(what: "rules version \(version ?? 0)") }
        return found
    }

    /// The newest first; the last one is the set that the program ships.
    public func ruleHistory() async throws(BackendError) -> [RuleVersion] {
        let (registry, changes) = try await registry()
        let shipped = RuleVersion(
            number: 0, text: RuleProgram.standardText, author: "redoubt", comment: "the set that the program ships",
            createdAtMicroseconds: 0, logIndex: nil, restores: nil, isActive: registry.activeRules == 0)
        return registry.rules.reversed().map { version in
            RuleVersion(
                number: version.number, text: version.text, author: version.mark.author, comment: version.comment,
                createdAtMicroseconds: version.mark.timeMicroseconds,
                logIndex: changes.index(of: version.mark.revision)?.rawValue, restores: version.restores,
                isActive: version.number == registry.activeRules)
        } + [shipped]
    }

    /// Puts rules into force. `expecting`: only if this version is active.
    public func putRules(
        _ text: String, comment: String, author: String, expecting: UInt64?, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        if let error = validateRules(text) { throw error }
        try Self.check(comment, "comment")
        return try await change(
            .putRules(text: text, comment: comment, restores: nil, expecting: expecting), author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    /// Puts an earlier version into force again, under a new number; nil: the one before the active one.
    public func rollBackRules(
        to version: UInt64?, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        let history = try await ruleHistory()
        guard let active = history.first(where: \.isActive) else { throw .internal("no rules are active") }
        // Newest first: the next one is the one before. From a roll back it goes on from what that restored.
        let target = version ?? history.first { $0.number < (active.restores ?? active.number) }?.number
        guard let target, let found = history.first(where: { $0.number == target }) else {
            throw .notFound(what: version.map { "rules version \($0)" } ?? "an earlier version of the rules")
        }
        return try await change(
            .putRules(
                text: found.text, comment: "roll back to version \(found.number)", restores: found.number,
                expecting: active.number),
            author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    /// Why these rules can't be used; nil: they can.
    public func validateRules(_ text: String) -> BackendError? {
        guard text.utf8.count <= DetectionRegistry.rulesBytes else {
            return .invalidRules(
                line: nil, column: nil,
                reason: "\(text.utf8.count) bytes, the limit is \(DetectionRegistry.rulesBytes)")
        }
        do throws(RuleError) {
            _ = try RuleProgram(yaml: text)
            return nil
        } catch {
            return .invalidRules(line: error.line, column: error.column, reason: error.reason)
        }
    }

    public func ruleHits() async throws(BackendError) -> [RuleHits] {
        try await read { _, judge in
            judge.hits.map { RuleHits(rule: $0.rule, isShadow: $0.isShadow, hits: $1) }.sorted { $0.rule < $1.rule }
        }
    }

    static func check(_ text: String, _ field: String) throws(BackendError) {
        guard text.utf8.count <= 1_000 else {
            throw .invalid([InvalidField(field: field, reason: "must be at most 1000 bytes of UTF-8")])
        }
    }
}
