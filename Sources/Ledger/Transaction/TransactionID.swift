/// A transaction's name for ever: a ULID, written `txn_` and 26 letters and digits of Crockford's base 32.
///
/// The upper 48 bits are milliseconds since 1970, the lower 80 are random; so ids sort by time.
/// Source: the ULID specification, github.com/ulid/spec.
public struct TransactionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt128

    public init(rawValue: UInt128) { self.rawValue = rawValue }

    public static let prefix = "txn_"
    /// Length of the written form.
    public static let textByteCount = 30

    /// Nil unless `text` is the written form; small letters are accepted.
    public init?(_ text: some StringProtocol) {
        var copy = String(text)
        guard let id = copy.withUTF8({ Self(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = id
    }

    /// As `init(_:)`, from bytes.
    public init?(utf8 text: UnsafeRawBufferPointer) {
        guard text.count == Self.textByteCount, text.prefix(4).elementsEqual(Self.prefix.utf8) else { return nil }
        var value: UInt128 = 0
        for position in 4..<Self.textByteCount {
            let digit = Self.digits[Int(text[position])]
            // 26 digits hold 130 bits: the first may not exceed 7.
            guard digit < 32, position > 4 || digit < 8 else { return nil }
            value = value << 5 | UInt128(digit)
        }
        rawValue = value
    }

    /// Milliseconds since 1970 UTC, by the clock of the node that gave the id.
    public var milliseconds: Int64 { Int64(rawValue >> 80) }

    /// The id `count` places further on.
    public func advanced(by count: Int) -> TransactionID { TransactionID(rawValue: rawValue + UInt128(count)) }

    /// Calls `body` with the 16 big-endian bytes: the id as a `uuid`, and the associated data of a sealed body.
    public func withBigEndianBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var big = rawValue.bigEndian
        return try withUnsafeBytes(of: &big, body)
    }

    public static func < (left: TransactionID, right: TransactionID) -> Bool { left.rawValue < right.rawValue }

    public var description: String {
        String(unsafeUninitializedCapacity: Self.textByteCount) { buffer in
            _ = buffer.initialize(fromContentsOf: Self.prefix.utf8)
            for position in 4..<Self.textByteCount {
                let shift = UInt128(5 * (Self.textByteCount - 1 - position))
                buffer[position] = Self.alphabet[Int(truncatingIfNeeded: rawValue >> shift & 31)]
            }
            return Self.textByteCount
        }
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Value of each byte as a digit; 255 where it is none.
    private static let digits: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, letter) in alphabet.enumerated() {
            table[Int(letter)] = UInt8(value)
            if letter >= UInt8(ascii: "A") { table[Int(letter | 0x20)] = UInt8(value) }
        }
        return table
    }()
}
