public import NIOSSL

/// What all webhooks of a node have in common.
public struct WebhookOptions: Sendable {
    public var policy: TargetPolicy
    public var connectTimeout: Duration
    /// From the name to the end of the answer.
    public var timeout: Duration
    /// Connections to one address at the same time.
    public var connectionsPerTarget: Int
    /// Authorities beside the system's.
    public var additionalTrustRoots: [NIOSSLAdditionalTrustRoots]

    public init(
        policy: TargetPolicy = TargetPolicy(), connectTimeout: Duration = .seconds(5), timeout: Duration = .seconds(15),
        connectionsPerTarget: Int = 8, additionalTrustRoots: [NIOSSLAdditionalTrustRoots] = []
    ) {
        precondition(connectTimeout > .zero && timeout > .zero, "time-outs are above 0")
        precondition(connectionsPerTarget > 0, "a target has at least one connection")
        self.policy = policy
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.connectionsPerTarget = connectionsPerTarget
        self.additionalTrustRoots = additionalTrustRoots
    }

    /// Trusts the authorities of a PEM file too.
    public mutating func trust(authorityFile path: String) { additionalTrustRoots.append(.file(path)) }
}
