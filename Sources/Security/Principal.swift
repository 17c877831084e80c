/// Who a verified token speaks for.
public struct Principal: Sendable, Hashable {
    /// The token's `sub`.
    public let subject: String
    public let roles: Set<Role>
    /// Seconds since 1970 UTC: until then the token counts.
    public let validUntilSeconds: Int64

    public init(subject: String, roles: Set<Role>, validUntilSeconds: Int64 = 1 << 53) {
        self.subject = subject
        self.roles = roles
        self.validUntilSeconds = validUntilSeconds
    }

    public func may(_ required: Role) -> Bool { roles.contains(required) || roles.contains(.operator) }
}
