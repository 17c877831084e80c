public import Deliveries

/// The section `deliveries`: docs/alerts.md lists its keys.
extension NodeConfiguration {
    /// How alerts go out to webhooks.
    public struct Deliveries: Sendable {
        public var webhooks = WebhookOptions()
        public var channel = ChannelOptions()
    }

    static func deliveries(_ section: ConfigurationSection?) throws -> Deliveries {
        var deliveries = Deliveries()
        guard var section else { return deliveries }
        var policy = TargetPolicy(allowsPlainHTTP: try section.optionalBoolean("allow_plain_http") ?? false)
        if section.keys.contains("allowed_ranges") {
            policy.allowedRanges = try section.strings("allowed_ranges").map { text in
                guard let range = NetworkRange(text) else {
                    throw section.error(
                        "allowed_ranges", "\(text) is no range of addresses, such as 10.0.0.0/8 or fd00::/8")
                }
                return range
            }
        }
        let timeout = try section.optionalInteger("timeout_milliseconds", in: 100...120_000) ?? 15_000
        deliveries.webhooks = WebhookOptions(
            policy: policy, connectTimeout: .milliseconds(min(timeout, 5_000)), timeout: .milliseconds(timeout))
        if let path = try section.optionalString("authority") { deliveries.webhooks.trust(authorityFile: path) }
        deliveries.channel.retries = RetryPolicy(
            attempts: try section.optionalInteger("attempts", in: 1...1_000) ?? deliveries.channel.retries.attempts)
        deliveries.channel.parallelism =
            try section.optionalInteger("parallelism", in: 1...256) ?? deliveries.channel.parallelism
        deliveries.webhooks.connectionsPerTarget = deliveries.channel.parallelism
        try section.finish()
        return deliveries
    }
}
