public import Detection
public import Pipeline

/// A version of the rules.
public struct RuleVersionDocument: Sendable, Equatable, Codable {
    /// How often a rule has fired on the node that is asked.
    public struct Hits: Sendable, Equatable, Codable {
        public var rule: String
        /// The rule is in shadow mode: it decides nothing.
        public var shadow: Bool
        public var hits: UInt64

        public init(_ hits: RuleHits) {
            rule = hits.rule
            shadow = hits.isShadow
            self.hits = hits.hits
        }
    }

    /// 0: the rules that the program ships.
    public var version: UInt64
    public var active: Bool
    public var author: String
    public var comment: String
    /// RFC 3339; nil for version 0.
    public var createdAt: String?
    /// Of the log entry that brought it; nil for version 0, and for one of long ago.
    public var logIndex: UInt64?
    /// The version whose text it brought back.
    public var restores: UInt64?
    /// The rules in YAML; nil where only the versions are listed.
    public var yaml: String?
    /// Nil where only the versions are listed, and for versions that are not active.
    public var hits: [Hits]?

    public init(_ version: RuleVersion, withText: Bool = true, hits: [RuleHits]? = nil) {
        self.version = version.number
        active = version.isActive
        author = version.author
        comment = version.comment
        createdAt = version.number == 0 ? nil : RFC3339.text(version.createdAtMicroseconds)
        logIndex = version.logIndex
        restores = version.restores
        yaml = withText ? version.text : nil
        self.hits = hits?.map(Hits.init)
    }

    private enum CodingKeys: String, CodingKey {
        case version, active, author, comment, restores, hits
        case yaml = "rules"
        case createdAt = "created_at"
        case logIndex = "log_index"
    }
}

/// The versions of the rules, newest first.
public struct RuleHistoryDocument: Sendable, Equatable, Codable {
    public var versions: [RuleVersionDocument]

    public init(_ versions: [RuleVersion]) {
        self.versions = versions.map { RuleVersionDocument($0, withText: false) }
    }
}

/// A change of rules, lists or models that is committed.
public struct ChangeReceipt: Sendable, Equatable, Codable {
    /// Of what was changed.
    public var version: UInt64
    /// It was not so already.
    public var changed: Bool
    /// The change is in effect on every node from this log index on.
    public var logIndex: UInt64
    /// The model that it is about.
    public var model: String?

    public init(_ receipt: RegistryReceipt, model: String? = nil) {
        version = receipt.version
        changed = receipt.changed
        logIndex = receipt.commitIndex
        self.model = model
    }

    private enum CodingKeys: String, CodingKey {
        case version, changed, model
        case logIndex = "log_index"
    }
}

/// What is said of rules that can be used.
public struct RuleValidation: Sendable, Equatable, Codable {
    public var valid: Bool
    /// How many there are, those that are off included.
    public var rules: Int
    public var live: Int
    public var shadow: Int
    /// Equal for equal texts.
    public var fingerprint: String

    public init(_ program: RuleProgram) {
        valid = true
        rules = program.rules.count
        live = program.rules.count { $0.mode == .live }
        shadow = program.rules.count { $0.mode == .shadow }
        fingerprint = program.fingerprint
    }
}

extension RFC3339 {
    static func text(_ microseconds: Int64) -> String {
        var bytes: [UInt8] = []
        append(microseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
