public import Detection

/// An entry of a list as it was given: the numbers that payments carry in its place, and the sealed text.
public struct ListedValue: Sendable, Equatable {
    /// Tells it from other values of its list.
    public let key: UInt64
    /// What rules compare with: 1 or 2 numbers. A merchant is looked for by its id and by its name.
    public let keys: [UInt64]
    /// For people. Sealed; the associated data are the 8 little-endian bytes of `key`.
    public let sealed: [UInt8]

    public static let maximumSealedBytes = 512

    public init(key: UInt64, keys: [UInt64], sealed: [UInt8]) {
        self.key = key
        self.keys = keys
        self.sealed = sealed
    }
}

/// A change of what payments are judged by.
public enum RegistryChange: Sendable, Equatable {
    /// The rules become these. With `expecting`, only if that version is active. `restores`: it is a roll back.
    case putRules(text: String, comment: String, restores: UInt64?, expecting: UInt64?)
    /// The list becomes this, or comes into being.
    case putList(name: String, kind: ListKind, description: String, values: [ListedValue])
    case addToList(name: String, values: [ListedValue])
    /// By the values' own keys.
    case removeFromList(name: String, keys: [UInt64])
    case deleteList(name: String)
    case putModel(id: ModelID, artifact: [UInt8])
    /// Nil: rules alone.
    case activateModel(ModelID?)
    /// Back to an earlier model, if `from` is active still.
    case rollBackModel(to: ModelID?, from: ModelID?)
    /// Nil: none is in shadow any more.
    case shadowModel(ModelID?)
    case removeModel(ModelID)
}

/// What became of a change. Final once the entry that carries it is committed.
public enum RegistryOutcome: Sendable, Equatable {
    /// The number of the rules, or the revision of the list or model.
    case changed(version: UInt64)
    /// It was so already.
    case unchanged(version: UInt64)
    case refused(RegistryRefusal)
}

/// Why a change can't be made.
public enum RegistryRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The rules that were to be active are not.
    case rulesChanged(active: UInt64)
    /// The model that was to be active is not.
    case modelChanged(active: ModelID?)
    case unknownList(name: String)
    case unknownModel(ModelID)
    case modelInUse(ModelID)
    case tooManyModels(limit: Int)
    case tooManyLists(limit: Int)
    case tooManyValues(limit: Int)
    case listKindDiffers(name: String, kind: ListKind)
    /// The leader can't use what is to be put: it is of another version of the program.
    case unusable(reason: String)

    public var description: String {
        switch self {
        case .rulesChanged(let active): "version \(active) of the rules is active"
        case .modelChanged(let active): "the active model is \(active.map { "\($0)" } ?? "none")"
        case .unknownList(let name): "there is no list \"\(name)\""
        case .unknownModel(let id): "there is no model \(id)"
        case .modelInUse(let id): "model \(id) is active or in shadow"
        case .tooManyModels(let limit): "\(limit) models are kept, which is the limit"
        case .tooManyLists(let limit): "there are \(limit) lists, which is the limit"
        case .tooManyValues(let limit): "the lists may hold \(limit) values in all"
        case .listKindDiffers(let name, let kind): "the list \"\(name)\" holds values of the kind \(kind.name)"
        case .unusable(let reason): reason
        }
    }
}
