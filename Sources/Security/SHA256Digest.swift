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
        let stream = SHA256Stream()
        stream.update(content)
        self = stream.finish()
    }

    public init(of content: [UInt8]) { self = content.withUnsafeBytes { Self(of: $0) } }

    /// 64 hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
