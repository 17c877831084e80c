/// Who a verified token speaks for.
public struct Principal: Sendable, Hashable {
    /// The token's `sub`.
    public let subject: String
    public let roles: Set<Role>

    public init(subject: String, roles: Set<Role>) {
        self.subject = subject
        self.roles = roles
    }

    public func may(_ required: Role) -> Bool { roles.contains(required) || roles.contains(.operator) }
}
