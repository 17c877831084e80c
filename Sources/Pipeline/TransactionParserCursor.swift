/// Where a document stops being JSON.
struct JSONSyntaxError: Error, Equatable {
    let offset: Int
    let reason: String
}

/// A string or number that stands in the document, by place.
struct JSONText {
    /// Of the first byte inside the quotes, or of the number.
    var start: Int
    var end: Int
    /// Backslashes stand in it: its bytes are not its content.
    var hasEscapes: Bool

    static let absent = JSONText(start: -1, end: -1, hasEscapes: false)
    var isPresent: Bool { start >= 0 }
}

/// A value as far as a flat schema needs to know it.
enum JSONValue {
    case string(JSONText)
    /// `isPlain`: without an exponent.
    case number(JSONText, isPlain: Bool)
    case null
    case boolean
    case array
    case object
}

/// Walks over a document, strictly by RFC 8259. It checks every byte that it passes, UTF-8 included, and copies nothing.
struct JSONCursor {
    /// Deeper than this is refused. The schema itself has one level; more can only be a mistake.
    static let maxDepth = 16

    let base: UnsafePointer<UInt8>
    let count: Int
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        // An empty buffer may have no address, and nothing is read through this one.
        base = bytes.baseAddress ?? UnsafePointer(bitPattern: 1)!
        count = bytes.count
    }

    var isAtEnd: Bool { position == count }

    /// The byte at hand; zero, which is no part of JSON's grammar, at the end.
    private var current: UInt8 { position < count ? base[position] : 0 }

    func failure(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(offset: position, reason: reason) }

    mutating func skipSpace() {
        while position < count {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    /// Steps over `byte` if it is at hand.
    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ reason: String) throws(JSONSyntaxError) {
        guard take(byte) else { throw isAtEnd ? failure("the document ends too early") : failure(reason) }
    }

    /// Reads any value; the inside of an array or object is checked and passed over.
    mutating func value(depth: Int = 1) throws(JSONSyntaxError) -> JSONValue {
        switch current {
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "t"):
            try literal("true")
            return .boolean
        case UInt8(ascii: "f"):
            try literal("false")
            return .boolean
        case UInt8(ascii: "["):
            try skipArray(depth: depth + 1)
            return .array
        case UInt8(ascii: "{"):
            try skipObject(depth: depth + 1)
            return .object
        default:
            throw isAtEnd ? failure("the document ends too early") : failure("a value is expected")
        }
    }

    /// Reads a string, its quotes included.
    mutating func string() throws(JSONSyntaxError) -> JSONText {
        try expect(UInt8(ascii: "\""), "a string is expected")
        var text = JSONText(start: position, end: position, hasEscapes: false)
        while true {
            skipPlainASCII()
            guard position < count else { throw failure("the string does not end") }
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                text.end = position
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") {
                text.hasEscapes = true
                try skipEscape()
            } else if byte >= 0x80 {
                let length = utf8SequenceLength()
                guard length > 0 else { throw failure("the bytes are not UTF-8") }
                position += length
            } else if byte < 0x20 {
                throw failure("a control character in a string must be escaped")
            } else {
                position += 1
            }
        }
    }

    /// Steps over bytes that mean themselves in a string, eight at a time.
    private mutating func skipPlainASCII() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops = ones << 7
        while position + 8 <= count {
            let word = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
            // Each term has a byte's top bit set where the byte is a quote, a backslash or below 0x20; borrows can
            // only spoil bytes above the first that is, and the first is all that is asked for.
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            let found =
                ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word | word)
                & tops
            if found != 0 {
                position += found.trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
    }

    /// Length of the well-formed UTF-8 sequence at hand (Unicode, table 3-7); zero if there is none.
    private func utf8SequenceLength() -> Int {
        let first = base[position]
        let left = count - position
        func continues(_ ahead: Int) -> Bool { base[position + ahead] & 0xC0 == 0x80 }
        switch first {
        case 0xC2...0xDF:
            return left >= 2 && continues(1) ? 2 : 0
        case 0xE0...0xEF:
            guard left >= 3, continues(1), continues(2) else { return 0 }
            let second = base[position + 1]
            // Neither an overlong form nor a surrogate.
            return (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ? 0 : 3
        case 0xF0...0xF4:
            guard left >= 4, continues(1), continues(2), continues(3) else { return 0 }
            let second = base[position + 1]
            return (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90) ? 0 : 4
        default:
            return 0
        }
    }

    private mutating func skipEscape() throws(JSONSyntaxError) {
        let start = position
        position += 1
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            let unit = try hexadecimalUnit(of: start)
            if unit & 0xFC00 == 0xDC00 { throw JSONSyntaxError(offset: start, reason: "a surrogate stands alone") }
            if unit & 0xFC00 == 0xD800 {
                guard position + 1 < count, base[position] == UInt8(ascii: "\\"),
                    base[position + 1] == UInt8(ascii: "u")
                else { throw JSONSyntaxError(offset: start, reason: "a surrogate stands alone") }
                position += 1
                guard try hexadecimalUnit(of: start) & 0xFC00 == 0xDC00 else {
                    throw JSONSyntaxError(offset: start, reason: "a surrogate stands alone")
                }
            }
        default:
            throw JSONSyntaxError(offset: start, reason: "no such escape")
        }
    }

    /// Reads `uXXXX`, standing at the `u`.
    private mutating func hexadecimalUnit(of start: Int) throws(JSONSyntaxError) -> UInt16 {
        guard position + 4 < count else { throw JSONSyntaxError(offset: start, reason: "the escape is cut short") }
        var unit: UInt16 = 0
        for ahead in 1...4 {
            guard let digit = JSONUnescape.hexadecimalDigit(base[position + ahead]) else {
                throw JSONSyntaxError(offset: start, reason: "an escape needs four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
        }
        position += 5
        return unit
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < count, base[position] &- 0x30 < 10 { position += 1 }
        return position - start
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            guard current &- 0x30 >= 10 else { throw failure("a number does not begin with a spare zero") }
        } else if skipDigits() == 0 {
            throw failure("a digit is expected")
        }
        if take(UInt8(ascii: ".")), skipDigits() == 0 { throw failure("a digit is expected after the point") }
        var isPlain = true
        if current | 0x20 == UInt8(ascii: "e") {
            isPlain = false
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if skipDigits() == 0 { throw failure("a digit is expected in the exponent") }
        }
        return .number(JSONText(start: start, end: position, hasEscapes: false), isPlain: isPlain)
    }

    private mutating func literal(_ word: StaticString) throws(JSONSyntaxError) {
        let length = word.utf8CodeUnitCount
        guard position + length <= count else { throw failure("a value is expected") }
        for ahead in 0..<length where base[position + ahead] != word.utf8Start[ahead] {
            throw failure("a value is expected")
        }
        position += length
    }

    private mutating func skipArray(depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.maxDepth else { throw failure("nested deeper than \(Self.maxDepth) levels") }
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        repeat {
            skipSpace()
            _ = try value(depth: depth)
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the array's end is expected")
    }

    private mutating func skipObject(depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.maxDepth else { throw failure("nested deeper than \(Self.maxDepth) levels") }
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipSpace()
            _ = try string()
            skipSpace()
            try expect(UInt8(ascii: ":"), "a colon is expected")
            skipSpace()
            _ = try value(depth: depth)
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the object's end is expected")
    }
}
