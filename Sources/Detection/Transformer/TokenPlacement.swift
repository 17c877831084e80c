/// Where a token's bytes stand on the knots of their embeddings.
struct TokenPlacement: Sendable, Equatable {
    /// For each field the places of all its 256 bytes, by their bits: 4 KB.
    private let table: [UInt8]

    init(_ configuration: Transformer.Configuration) {
        table = (0..<Transformer.Configuration.fields).flatMap { field in
            (0...UInt8.max).map { Self.place(Int8(bitPattern: $0), field, configuration) }
        }
    }

    private static func place(_ byte: Int8, _ field: Int, _ configuration: Transformer.Configuration) -> UInt8 {
        let isRead = configuration.readFields >> field & 1 == 1
        let isAbsent = byte == -1 && configuration.absentFields >> field & 1 == 1
        guard isRead else { return 0x80 }
        let factor = configuration.factors[field]
        // Beyond the limit a multiplied byte would overflow.
        let limit = 127 / factor
        let spread = isAbsent ? -16 : min(max(byte, -limit), limit) * factor
        return UInt8(bitPattern: spread) ^ 0x80
    }

    /// For each byte 16 times the knot below it plus the sixteenths above that; zero stands at knot 8.
    @inline(__always)
    func places(_ token: SIMD16<Int8>) -> SIMD16<UInt8> {
        table.withUnsafeBufferPointer { table in
            var places = SIMD16<UInt8>.zero
            for field in 0..<16 { places[field] = table[field << 8 | Int(UInt8(bitPattern: token[field]))] }
            return places
        }
    }
}
