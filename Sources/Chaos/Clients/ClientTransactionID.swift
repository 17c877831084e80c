/// Transaction ids that the harness gives out, `txn_` and 26 characters of Crockford's base32.
enum ClientTransactionID {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    static func make(using random: inout SeededRandom) -> String {
        let milliseconds = UInt128(UInt64(RunClock.wallMicroseconds / 1_000) & 0xFFFF_FFFF_FFFF)
        let value = milliseconds << 80 | UInt128(random.next()) << 16 | UInt128(random.next() & 0xFFFF)
        var text = "txn_"
        for shift in stride(from: 125, through: 0, by: -5) {
            text.append(alphabet[Int(truncatingIfNeeded: value >> UInt128(shift)) & 31])
        }
        return text
    }
}
