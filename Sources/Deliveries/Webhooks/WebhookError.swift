/// What is wrong with a webhook.
public enum WebhookError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Completes "The URL …".
    case invalidURL(String)
    /// The URL is good, but it leads where webhooks may not go.
    case forbiddenTarget(String)
    case secretTooShort(minimumBytes: Int)

    public var description: String {
        switch self {
        case .invalidURL(let reason): "the URL \(reason)"
        case .forbiddenTarget(let reason): "webhooks may not go there: \(reason)"
        case .secretTooShort(let minimum): "the secret must have at least \(minimum) bytes"
        }
    }
}
