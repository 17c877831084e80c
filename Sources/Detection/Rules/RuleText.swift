/// Numbers in the text of a reason: deterministic, and short for any value.
enum RuleText {
    /// Up to three decimals, thousands grouped, without trailing zeros: "1,234.5".
    static func plain(_ value: Double) -> String { signed(value) { trimmed(thousandths($0)) } }

    /// "12.3 times".
    static func times(_ value: Double) -> String { signed(value) { Words.times($0) } }

    /// "93.1%".
    static func percent(_ value: Double) -> String { signed(value * 100) { "\(trimmed(tenths($0)))%" } }

    /// Seconds as "2 hours".
    static func duration(_ value: Double) -> String { signed(value) { Words.duration(Int64($0.rounded())) } }

    /// Major units of the event's currency: "4,210.00 EUR".
    static func money(_ value: Double, _ event: PaymentEvent) -> String {
        let exponent = event.minorUnitExponent
        let amount = signed(value) {
            let minor = min(($0 * Double(MinorUnits.powersOfTen[Int(exponent)])).rounded(), largest)
            return MinorUnits.text(Int64(minor), exponent: exponent, grouped: true)
        }
        return value.isNaN ? amount : "\(amount) \(event.currency)"
    }

    /// Exact as a Double and inside an Int64 also after times 1000.
    private static let largest = 1e15

    private static func signed(_ value: Double, _ magnitude: (Double) -> String) -> String {
        if value.isNaN { return "unknown" }
        let text = magnitude(min(abs(value), largest))
        // What rounds to zero has no sign.
        let isZero = !text.utf8.contains { UInt8(ascii: "1")...UInt8(ascii: "9") ~= $0 }
        return value < 0 && !isZero ? "-\(text)" : text
    }

    private static func thousandths(_ value: Double) -> String {
        MinorUnits.text(Int64((value * 1000).rounded()), exponent: 3, grouped: true)
    }

    private static func tenths(_ value: Double) -> String {
        MinorUnits.text(Int64((value * 10).rounded()), exponent: 1, grouped: true)
    }

    private static func trimmed(_ decimal: String) -> String {
        var text = decimal
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
