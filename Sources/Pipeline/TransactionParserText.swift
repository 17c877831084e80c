/// The content of strings in which backslashes stand. Only for text that a `JSONCursor` has passed over.
enum JSONUnescape {
    static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func bytes(of text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            let byte = text[position]
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                position += 1
                continue
            }
            position += 2
            switch text[position - 1] {
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"): appendScalar(text, &position, to: &bytes)
            case let itself: bytes.append(itself)
            }
        }
        return bytes
    }

    /// Standing after `\u`.
    private static func appendScalar(
        _ text: UnsafeBufferPointer<UInt8>, _ position: inout Int, to bytes: inout [UInt8]
    ) {
        var value = unit(text, at: position)
        position += 4
        if value & 0xFC00 == 0xD800 {
            value = 0x10000 + (value & 0x3FF) << 10 + (unit(text, at: position + 2) & 0x3FF)
            position += 6
        }
        guard let scalar = Unicode.Scalar(value) else { preconditionFailure("the cursor lets no lone surrogate pass") }
        bytes.append(contentsOf: UTF8.encode(scalar)!)
    }

    private static func unit(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt32 {
        var value: UInt32 = 0
        for place in position..<position + 4 { value = value << 4 | UInt32(hexadecimalDigit(text[place])!) }
        return value
    }
}
