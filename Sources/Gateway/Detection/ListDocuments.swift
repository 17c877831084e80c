import Detection
public import Pipeline

/// A list of values that rules look up.
public struct ListDocument: Sendable, Equatable, Codable {
    public var name: String
    /// What its values are: user, merchant, device, country or currency.
    public var kind: String
    public var description: String
    public var entries: Int
    /// Rises with each change.
    public var version: UInt64
    /// RFC 3339.
    public var changedAt: String
    public var changedBy: String
    /// Of the last change; nil for one of long ago.
    public var logIndex: UInt64?

    public init(_ list: ListSummary) {
        name = list.name
        kind = list.kind.name
        description = list.description
        entries = list.entries
        version = list.version
        changedAt = RFC3339.text(list.changedAtMicroseconds)
        changedBy = list.changedBy
        logIndex = list.logIndex
    }

    private enum CodingKeys: String, CodingKey {
        case name, kind, description, entries, version
        case changedAt = "changed_at"
        case changedBy = "changed_by"
        case logIndex = "log_index"
    }
}

/// All lists, by name.
public struct ListsDocument: Sendable, Equatable, Codable {
    public var lists: [ListDocument]

    public init(_ lists: [ListSummary]) { self.lists = lists.map(ListDocument.init) }
}

/// A list with a part of its entries.
public struct ListPageDocument: Sendable, Equatable, Codable {
    public struct Entry: Sendable, Equatable, Codable {
        public var value: String
        /// RFC 3339.
        public var addedAt: String
        public var addedBy: String

        private enum CodingKeys: String, CodingKey {
            case value
            case addedAt = "added_at"
            case addedBy = "added_by"
        }
    }

    public var list: ListDocument
    public var entries: [Entry]
    /// Where the next part begins; nil: this was the last.
    public var nextOffset: Int?

    public init(_ page: ListPage) {
        list = ListDocument(page.list)
        entries = page.entries.map {
            Entry(value: $0.value, addedAt: RFC3339.text($0.addedAtMicroseconds), addedBy: $0.addedBy)
        }
        nextOffset = page.nextOffset
    }

    private enum CodingKeys: String, CodingKey {
        case list, entries
        case nextOffset = "next_offset"
    }
}
