/// A node's health at a glance: small, copied often.
public struct NodeHealth: Sendable, Equatable {
    /// The process works; false asks for a restart.
    public var isLive: Bool
    /// It can serve reads and take writes now.
    public var isReady: Bool
    public var isLeader: Bool
    /// Why it is not live or not ready; nil when it is both.
    public var reason: String?

    public init(isLive: Bool, isReady: Bool, isLeader: Bool, reason: String? = nil) {
        self.isLive = isLive
        self.isReady = isReady
        self.isLeader = isLeader
        self.reason = reason
    }
}
