public import Bytes

/// Something that changes with what leaves the cluster.
public enum OutboxChange: Sendable, Equatable {
    /// All through here is delivered, or given up. Never moves back.
    case delivered(channel: String, through: OutboxPosition)
    /// This one is given up; of two with one position the newer stands.
    case failed(channel: String, FailedDelivery)
    /// What was given up is delivered after all, or shall not be.
    case settled(channel: String, OutboxPosition)
    /// A webhook comes into being, or changes. A new one is told of what comes after `from`, and must have a secret;
    /// another one keeps what is nil here, and its place.
    case putWebhook(name: String, url: String, secret: [UInt8]?, isEnabled: Bool, from: OutboxPosition)
    /// With its channel, and what that has given up.
    case removeWebhook(name: String)
}

/// What became of a change. Final once the entry that carries it is committed.
public enum OutboxOutcome: Sendable, Equatable {
    case changed
    /// It was so already.
    case unchanged
    case refused(OutboxRefusal)
}

/// Why a change can't be made.
public enum OutboxRefusal: UInt8, Error, Sendable, CaseIterable, CustomStringConvertible {
    case tooManyChannels = 1
    case tooManyWebhooks = 2
    case unknownWebhook = 3
    case unknownChannel = 4
    case unknownDelivery = 5
    /// A new webhook without a secret.
    case noSecret = 6

    public var description: String {
        switch self {
        case .tooManyChannels: "there are \(Outbox.channelsKept) channels, which is the limit"
        case .tooManyWebhooks: "there are \(Outbox.webhooksKept) webhooks, which is the limit"
        case .unknownWebhook: "there is no such webhook"
        case .unknownChannel: "there is no such channel"
        case .unknownDelivery: "no such delivery was given up, or it is too long ago"
        case .noSecret: "a new webhook needs a secret"
        }
    }
}

extension OutboxChange {
    private enum Tag: UInt8 {
        case delivered = 1
        case failed = 2
        case settled = 3
        case putWebhook = 4
        case removeWebhook = 5
    }

    package static let minimumByteCount = 3

    /// About as many as it encodes to.
    package var byteCount: Int { if case .putWebhook(_, let url, _, _, _) = self { 512 + url.utf8.count } else { 512 } }

    /// Part of the log's format.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .delivered(let channel, let position):
            writer.write(Tag.delivered.rawValue)
            writer.writeString(channel)
            position.encode(into: &writer)
        case .failed(let channel, let failure):
            writer.write(Tag.failed.rawValue)
            writer.writeString(channel)
            failure.encode(into: &writer)
        case .settled(let channel, let position):
            writer.write(Tag.settled.rawValue)
            writer.writeString(channel)
            position.encode(into: &writer)
        case .putWebhook(let name, let url, let secret, let isEnabled, let from):
            writer.write(Tag.putWebhook.rawValue)
            writer.writeString(name)
            writer.writeString(url)
            writer.write(UInt8(secret == nil ? 0 : 1))
            if let secret { writer.writeBlock(secret) }
            writer.write(UInt8(isEnabled ? 1 : 0))
            from.encode(into: &writer)
        case .removeWebhook(let name):
            writer.write(Tag.removeWebhook.rawValue)
            writer.writeString(name)
        }
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .delivered:
            let channel = try reader.readChannel()
            self = .delivered(channel: channel, through: try OutboxPosition(from: &reader))
        case .failed:
            let channel = try reader.readChannel()
            self = .failed(channel: channel, try FailedDelivery(from: &reader))
        case .settled:
            let channel = try reader.readChannel()
            self = .settled(channel: channel, try OutboxPosition(from: &reader))
        case .putWebhook:
            let name = try reader.readWebhookName()
            let url = try reader.readWebhookURL()
            let secret = try reader.readFlag() ? try reader.readWebhookSecret() : nil
            let isEnabled = try reader.readFlag()
            self = .putWebhook(
                name: name, url: url, secret: secret, isEnabled: isEnabled, from: try OutboxPosition(from: &reader))
        case .removeWebhook: self = .removeWebhook(name: try reader.readWebhookName())
        case nil: throw MalformedBytes(offset: start, reason: "an unknown change of the outbox")
        }
    }
}

extension OutboxOutcome {
    /// For the way back to the node that was asked.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .changed: writer.write(UInt8(0))
        case .unchanged: writer.write(UInt8(255))
        case .refused(let refusal): writer.write(refusal.rawValue)
        }
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: self = .changed
        case 255: self = .unchanged
        case let number:
            guard let refusal = OutboxRefusal(rawValue: number) else {
                throw MalformedBytes(offset: start, reason: "an unknown outcome of the outbox")
            }
            self = .refused(refusal)
        }
    }
}

extension ByteReader {
    mutating func readChannel() throws(MalformedBytes) -> String {
        let start = offset
        let name = try readString()
        guard OutboxChannel.isValid(name: name) else {
            throw MalformedBytes(offset: start, reason: "no name of a channel")
        }
        return name
    }
}
