/// SipHash-2-4, a keyed hash for short inputs: without the key nobody can compute or invert it.
///
/// Written out because each record needs several and OpenSSL's takes a context, a lock and 20 times as long. The tests
/// compare it with OpenSSL's. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, section 2.
package struct SipHash: Sendable {
    private let key: (UInt64, UInt64)

    /// The first 16 of `key`'s bytes.
    package init(key: [UInt8]) {
        precondition(key.count >= 16, "SipHash takes a key of 16 bytes")
        self.key = key.withUnsafeBytes {
            (
                UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)),
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    package func hash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = State(key: key)
        state.absorb(bytes)
        state.v2 ^= 0xFF
        return state.squeeze()
    }

    /// The variant with 128 bits of output; the first half is the lower one.
    package func hash128(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
        var state = State(key: key)
        state.v1 ^= 0xEE
        state.absorb(bytes)
        state.v2 ^= 0xEE
        let low = state.squeeze()
        state.v1 ^= 0xDD
        return UInt128(state.squeeze()) << 64 | UInt128(low)
    }

    private struct State {
        var v0, v1, v2, v3: UInt64

        init(key: (UInt64, UInt64)) {
            v0 = key.0 ^ 0x736F_6D65_7073_6575
            v1 = key.1 ^ 0x646F_7261_6E64_6F6D
            v2 = key.0 ^ 0x6C79_6765_6E65_7261
            v3 = key.1 ^ 0x7465_6462_7974_6573
        }

        mutating func round() {
            v0 &+= v1
            v1 = (v1 << 13 | v1 >> 51) ^ v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = (v3 << 16 | v3 >> 48) ^ v2
            v0 &+= v3
            v3 = (v3 << 21 | v3 >> 43) ^ v0
            v2 &+= v1
            v1 = (v1 << 17 | v1 >> 47) ^ v2
            v2 = v2 << 32 | v2 >> 32
        }

        mutating func absorb(word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        /// All whole words, then the rest with the length in the highest byte.
        mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
            var offset = 0
            while offset + 8 <= bytes.count {
                absorb(word: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            var last = UInt64(truncatingIfNeeded: bytes.count) << 56
            var shift: UInt64 = 0
            while offset < bytes.count {
                last |= UInt64(bytes[offset]) << shift
                shift += 8
                offset += 1
            }
            absorb(word: last)
        }

        mutating func squeeze() -> UInt64 {
            round()
            round()
            round()
            round()
            return v0 ^ v1 ^ v2 ^ v3
        }
    }
}
