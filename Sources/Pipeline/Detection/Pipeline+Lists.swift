public import Detection
import Ledger
import Raft
import Security

public struct ListSummary: Sendable, Equatable {
    public let name: String
    public let kind: ListKind
    public let description: String
    public let entries: Int
    /// Rises with each change.
    public let version: UInt64
    public let changedAtMicroseconds: Int64
    public let changedBy: String
    /// Of the last change; nil: of long ago.
    public let logIndex: UInt64?

    public init(
        name: String, kind: ListKind, description: String, entries: Int, version: UInt64,
        changedAtMicroseconds: Int64, changedBy: String, logIndex: UInt64?
    ) {
        self.name = name
        self.kind = kind
        self.description = description
        self.entries = entries
        self.version = version
        self.changedAtMicroseconds = changedAtMicroseconds
        self.changedBy = changedBy
        self.logIndex = logIndex
    }
}

public struct ListEntry: Sendable, Equatable {
    /// As it was given.
    public let value: String
    public let addedAtMicroseconds: Int64
    public let addedBy: String

    public init(value: String, addedAtMicroseconds: Int64, addedBy: String) {
        self.value = value
        self.addedAtMicroseconds = addedAtMicroseconds
        self.addedBy = addedBy
    }
}

public struct ListPage: Sendable, Equatable {
    public let list: ListSummary
    /// In the order in which they came.
    public let entries: [ListEntry]
    /// Where the next page starts; nil: this was the last.
    public let nextOffset: Int?

    public init(list: ListSummary, entries: [ListEntry], nextOffset: Int?) {
        self.list = list
        self.entries = entries
        self.nextOffset = nextOffset
    }
}

extension Pipeline {
    /// Entries in one call.
    public static let listEntriesPerRequest = 10_000

    /// By name.
    public func lists() async throws(BackendError) -> [ListSummary] {
        let (registry, changes) = try await registry()
        return registry.listNames.sorted().compactMap { name in
            registry.list(name).map { Self.summary(name, $0, changes) }
        }
    }

    public func list(_ name: String, offset: Int, limit: Int) async throws(BackendError) -> ListPage {
        guard offset >= 0, 1...1_000 ~= limit else {
            throw .invalid([InvalidField(field: "limit", reason: "must be 1 to 1000, and offset not negative")])
        }
        let (registry, changes) = try await registry()
        guard let list = registry.list(name) else { throw .notFound(what: "list \"\(name)\"") }
        let sealing = ListSealing(sealer: sealer, blindIndex: blindIndex)
        var entries: [ListEntry] = []
        for value in list.page(offset: offset, limit: limit) {
            entries.append(
                ListEntry(
                    value: try sealing.open(value.value), addedAtMicroseconds: value.mark.timeMicroseconds,
                    addedBy: value.mark.author))
        }
        let next = offset + entries.count
        return ListPage(
            list: Self.summary(name, list, changes), entries: entries,
            nextOffset: next < list.count ? next : nil)
    }

    /// Makes a list, or puts other entries in the place of those that it has.
    public func putList(
        _ name: String, kind: ListKind, description: String, entries: [String], author: String,
        deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        guard RuleNames.isValid(name) else {
            throw .invalid([
                InvalidField(field: "name", reason: "must be 1 to 64 of a-z, 0-9 and _, beginning with a letter")
            ])
        }
        try Self.check(description, "description")
        let values = try values(entries, kind)
        return try await change(
            .putList(name: name, kind: kind, description: description, values: values), author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    public func addToList(
        _ name: String, entries: [String], author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        let values = try values(entries, try await kind(of: name))
        return try await change(
            .addToList(name: name, values: values), author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    public func removeFromList(
        _ name: String, entries: [String], author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        let values = try values(entries, try await kind(of: name))
        return try await change(
            .removeFromList(name: name, keys: values.map(\.key)), author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    public func deleteList(
        _ name: String, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> RegistryReceipt {
        try await change(.deleteList(name: name), author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    private func kind(of name: String) async throws(BackendError) -> ListKind {
        guard let list = try await registry().registry.list(name) else { throw .notFound(what: "list \"\(name)\"") }
        return list.kind
    }

    private func values(_ entries: [String], _ kind: ListKind) throws(BackendError) -> [ListedValue] {
        guard entries.count <= Self.listEntriesPerRequest else {
            throw .invalid([
                InvalidField(
                    field: "entries", reason: "must be at most \(Self.listEntriesPerRequest), are \(entries.count)")
            ])
        }
        let sealing = ListSealing(sealer: sealer, blindIndex: blindIndex)
        var values: [ListedValue] = []
        values.reserveCapacity(entries.count)
        for entry in entries { values.append(try sealing.seal(entry, kind)) }
        return values
    }

    private static func summary(
        _ name: String, _ list: DetectionRegistry.ValueList, _ changes: SettledChanges
    ) -> ListSummary {
        ListSummary(
            name: name, kind: list.kind, description: list.description, entries: list.count,
            version: list.mark.revision, changedAtMicroseconds: list.mark.timeMicroseconds,
            changedBy: list.mark.author, logIndex: changes.index(of: list.mark.revision)?.rawValue)
    }
}

/// Between the texts of list entries and what travels in their place.
struct ListSealing {
    private static let maximumBytes = 256

    let sealer: Sealer
    let blindIndex: BlindIndex

    func seal(_ text: String, _ kind: ListKind) throws(BackendError) -> ListedValue {
        guard 1...Self.maximumBytes ~= text.utf8.count else {
            throw .invalid([
                InvalidField(field: "entries", reason: "an entry has 1 to \(Self.maximumBytes) bytes of UTF-8")
            ])
        }
        let keys = try keys(text, kind)
        let sealed = Array(text.utf8).withUnsafeBytes { plain in
            withUnsafeBytes(of: keys[0].littleEndian) { sealer.seal(plain, associatedData: $0) }
        }
        return ListedValue(key: keys[0], keys: keys, sealed: sealed)
    }

    func open(_ value: ListedValue) throws(BackendError) -> String {
        var plain: [UInt8] = []
        do {
            try withUnsafeBytes(of: value.key.littleEndian) { associatedData in
                try value.sealed.withUnsafeBytes { sealed in
                    try sealer.open(sealed, associatedData: associatedData, into: &plain)
                }
            }
        } catch {
            throw .internal("an entry of a list can't be opened: \(error)")
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private func keys(_ text: String, _ kind: ListKind) throws(BackendError) -> [UInt64] {
        switch kind {
        case .user: return [blindIndex.index(text, in: .user)]
        case .merchant: return MerchantKeys.both(of: text, blindIndex)
        case .device: return [blindIndex.index(text, in: .device)]
        case .country:
            guard let tag = CountryTag(text) else {
                throw .invalid([InvalidField(field: "entries", reason: "\"\(text)\" is not two capital letters")])
            }
            return [UInt64(tag.rawValue)]
        case .currency:
            guard let tag = CurrencyTag(text) else {
                throw .invalid([InvalidField(field: "entries", reason: "\"\(text)\" is not three capital letters")])
            }
            return [UInt64(tag.rawValue)]
        }
    }
}
