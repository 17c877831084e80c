/// A place between two transactions in the order of `occurred_at`, then id: the last one already seen.
public struct TransactionCursor: Equatable, Sendable, CustomStringConvertible {
    public let occurredAtMicroseconds: Int64
    public let id: TransactionID

    public init(occurredAtMicroseconds: Int64, id: TransactionID) {
        self.occurredAtMicroseconds = occurredAtMicroseconds
        self.id = id
    }

    private static let version: UInt8 = 1
    private static let byteCount = 25
    private static let textByteCount = 34
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Reads what `description` writes; throws `LedgerStoreError.invalidCursor` for anything else.
    public init(_ text: String) throws(LedgerStoreError) {
        guard text.utf8.count == Self.textByteCount else {
            throw .invalidCursor(reason: "\(text.utf8.count) bytes long instead of \(Self.textByteCount)")
        }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for letter in text.utf8 {
            guard let value = Self.alphabet.firstIndex(of: letter) else {
                throw .invalidCursor(reason: "it is not base64url")
            }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        guard bytes.count == Self.byteCount, bits & (1 << UInt32(bitCount) - 1) == 0, bytes[0] == Self.version else {
            throw .invalidCursor(reason: "it was not made by this server")
        }
        let (time, id) = bytes.withUnsafeBytes { raw in
            (
                Int64(bigEndian: raw.loadUnaligned(fromByteOffset: 1, as: Int64.self)),
                UInt128(bigEndian: raw.loadUnaligned(fromByteOffset: 9, as: UInt128.self))
            )
        }
        self.init(occurredAtMicroseconds: time, id: TransactionID(rawValue: id))
    }

    /// Opaque text of 34 letters, digits, `-` and `_`.
    public var description: String {
        var bytes = [Self.version]
        withUnsafeBytes(of: occurredAtMicroseconds.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: id.rawValue.bigEndian) { bytes.append(contentsOf: $0) }
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(Self.alphabet[Int(bits >> UInt32(bitCount) & 63)])
            }
        }
        if bitCount > 0 { text.append(Self.alphabet[Int(bits << UInt32(6 - bitCount) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
