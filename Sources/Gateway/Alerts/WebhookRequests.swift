import Ledger
import NIOCore

/// The bodies of requests about webhooks.
enum WebhookRequests {
    /// An address and a secret in which every byte is escaped, and a little more.
    static let maxBodyBytes = 16 * 1024
    static let maxReplayBodyBytes = 4096

    struct NewWebhook {
        let url: String
        /// Nil: the one that it has.
        let secret: [UInt8]?
        let isEnabled: Bool
    }

    static func webhook(_ body: ByteBuffer) throws(Problem) -> NewWebhook {
        var fields = try DocumentFields(body, maxBytes: maxBodyBytes)
        let url = fields.string("url")
        if let url, !Webhook.isValid(url: url) {
            fields.note("url", "must be 1 to \(Webhook.maximumURLBytes) bytes of visible ASCII")
        }
        let secret = fields.optionalString("secret").map { Array($0.utf8) }
        if let secret, !WebhookSecret.byteCounts.contains(secret.count) {
            let counts = WebhookSecret.byteCounts
            fields.note("secret", "must have \(counts.lowerBound) to \(counts.upperBound) bytes")
        }
        let isEnabled = fields.optionalBoolean("enabled")
        try fields.finish()
        return NewWebhook(url: url!, secret: secret, isEnabled: isEnabled ?? true)
    }

    /// Which delivery is to be tried again; nil: the oldest ones. The body may be empty.
    static func replay(_ body: ByteBuffer) throws(Problem) -> OutboxPosition? {
        guard body.readableBytes > 0 else { return nil }
        var fields = try DocumentFields(body, maxBytes: maxReplayBodyBytes)
        var position: OutboxPosition?
        if let text = fields.optionalString("position") {
            position = OutboxPosition(sentBack: text)
            if position == nil { fields.note("position", OutboxPosition.fault) }
        }
        try fields.finish()
        return position
    }

    /// Nil: nothing can have this name.
    static func name(_ text: String?) -> String? {
        guard let text, Webhook.isValid(name: text) else { return nil }
        return text
    }

    static let nameFault = "must be 1 to \(Webhook.maximumNameBytes) of a-z, 0-9, - and _"
}
