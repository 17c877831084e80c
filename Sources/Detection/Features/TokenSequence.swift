public import Bytes

/// The user's last tokens in the order of their arrival, which is that of the log.
///
/// 544 bytes, no heap. `digest` chains every token ever appended, those no longer held included.
public struct TokenSequence: Sendable, Equatable {
    public static let maximumLength = 32

    /// Tokens appended so far.
    public private(set) var count: Int64 = 0
    /// Equal digests mean equal histories, but for about one pair in 2^64.
    public private(set) var digest: UInt64 = 0
    /// A ring: token number n stands at n % maximumLength.
    private var ring: InlineArray<32, Token>

    public init() { ring = InlineArray(repeating: .zero) }

    /// Tokens held: min(count, maximumLength).
    @inline(__always)
    public var length: Int { count < 32 ? Int(count) : 32 }

    /// The token at `position` in 0 ..< `length`, oldest first.
    @inline(__always)
    public subscript(position: Int) -> Token {
        precondition(position >= 0 && position < length, "no such token")
        return ring[(Int(truncatingIfNeeded: count) - length + position) & 31]
    }

    /// As `append` would leave the digest.
    public static func digest(_ digest: UInt64, appending token: Token) -> UInt64 {
        let words = unsafeBitCast(token, to: SIMD2<UInt64>.self)
        return mixed(mixed(digest ^ words[0].littleEndian) ^ words[1].littleEndian)
    }

    public mutating func append(_ token: Token) {
        ring[Int(truncatingIfNeeded: count) & 31] = token
        count += 1
        digest = Self.digest(digest, appending: token)
    }

    /// The finaliser of SplitMix64 after an addition that leaves no fixed point at zero.
    private static func mixed(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    public static func == (one: Self, other: Self) -> Bool {
        guard one.count == other.count, one.digest == other.digest else { return false }
        return (0..<one.length).allSatisfy { one[$0] == other[$0] }
    }

    /// 16 bytes, and 16 for each token held.
    public func encode(into writer: inout ByteWriter) {
        writer.write(count)
        writer.write(digest)
        for position in 0..<length { withUnsafeBytes(of: self[position]) { writer.append($0) } }
    }

    static let minimumByteCount = 16

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        self.init()
        let start = reader.offset
        let count = try reader.read(Int64.self)
        let digest = try reader.read(UInt64.self)
        guard Limits.count ~= count else {
            throw MalformedBytes(offset: start, reason: "\(count) tokens")
        }
        self.count = count
        for position in 0..<length {
            let token = try reader.take(16).loadUnaligned(as: Token.self)
            ring[(Int(truncatingIfNeeded: count) - length + position) & 31] = token
        }
        self.digest = digest
    }
}
