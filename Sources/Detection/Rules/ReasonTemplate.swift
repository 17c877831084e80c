/// The text of a reason with places for values: "{amount} is {amount_ratio|times} the usual".
///
/// Only numbers, amounts and the codes of currencies, countries, channels and weekdays can be put in, all of them written by this
/// program: nothing that a sender of payments wrote, and no user, merchant or device, ever reaches a reason.
struct ReasonTemplate: Sendable, Equatable {
    /// Bytes of a template as it is written.
    static let maximumLength = 500
    static let maximumValues = 8
    static let formats = "times, percent, duration, money or number"

    enum Format: Sendable, Equatable {
        case number, money, times, percent, duration
        case feature(Feature)
        case currency, country, channel, weekday

        init?(name: String) {
            switch name {
            case "number": self = .number
            case "money": self = .money
            case "times": self = .times
            case "percent": self = .percent
            case "duration": self = .duration
            default: return nil
            }
        }
    }

    enum Part: Sendable, Equatable {
        case text(String)
        /// The expression from one place of the code to another.
        case value(start: Int, end: Int, Format)
    }

    let parts: [Part]

    static func text(_ value: Double, _ format: Format, _ event: PaymentEvent) -> String {
        switch format {
        case .number: RuleText.plain(value)
        case .money: RuleText.money(value, event)
        case .times: RuleText.times(value)
        case .percent: RuleText.percent(value)
        case .duration: RuleText.duration(value)
        case .feature(let feature): value.isNaN ? "unknown" : feature.words(Float(value))
        case .currency: event.currency.description
        case .country: event.country.description
        case .channel: PaymentChannel(rawValue: event.channel)?.name ?? "unknown"
        case .weekday: value.isNaN ? "unknown" : RuleVocabulary.weekdays[Int(value)]
        }
    }
}

/// Reads a template and compiles what stands in braces.
struct ReasonTemplateParser {
    let scope: RuleScope
    var code: RuleCode
    var readsModel = false

    init(scope: RuleScope, code: consuming RuleCode) {
        self.scope = scope
        self.code = code
    }

    mutating func parse(_ template: String) throws(ExpressionError) -> ReasonTemplate {
        let bytes = Array(template.utf8)
        var parts: [ReasonTemplate.Part] = []
        var literal: [UInt8] = []
        var values = 0
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                literal.append(byte)
                position += 1
                continue
            }
            if position + 1 < bytes.count, bytes[position + 1] == byte {
                literal.append(byte)
                position += 2
                continue
            }
            guard byte == UInt8(ascii: "{"), let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else {
                throw ExpressionError(position, "a brace without its partner; write {{ or }} for a brace itself")
            }
            values += 1
            guard values <= ReasonTemplate.maximumValues else {
                throw ExpressionError(position, "a reason shows at most \(ReasonTemplate.maximumValues) values")
            }
            if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
            literal = []
            parts.append(try value(bytes[(position + 1)..<end]))
            position = end + 1
        }
        if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
        return ReasonTemplate(parts: parts)
    }

    private mutating func value(_ bytes: ArraySlice<UInt8>) throws(ExpressionError) -> ReasonTemplate.Part {
        let start = code.end
        do {
            var parser = try RuleExpressionParser(bytes, scope: scope, code: code.take())
            let (type, name) = try parser.value()
            let format = try Self.format(type, name)
            code = parser.code
            if parser.readsModel { readsModel = true }
            return .value(start: start, end: code.end, format)
        } catch {
            throw ExpressionError(bytes.startIndex + error.offset, error.reason)
        }
    }

    private static func format(
        _ type: RuleType, _ name: String?
    ) throws(ExpressionError) -> ReasonTemplate.Format {
        if let name {
            guard type.isNumber else {
                throw ExpressionError(0, "only a number has a format, and this is \(type.shown)")
            }
            guard let format = ReasonTemplate.Format(name: name) else {
                throw ExpressionError(
                    0, "unknown format \"\(RuleNames.excerpt(name))\"; expected \(ReasonTemplate.formats)")
            }
            return format
        }
        switch type {
        case .number: return .number
        case .money: return .money
        case .score: return .percent
        case .feature(let feature): return .feature(feature)
        case .currency: return .currency
        case .country: return .country
        case .channel: return .channel
        case .weekday: return .weekday
        case .boolean: throw ExpressionError(0, "a reason shows values, not true or false")
        case .key(let kind): throw ExpressionError(0, "a reason never names a \(kind.name)")
        }
    }
}
