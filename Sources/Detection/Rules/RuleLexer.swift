/// What is wrong inside one expression, and where in it.
struct ExpressionError: Error, Equatable {
    /// Bytes from the beginning of the expression.
    let offset: Int
    let reason: String

    init(_ offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
    }
}

/// One word, number or sign of a condition.
struct RuleToken: Equatable {
    enum Kind: Equatable {
        /// Finite, not negative; a duration ("90s", "10m", "2h", "7d") in seconds.
        case number(Double)
        /// Letters, digits, _ and dots: "amount", "model.probability", "EUR".
        case word(String)
        /// Between double or single quotes.
        case quoted(String)
        /// + - * / ( ) [ ] , | < <= > >= == !=
        case sign(String)
        case end
    }

    let kind: Kind
    let offset: Int

    /// As an error message shows it.
    var shown: String {
        switch kind {
        case .number(let number): "the number \(RuleText.plain(number))"
        case .word(let word): "\"\(RuleNames.excerpt(word))\""
        case .quoted(let text): "\"\(RuleNames.excerpt(text))\""
        case .sign(let sign): "\"\(sign)\""
        case .end: "the end"
        }
    }
}

/// Splits an expression into tokens.
struct RuleLexer {
    /// The largest number that can be written; larger than any amount in minor units of any currency.
    static let largestNumber = 1e18

    private let text: [UInt8]
    private var position = 0

    private init(_ text: some Sequence<UInt8>) { self.text = Array(text) }

    /// All tokens, an `.end` last.
    static func tokens(of text: some Sequence<UInt8>) throws(ExpressionError) -> [RuleToken] {
        var lexer = RuleLexer(text)
        var tokens: [RuleToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return tokens
    }

    private mutating func next() throws(ExpressionError) -> RuleToken {
        while position < text.count, isSpace(text[position]) { position += 1 }
        guard position < text.count else { return RuleToken(kind: .end, offset: position) }
        let start = position
        let kind: RuleToken.Kind =
            switch text[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): .number(try number())
            case let byte where isLetter(byte): .word(word())
            case UInt8(ascii: "\""), UInt8(ascii: "'"): .quoted(try quoted())
            default: .sign(try sign())
            }
        return RuleToken(kind: kind, offset: start)
    }

    private mutating func word() -> String {
        let start = position
        while position < text.count, isLetter(text[position]) || isDigit(text[position]) || text[position] == dot {
            position += 1
        }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private mutating func number() throws(ExpressionError) -> Double {
        let start = position
        // "10_000" reads as 10000.
        var digits: [UInt8] = []
        while position < text.count, isDigit(text[position]) || text[position] == dot || text[position] == underscore {
            if text[position] != underscore { digits.append(text[position]) }
            position += 1
        }
        let unitStart = position
        while position < text.count, isLetter(text[position]) { position += 1 }
        let unit = String(decoding: text[unitStart..<position], as: UTF8.self)
        let written = String(decoding: text[start..<position], as: UTF8.self)
        guard let scale = Self.scales[unit] else {
            throw ExpressionError(
                start, "\"\(RuleNames.excerpt(written))\" is not a number; units of time are s, m, h and d")
        }
        guard digits.last != dot, digits.count(where: { $0 == dot }) <= 1,
            let value = Double(String(decoding: digits, as: UTF8.self)), value * scale <= Self.largestNumber
        else {
            throw ExpressionError(
                start, "\"\(RuleNames.excerpt(written))\" is not a number from 0 to 1,000,000,000,000,000,000")
        }
        return value * scale
    }

    private static let scales: [String: Double] = ["": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400]

    private mutating func quoted() throws(ExpressionError) -> String {
        let start = position
        let quote = text[position]
        guard let end = text[(start + 1)...].firstIndex(of: quote) else {
            throw ExpressionError(start, "a quote that does not end")
        }
        position = end + 1
        return String(decoding: text[(start + 1)..<end], as: UTF8.self)
    }

    private mutating func sign() throws(ExpressionError) -> String {
        let start = position
        if position + 1 < text.count, text[position + 1] == UInt8(ascii: "="),
            let pair = Self.pairs[text[position]]
        {
            position += 2
            return pair
        }
        guard let sign = Self.signs[text[position]] else {
            throw ExpressionError(start, Self.complaint(text[start...]))
        }
        position += 1
        return sign
    }

    private static func complaint(_ rest: ArraySlice<UInt8>) -> String {
        switch rest.first {
        case UInt8(ascii: "="): return "\"=\" compares nothing; write =="
        case UInt8(ascii: "!"): return "\"!\" is not understood; write not"
        case UInt8(ascii: "&"): return "\"&\" is not understood; write and"
        case UInt8(ascii: "%"): return "\"%\" is not understood; write 0.05 for 5 %"
        default:
            let shown = String(decoding: rest.prefix(4), as: UTF8.self).unicodeScalars.prefix(1)
            return "\"\(RuleNames.excerpt(String(shown)))\" is not understood here"
        }
    }

    private static let pairs: [UInt8: String] = [
        UInt8(ascii: "<"): "<=", UInt8(ascii: ">"): ">=", UInt8(ascii: "="): "==", UInt8(ascii: "!"): "!=",
    ]
    private static let signs: [UInt8: String] = Dictionary(
        uniqueKeysWithValues: "+-*/()[],|<>".utf8.map { ($0, String(decoding: [$0], as: UTF8.self)) })

    private var dot: UInt8 { UInt8(ascii: ".") }
    private var underscore: UInt8 { UInt8(ascii: "_") }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
    private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
    private func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == underscore
    }
}
