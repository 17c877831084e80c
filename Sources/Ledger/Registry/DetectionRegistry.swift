public import Detection
import OrderedCollections

/// What payments are judged by, beside their profiles: rules, lists and models, and how they came to be so.
///
/// A value of the replicated fold: equal changes leave equal content. Copies are cheap: they share the models and lists.
public struct DetectionRegistry: Sendable {
    /// Versions of the rules, the active one included.
    public static let rulesKept = 50
    /// Of the rules' text.
    public static let rulesBytes = 256 << 10
    public static let modelsKept = 8
    /// Of one artifact.
    public static let modelBytes = 4 << 20
    public static let activationsKept = 100
    public static let listsKept = 64
    /// Over all lists.
    public static let valuesKept = 100_000

    /// Rises with every change.
    public internal(set) var revision: UInt64 = 0
    /// Oldest first; the last one is active. Empty: the rules that the program ships are, as version 0.
    public internal(set) var rules: [RuleVersion] = []
    /// By name, in the order in which they came.
    var lists: OrderedDictionary<String, ValueList> = [:]
    /// In the order in which they came.
    public internal(set) var models: [StoredModel] = []
    public internal(set) var activeModel: ModelID?
    public internal(set) var shadowModel: ModelID?
    /// Oldest first.
    public internal(set) var activations: [ModelActivation] = []
    /// What the lists come to for the rules.
    public internal(set) var valueLists = ValueLists()
    /// Another object after each change, so that who has made something of the content can tell whether it is still that.
    private(set) var identity = Identity()

    public final class Identity: Sendable {}

    public init() {}

    /// One version of the rules.
    public struct RuleVersion: Sendable, Equatable {
        /// From 1.
        public let number: UInt64
        public let text: String
        public let comment: String
        /// It is a roll back to this version.
        public let restores: UInt64?
        public let mark: ChangeMark
    }

    public struct ValueList: Sendable, Equatable {
        public let kind: ListKind
        public internal(set) var description: String
        /// By their keys, in the order in which they came.
        var values: OrderedDictionary<UInt64, Value>
        /// Of the last change.
        public internal(set) var mark: ChangeMark

        public var count: Int { values.count }

        public subscript(key: UInt64) -> Value? { values[key] }

        /// In the order in which they came.
        public func page(offset: Int, limit: Int) -> [Value] {
            Array(values.values.dropFirst(offset).prefix(limit))
        }

        public struct Value: Sendable, Equatable {
            public let value: ListedValue
            public let mark: ChangeMark
        }
    }

    public struct StoredModel: Sendable, Equatable {
        public let id: ModelID
        public let artifact: [UInt8]
        public let mark: ChangeMark
    }

    public struct ModelActivation: Sendable, Equatable {
        public let role: ModelRole
        /// Nil: none.
        public let model: ModelID?
        public let previous: ModelID?
        public let isRollBack: Bool
        public let mark: ChangeMark
    }

    /// The number of the rules that are active; 0: those that the program ships.
    public var activeRules: UInt64 { rules.last?.number ?? 0 }
    /// Their text; nil: those that the program ships.
    public var activeRulesText: String? { rules.last?.text }

    public func list(_ name: String) -> ValueList? { lists[name] }
    public var listNames: [String] { Array(lists.keys) }

    public func model(_ id: ModelID) -> StoredModel? { models.first { $0.id == id } }

    /// The active model before the present one, if it is still there; outer nil: there is nothing to go back to.
    public var modelToRollBackTo: ModelID?? {
        // What was rolled back is not gone back to: each roll back goes one further.
        var path: [ModelID?] = []
        for activation in activations where activation.role == .active {
            if path.isEmpty { path.append(activation.previous) }
            if activation.isRollBack {
                while let last = path.last, last != activation.model { path.removeLast() }
            } else {
                path.append(activation.model)
            }
        }
        path.removeLast(min(1, path.count))
        while let last = path.last {
            guard let id = last, model(id) == nil else { return .some(last) }
            path.removeLast()
        }
        return nil
    }

    mutating func noteChange() {
        revision += 1
        identity = Identity()
    }
}

/// What a model is used for.
public enum ModelRole: UInt8, Sendable, CaseIterable {
    case active = 0
    /// It scores beside the active one, and decides nothing.
    case shadow = 1

    public var name: String {
        switch self {
        case .active: "active"
        case .shadow: "shadow"
        }
    }
}

/// Who changed something and when.
public struct ChangeMark: Sendable, Equatable {
    /// Of the registry by that change; `LedgerState` knows its place in the log.
    public let revision: UInt64
    /// At most 255 bytes.
    public let author: String
    /// The time of the entry, microseconds since 1970 UTC.
    public let timeMicroseconds: Int64
}
