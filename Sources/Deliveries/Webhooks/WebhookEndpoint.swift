/// Somebody who wants to hear of alerts.
public struct WebhookEndpoint: Sendable, Equatable, CustomStringConvertible {
    public static let minSecretBytes = 16

    /// Its channel is `webhook:<name>`.
    public let name: String
    public let url: WebhookURL
    /// What deliveries are signed with.
    let secret: [UInt8]
    /// Of the change that made it what it is.
    public let revision: UInt64

    /// Throws `secretTooShort`.
    public init(name: String, url: WebhookURL, secret: [UInt8], revision: UInt64) throws(WebhookError) {
        guard secret.count >= Self.minSecretBytes else {
            throw .secretTooShort(minimumBytes: Self.minSecretBytes)
        }
        self.name = name
        self.url = url
        self.secret = secret
        self.revision = revision
    }

    public var channelName: String { "webhook:\(name)" }
    /// Without the secret.
    public var description: String { "webhook \(name) to \(url)" }
}
