/// The channel of one webhook.
public struct WebhookChannel: AlertChannel {
    public let endpoint: WebhookEndpoint
    public let options: ChannelOptions
    private let sender: WebhookSender

    public init(_ endpoint: WebhookEndpoint, sender: WebhookSender, options: ChannelOptions = ChannelOptions()) {
        self.endpoint = endpoint
        self.sender = sender
        self.options = options
    }

    public var name: String { endpoint.channelName }
    public var revision: UInt64 { endpoint.revision }

    public func deliver(_ alert: OutgoingAlert, attempt: Int) async -> AttemptOutcome {
        await sender.deliver(alert, to: endpoint, attempt: attempt).outcome
    }
}
