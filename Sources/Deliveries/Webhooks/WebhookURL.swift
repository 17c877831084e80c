import FoundationEssentials

/// An address that a webhook posts to, in the one form that the rest of the module works with.
public struct WebhookURL: Hashable, Sendable, CustomStringConvertible {
    public static let byteLimit = 2_048

    public let text: String
    /// In small letters; of an IPv6 address without brackets.
    public let host: String
    public let port: Int
    public let isEncrypted: Bool

    /// Throws `invalidURL` that says what is wrong with it.
    public init(_ text: String, policy: TargetPolicy) throws(WebhookError) {
        guard text.utf8.count <= Self.byteLimit else { throw .invalidURL("is longer than \(Self.byteLimit) bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), var parts = URLComponents(string: text) else {
            throw .invalidURL("is not a URL; other letters than ASCII are written with percent signs")
        }
        switch parts.scheme?.lowercased() {
        case "https": isEncrypted = true
        case "http":
            guard policy.allowsPlainHTTP else { throw .invalidURL("must begin with https") }
            isEncrypted = false
        default: throw .invalidURL(policy.allowsPlainHTTP ? "must begin with https or http" : "must begin with https")
        }
        guard parts.user == nil, parts.password == nil else { throw .invalidURL("must not have a name or a password") }
        guard parts.fragment == nil else { throw .invalidURL("must not have a fragment") }
        guard let host = parts.encodedHost?.lowercased(), !host.isEmpty else { throw .invalidURL("names no host") }
        var bare = host
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { throw .invalidURL("names no host") }
            bare = String(host.dropFirst().dropLast())
            guard NetworkAddress(bare) != nil else { throw .invalidURL("has no IPv6 address in its brackets") }
        } else {
            guard host.utf8.allSatisfy(Self.isOfName), host.utf8.count <= 253 else {
                throw .invalidURL("names a host that can't exist")
            }
        }
        if let address = NetworkAddress(bare), let objection = policy.objection(to: address) {
            throw .forbiddenTarget(objection)
        }
        let port = parts.port ?? (isEncrypted ? 443 : 80)
        guard (1...65_535).contains(port) else { throw .invalidURL("has a port that is not 1 to 65535") }
        parts.scheme = isEncrypted ? "https" : "http"
        parts.encodedHost = host
        guard let normal = parts.string else { throw .invalidURL("is not a URL") }
        self.text = normal
        self.host = bare
        self.port = port
    }

    public var description: String { text }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
