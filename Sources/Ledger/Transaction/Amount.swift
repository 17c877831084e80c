import Detection

/// An exact sum of money, never negative: a count of minor units.
public struct Amount: Hashable, Sendable, CustomStringConvertible {
    /// 0...`maximumMinorUnits`.
    public let minorUnits: Int64
    public let currency: Currency

    public static let maximumMinorUnits = PaymentEvent.maximumAmountMinor

    /// Nil outside the range.
    public init?(minorUnits: Int64, currency: Currency) {
        guard 0...Self.maximumMinorUnits ~= minorUnits else { return nil }
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Digits with an optional point and further digits, as JSON writes a plain number; exact to the minor unit.
    ///
    /// Decimals beyond the currency's own are taken only where they are zero: "10.500" EUR is 10.50 EUR.
    /// Throws an `InvalidField` of field "amount": for a sign, an exponent, other characters, decimals that the currency
    /// does not have, or a sum beyond the maximum.
    public static func parse(
        decimal text: UnsafeRawBufferPointer, currency: Currency
    ) throws(InvalidField) -> Amount {
        guard text.first != UInt8(ascii: "-") else { throw invalid("must not be negative") }
        let point = text.firstIndex(of: UInt8(ascii: "."))
        let whole = text[..<(point ?? text.endIndex)]
        let fraction = point.map { text[($0 + 1)...] } ?? text[text.endIndex...]
        guard !whole.isEmpty, point == nil || !fraction.isEmpty, whole.allSatisfy(isDigit), fraction.allSatisfy(isDigit)
        else { throw invalid("must be a plain decimal number") }
        let exponent = Int(currency.exponent)
        guard fraction.dropFirst(exponent).allSatisfy({ $0 == UInt8(ascii: "0") }) else {
            throw invalid("must have at most \(exponent) decimals in \(currency.code)")
        }
        // A value within the maximum times ten plus nine fits an Int64, so checking after each digit never overflows.
        var units: Int64 = 0
        for digit in whole {
            units = units * 10 + Int64(digit & 15)
            guard units <= maximumMinorUnits else { throw tooLarge(currency) }
        }
        for place in 0..<exponent {
            let position = fraction.startIndex + place
            units = units * 10 + (position < fraction.endIndex ? Int64(fraction[position] & 15) : 0)
            guard units <= maximumMinorUnits else { throw tooLarge(currency) }
        }
        return Amount(minorUnits: units, currency: currency)!
    }

    /// As `parse(decimal:currency:)` for bytes.
    public static func parse(decimal text: some StringProtocol, currency: Currency) throws(InvalidField) -> Amount {
        try Array(text.utf8).withUnsafeBufferPointer { utf8 throws(InvalidField) in
            try parse(decimal: UnsafeRawBufferPointer(utf8), currency: currency)
        }
    }

    /// The number alone, with all decimals of the currency: "4210.00".
    public var decimalText: String {
        MinorUnits.text(minorUnits, exponent: currency.exponent, grouped: false)
    }

    public var description: String { "\(decimalText) \(currency.code)" }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func invalid(_ reason: String) -> InvalidField { InvalidField(field: "amount", reason: reason) }

    private static func tooLarge(_ currency: Currency) -> InvalidField {
        let maximum = MinorUnits.text(maximumMinorUnits, exponent: currency.exponent, grouped: true)
        return invalid("exceeds the maximum of \(maximum) \(currency.code)")
    }
}
