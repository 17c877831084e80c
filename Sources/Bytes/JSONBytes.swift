/// Appends JSON to bytes, by hand: for what is small and has a known shape.
package enum JSONBytes {
    package static func append(_ literal: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// A string with its quotes, escaped as RFC 8259 §7 asks.
    package static func append(string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                append("\\u00", to: &bytes)
                bytes.append(hexadecimalDigit(byte >> 4))
                bytes.append(hexadecimalDigit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A string, or null.
    package static func append(nullable string: String?, to bytes: inout [UInt8]) {
        if let string { append(string: string, to: &bytes) } else { append("null", to: &bytes) }
    }

    package static func append(number: some BinaryInteger, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(number).utf8)
    }

    /// A finite number; what is not finite has no form in JSON and becomes null.
    package static func append(number: Float, to bytes: inout [UInt8]) {
        guard number.isFinite else { return append("null", to: &bytes) }
        bytes.append(contentsOf: number.description.utf8)
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
