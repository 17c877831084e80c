/// One way out for alerts: a topic, a webhook.
public protocol AlertChannel: Sendable {
    /// What its cursor is kept by, such as `kafka:alerts` or `webhook:desk`; 1 to 128 bytes.
    var name: String { get }
    /// Changes whenever the channel would deliver otherwise: a channel of the same name and another revision replaces it.
    var revision: UInt64 { get }
    var options: ChannelOptions { get }

    /// Tries once, `attempt` counting from 1. Returns when the receiver has acknowledged the alert or the attempt has failed;
    /// when the task is cancelled, soon.
    func deliver(_ alert: OutgoingAlert, attempt: Int) async -> AttemptOutcome
}

/// What became of one attempt.
public enum AttemptOutcome: Sendable, Equatable {
    case delivered
    /// Worth another attempt, not before `retryAfter` if the receiver has said so.
    case failed(reason: String, retryAfter: Duration?)
    /// The receiver will never take this alert.
    case refused(reason: String)
}

/// How a channel goes about its work.
public struct ChannelOptions: Sendable, Equatable {
    /// Where a channel begins that has no cursor yet.
    public enum Start: Sendable {
        /// With the first alert there ever was.
        case beginning
        /// With the next one.
        case now
    }

    public var start: Start
    /// Users whose alerts are under way at the same time, 1 to 1,024.
    public var parallelism: Int
    /// Alerts that are read and not yet acknowledged, 1 to 65,536. While the oldest of them is being tried again this many
    /// may overtake it, none of the same user.
    public var window: Int
    public var retries: RetryPolicy
    public var circuit: Circuit.Options

    public init(
        start: Start = .now, parallelism: Int = 8, window: Int = 1_000, retries: RetryPolicy = RetryPolicy(),
        circuit: Circuit.Options = Circuit.Options()
    ) {
        precondition((1...1_024).contains(parallelism), "a channel works for 1 to 1,024 users at a time")
        precondition((1...65_536).contains(window), "a channel has 1 to 65,536 alerts under way")
        self.start = start
        self.parallelism = parallelism
        self.window = window
        self.retries = retries
        self.circuit = circuit
    }
}
