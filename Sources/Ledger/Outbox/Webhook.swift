import Bytes
public import Security

/// Somebody outside who is told of alerts.
public struct Webhook: Sendable, Equatable {
    /// 1...`maximumNameBytes` of a-z, 0-9, `-` and `_`.
    public let name: String
    /// 1...`maximumURLBytes` bytes of visible ASCII. Whether it may be called is not told here.
    public let url: String
    /// What deliveries are signed with; sealed, see `WebhookSecret`.
    public let secret: [UInt8]
    /// Nothing is delivered while it is not, and nothing is lost: deliveries go on from where they were.
    public let isEnabled: Bool
    public let createdBy: String
    public let createdAtMicroseconds: Int64
    public let changedBy: String
    public let changedAtMicroseconds: Int64

    public static let maximumNameBytes = 48
    public static let maximumURLBytes = 2_048

    public init(
        name: String, url: String, secret: [UInt8], isEnabled: Bool, createdBy: String, createdAtMicroseconds: Int64,
        changedBy: String, changedAtMicroseconds: Int64
    ) {
        self.name = name
        self.url = url
        self.secret = secret
        self.isEnabled = isEnabled
        self.createdBy = createdBy
        self.createdAtMicroseconds = createdAtMicroseconds
        self.changedBy = changedBy
        self.changedAtMicroseconds = changedAtMicroseconds
    }

    public static func isValid(name: String) -> Bool {
        1...maximumNameBytes ~= name.utf8.count && OutboxChannel.isPlain(name)
    }

    public static func isValid(url: String) -> Bool {
        1...maximumURLBytes ~= url.utf8.count && url.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }

    /// Of its deliveries.
    public var channel: String { Self.channel(of: name) }

    public static func channel(of name: String) -> String { OutboxChannel.webhookPrefix + name }
}

/// What a webhook's deliveries are signed with.
public enum WebhookSecret {
    /// Of the text.
    public static let byteCounts = 16...256
    static let maximumSealedBytes = byteCounts.upperBound + Sealer.overhead

    /// Sealed for this webhook: it opens for no other.
    public static func seal(_ secret: [UInt8], of name: String, _ sealer: Sealer) -> [UInt8] {
        precondition(byteCounts ~= secret.count, "a secret is bounded")
        return secret.withUnsafeBytes { plain in
            Array(name.utf8).withUnsafeBytes { sealer.seal(plain, associatedData: $0) }
        }
    }

    public static func open(_ sealed: [UInt8], of name: String, _ sealer: Sealer) throws -> [UInt8] {
        var plain: [UInt8] = []
        try sealed.withUnsafeBytes { sealed in
            try Array(name.utf8).withUnsafeBytes { try sealer.open(sealed, associatedData: $0, into: &plain) }
        }
        return plain
    }
}

extension Webhook {
    static let minimumByteCount = 31

    func encode(into writer: inout ByteWriter) {
        writer.writeString(name)
        writer.writeString(url)
        writer.writeBlock(secret)
        writer.write(UInt8(isEnabled ? 1 : 0))
        writer.writeString(createdBy)
        writer.write(createdAtMicroseconds)
        writer.writeString(changedBy)
        writer.write(changedAtMicroseconds)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        name = try reader.readWebhookName()
        url = try reader.readWebhookURL()
        secret = try reader.readWebhookSecret()
        isEnabled = try reader.readFlag()
        createdBy = try reader.readAuthor()
        createdAtMicroseconds = try reader.read()
        changedBy = try reader.readAuthor()
        changedAtMicroseconds = try reader.read()
    }
}

extension ByteReader {
    mutating func readWebhookName() throws(MalformedBytes) -> String {
        let start = offset
        let name = try readString()
        guard Webhook.isValid(name: name) else {
            throw MalformedBytes(offset: start, reason: "no name of a webhook")
        }
        return name
    }

    mutating func readWebhookURL() throws(MalformedBytes) -> String {
        let start = offset
        let url = try readString()
        guard Webhook.isValid(url: url) else {
            throw MalformedBytes(offset: start, reason: "no address of a webhook")
        }
        return url
    }

    mutating func readWebhookSecret() throws(MalformedBytes) -> [UInt8] {
        let start = offset
        let secret = try readBlock()
        guard secret.count <= WebhookSecret.maximumSealedBytes else {
            throw MalformedBytes(offset: start, reason: "a secret of \(secret.count) bytes")
        }
        return [UInt8](secret)
    }

    mutating func readFlag() throws(MalformedBytes) -> Bool {
        let start = offset
        switch try read(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw MalformedBytes(offset: start, reason: "neither yes nor no")
        }
    }
}
