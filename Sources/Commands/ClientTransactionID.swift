import COpenSSL
import NIOCore

/// Transaction ids that a client gives out itself, `txn_` and 26 Crockford base32 characters.
enum ClientTransactionID {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    static let textBytes = 30

    /// The id that belongs to this content: its time, then 80 bits of the content's SHA-256.
    static func write(milliseconds: Int64, content: some Collection<UInt8>, into buffer: inout ByteBuffer) {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        let bytes = Array(content)
        let done = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
        precondition(done == 1, "SHA-256 cannot fail on memory")
        var random: UInt128 = 0
        for byte in digest[..<10] { random = random << 8 | UInt128(byte) }
        write(UInt128(UInt64(milliseconds) & 0xFFFF_FFFF_FFFF) << 80 | random, into: &buffer)
    }

    /// An id that nothing else has.
    static func writeRandom(milliseconds: Int64, into buffer: inout ByteBuffer) {
        let random = UInt128(UInt64.random(in: 0...UInt64.max)) << 16 | UInt128(UInt16.random(in: 0...UInt16.max))
        write(UInt128(UInt64(milliseconds) & 0xFFFF_FFFF_FFFF) << 80 | random, into: &buffer)
    }

    private static func write(_ value: UInt128, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("txn_")
        var shift = 125
        while shift >= 0 {
            buffer.writeInteger(alphabet[Int(truncatingIfNeeded: value >> UInt128(shift)) & 31])
            shift -= 5
        }
    }
}
