import COpenSSL

/// SHA-256 of some content.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 32

    /// 32 bytes.
    public let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "a SHA-256 has 32 bytes")
        self.bytes = bytes
    }

    public init(of content: UnsafeRawBufferPointer) {
        bytes = Self.digest { context in EVP_DigestUpdate(context, content.baseAddress, content.count) == 1 }
    }

    public init(of content: [UInt8]) { self.init(ofParts: [content]) }

    /// The digest of all parts, one after the other.
    public init(ofParts parts: [[UInt8]]) {
        bytes = Self.digest { context in parts.allSatisfy { EVP_DigestUpdate(context, $0, $0.count) == 1 } }
    }

    private static func digest(_ update: (OpaquePointer) -> Bool) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_MD_CTX_free(context) }
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let done =
                EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 && update(context)
                && EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
            precondition(done, "SHA-256 cannot fail")
            count = byteCount
        }
    }

    /// 64 hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
