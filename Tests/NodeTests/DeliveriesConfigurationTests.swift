import Deliveries
import Node
import Testing

@Suite struct `The section about deliveries` {
    private func load(_ section: String) throws -> NodeConfiguration.Deliveries {
        try NodeConfiguration(file: "node.yaml", yaml: leastConfiguration + section).deliveries
    }

    private func refusal(_ section: String) -> ConfigurationError? {
        do {
            _ = try load("deliveries: { \(section) }")
            return nil
        } catch {
            return error as? ConfigurationError
        }
    }

    @Test func `may be left out: webhooks go to public addresses over https`() throws {
        let least = try load("")
        #expect(least.webhooks.policy == TargetPolicy() && !least.webhooks.policy.allowsPlainHTTP)
        #expect(least.webhooks.timeout == .seconds(15) && least.channel == ChannelOptions())
    }

    @Test func `is read with all its keys`() throws {
        let whole = try load(
            """
            deliveries:
              allow_plain_http: true
              allowed_ranges: [10.0.0.0/8, "fd00::/8"]
              authority: hooks.crt
              timeout_milliseconds: 2000
              attempts: 3
              parallelism: 20
            """)
        #expect(whole.webhooks.policy.allowsPlainHTTP)
        #expect(whole.webhooks.policy.allowedRanges.map(\.description) == ["10.0.0.0/8", "fd00::/8"])
        #expect(whole.webhooks.timeout == .seconds(2) && whole.webhooks.connectTimeout == .seconds(2))
        #expect(whole.webhooks.additionalTrustRoots.count == 1 && whole.webhooks.connectionsPerTarget == 20)
        #expect(whole.channel.retries.attempts == 3 && whole.channel.parallelism == 20)
    }

    @Test func `names the key that is wrong`() {
        for (section, key) in [
            ("allowed_ranges: [everywhere]", "deliveries.allowed_ranges"),
            ("timeout_milliseconds: 5", "deliveries.timeout_milliseconds"), ("attempts: 0", "deliveries.attempts"),
            ("parallelism: 1000", "deliveries.parallelism"),
            ("allow_plain_http: perhaps", "deliveries.allow_plain_http"),
            ("retries: 3", "deliveries.retries"),
        ] {
            #expect(refusal(section)?.key == key)
        }
    }
}
