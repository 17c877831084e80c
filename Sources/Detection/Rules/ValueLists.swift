/// What the entries of a list are; a rule may ask only for an entry of the same kind.
public enum ListKind: UInt8, Sendable, CaseIterable {
    case user = 1
    case merchant = 2
    case device = 3
    case country = 4
    case currency = 5

    /// As rules and the API spell it.
    public var name: String {
        switch self {
        case .user: "user"
        case .merchant: "merchant"
        case .device: "device"
        case .country: "country"
        case .currency: "currency"
        }
    }

    public init?(name: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }
}

/// Named lists of values that rules look up: trusted users, watched merchants, sanctioned countries.
///
/// An entry is a number: the keyed hash of a user, merchant or device as `PaymentEvent` carries it, or the packed letters
/// of a country or currency. Lists change only by `apply`, which tells how to take the change back, so that they
/// belong in a replicated fold: equal changes in equal order leave equal lists, and equal lists give equal bytes.
///
/// Memory: about 16 bytes an entry, 8 MB at the bounds.
public struct ValueLists: Sendable, Equatable {
    public static let maximumLists = 64
    public static let maximumEntriesPerList = 100_000
    /// Over all lists.
    public static let maximumEntries = 400_000

    public struct List: Sendable, Equatable {
        /// 1 to 64 of a-z, 0-9 and _, beginning with a letter.
        public let name: String
        public let kind: ListKind
        public package(set) var keys: Set<UInt64>
        /// What compiled rules know the list by.
        package let identifier: UInt64

        package init(name: String, kind: ListKind, keys: Set<UInt64> = []) {
            self.name = name
            self.kind = kind
            self.keys = keys
            identifier = RuleNames.fingerprint(name.utf8)
        }
    }

    /// In the order of their names.
    public package(set) var lists: [List] = []
    /// Entries of all lists.
    public package(set) var entryCount = 0

    public init() {}

    public subscript(name: String) -> List? { lists.first { $0.name == name } }

    /// Whether the list that rules know by `identifier` is of that kind and holds `key`. A list that does not exist holds nothing.
    package func contains(_ key: UInt64, in identifier: UInt64, _ kind: ListKind) -> Bool {
        // Few lists: comparing their numbers in turn is faster than hashing a name.
        for position in lists.indices where lists[position].identifier == identifier {
            return lists[position].kind == kind && lists[position].keys.contains(key)
        }
        return false
    }
}

/// Why a change of the lists is refused.
public enum ListError: Error, Equatable, Sendable, CustomStringConvertible {
    case invalidName(String)
    case exists(String)
    case unknown(String)
    case tooManyLists
    case tooManyEntries(list: String)
    case tooManyEntriesInAll

    public var description: String {
        switch self {
        case .invalidName(let name):
            "the list name \"\(RuleNames.excerpt(name))\" must be 1 to 64 of a-z, 0-9 and _, beginning with a letter"
        case .exists(let name): "a list named \(name) exists already"
        case .unknown(let name): "there is no list named \(RuleNames.excerpt(name))"
        case .tooManyLists: "there may be at most \(ValueLists.maximumLists) lists"
        case .tooManyEntries(let list):
            "the list \(list) would hold more than \(ValueLists.maximumEntriesPerList) entries"
        case .tooManyEntriesInAll: "all lists together would hold more than \(ValueLists.maximumEntries) entries"
        }
    }
}
