/// What a token's bearer may do.
public enum Role: String, Sendable, CaseIterable, Codable {
    /// Post transactions.
    case ingest
    /// Read transactions, profiles, rules, lists, models and the state of the cluster, and label transactions.
    case analyst
    /// Everything that the other roles may, and all that concerns the cluster.
    case `operator`

    /// Whether a bearer of this role may do what asks for `required`.
    public func covers(_ required: Role) -> Bool { self == required || self == .operator }
}
