import Bytes

/// What leaves the cluster, and how far it has come. Part of the replicated fold: whoever leads next goes on where the last
/// leader stopped.
public struct Outbox: Sendable, Equatable {
    public static let channelsKept = 64
    public static let webhooksKept = 32

    /// By name.
    public private(set) var channels: [String: OutboxChannel] = [:]
    /// By name.
    public private(set) var webhooks: [String: Webhook] = [:]

    init() {}

    /// Makes a change. What is refused or unchanged changes nothing.
    mutating func make(_ change: OutboxChange, author: String, timeMicroseconds time: Int64) -> OutboxOutcome {
        switch change {
        case .delivered(let name, let position): return move(name, through: position)
        case .failed(let name, let failure): return note(failure, in: name)
        case .settled(let name, let position):
            return with(name) { channel in
                let before = channel.failures.count
                channel.failures.removeAll { $0.position == position }
                return channel.failures.count < before ? .changed : .refused(.unknownDelivery)
            }
        case .putWebhook(let name, let url, let secret, let isEnabled, let from):
            return put(name, url, secret, isEnabled, from, author, time)
        case .removeWebhook(let name):
            guard webhooks.removeValue(forKey: name) != nil else { return .refused(.unknownWebhook) }
            channels[Webhook.channel(of: name)] = nil
            return .changed
        }
    }

    private mutating func with(_ name: String, _ body: (inout OutboxChannel) -> OutboxOutcome) -> OutboxOutcome {
        guard let place = channels.index(forKey: name) else { return .refused(.unknownChannel) }
        return body(&channels.values[place])
    }

    private mutating func move(_ name: String, through position: OutboxPosition) -> OutboxOutcome {
        guard let channel = channels[name] else {
            // Channels of webhooks come with these: a late word of one that is gone must not bring it back.
            if name.hasPrefix(OutboxChannel.webhookPrefix) { return .refused(.unknownChannel) }
            guard channels.count < Self.channelsKept else { return .refused(.tooManyChannels) }
            channels[name] = OutboxChannel(position: position)
            return .changed
        }
        guard channel.position < position else { return .unchanged }
        channels[name]?.position = position
        return .changed
    }

    private mutating func note(_ failure: FailedDelivery, in name: String) -> OutboxOutcome {
        with(name) { channel in
            if channel.failures.contains(failure) { return .unchanged }
            channel.failures.removeAll { $0.position == failure.position }
            channel.failures.append(failure)
            if channel.failures.count > OutboxChannel.failuresKept {
                channel.failures.removeFirst()
                channel.dropped += 1
            }
            return .changed
        }
    }

    private mutating func put(
        _ name: String, _ url: String, _ secret: [UInt8]?, _ isEnabled: Bool, _ from: OutboxPosition,
        _ author: String, _ time: Int64
    ) -> OutboxOutcome {
        let before = webhooks[name]
        if let before, before.url == url, before.isEnabled == isEnabled, secret == nil || secret == before.secret {
            return .unchanged
        }
        guard let secret = secret ?? before?.secret else { return .refused(.noSecret) }
        let channel = Webhook.channel(of: name)
        if before == nil {
            guard webhooks.count < Self.webhooksKept else { return .refused(.tooManyWebhooks) }
            guard channels.count < Self.channelsKept else { return .refused(.tooManyChannels) }
            channels[channel] = OutboxChannel(position: from)
        }
        webhooks[name] = Webhook(
            name: name, url: url, secret: secret, isEnabled: isEnabled, createdBy: before?.createdBy ?? author,
            createdAtMicroseconds: before?.createdAtMicroseconds ?? time, changedBy: author,
            changedAtMicroseconds: time)
        return .changed
    }
}

extension Outbox {
    /// Equal content gives equal bytes.
    func encode(into writer: inout ByteWriter) {
        writer.write(UInt32(channels.count))
        for (name, channel) in channels.sorted(by: { $0.key < $1.key }) {
            writer.writeString(name)
            channel.encode(into: &writer)
        }
        writer.write(UInt32(webhooks.count))
        for (_, webhook) in webhooks.sorted(by: { $0.key < $1.key }) { webhook.encode(into: &writer) }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let channelCount = try reader.readCount(elementsOfAtLeast: 2 + OutboxChannel.minimumByteCount)
        guard channelCount <= Self.channelsKept else {
            throw MalformedBytes(offset: start, reason: "\(channelCount) channels")
        }
        for _ in 0..<channelCount {
            let name = try reader.readChannel()
            channels[name] = try OutboxChannel(from: &reader)
        }
        let webhookCount = try reader.readCount(elementsOfAtLeast: Webhook.minimumByteCount)
        guard webhookCount <= Self.webhooksKept else {
            throw MalformedBytes(offset: start, reason: "\(webhookCount) webhooks")
        }
        for _ in 0..<webhookCount {
            let webhook = try Webhook(from: &reader)
            webhooks[webhook.name] = webhook
        }
        guard channels.count == channelCount, webhooks.count == webhookCount else {
            throw MalformedBytes(offset: start, reason: "a name twice in the outbox")
        }
    }
}
