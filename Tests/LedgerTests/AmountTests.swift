import Ledger
import Testing

@Suite struct AmountTests {
    @Test(arguments: [
        ("0", "EUR", 0), ("12", "EUR", 1200), ("12.5", "EUR", 1250), ("12.50", "EUR", 1250), ("10.500", "EUR", 1050),
        ("0.01", "EUR", 1), ("007.10", "EUR", 710), ("5", "JPY", 5), ("5.00", "JPY", 5), ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1), ("9999999999999.99", "EUR", 999_999_999_999_999),
        ("999999999999999", "JPY", 999_999_999_999_999),
        ("99999999999.9999", "UYW", 999_999_999_999_999), ("0.10000000000000000000000000", "USD", 10),
    ])
    func aPlainDecimalIsExact(text: String, code: String, minorUnits: Int64) throws {
        let amount = try Amount.parse(decimal: text, currency: Currency(code)!)
        #expect(amount.minorUnits == minorUnits)
        #expect(try Amount.parse(decimal: amount.decimalText, currency: amount.currency) == amount)
    }

    @Test(arguments: [
        ("-1", "must not be negative"), ("-", "must not be negative"), ("-0", "must not be negative"),
        ("", "must be a plain decimal number"), (".", "must be a plain decimal number"),
        (".5", "must be a plain decimal number"), ("5.", "must be a plain decimal number"),
        ("+5", "must be a plain decimal number"), ("1e5", "must be a plain decimal number"),
        ("1E-2", "must be a plain decimal number"), ("1,5", "must be a plain decimal number"),
        ("1.2.3", "must be a plain decimal number"), (" 1", "must be a plain decimal number"),
        ("NaN", "must be a plain decimal number"), ("٣", "must be a plain decimal number"),
        ("1.234", "must have at most 2 decimals in EUR"), ("1.001", "must have at most 2 decimals in EUR"),
        ("10000000000000", "exceeds the maximum of 9,999,999,999,999.99 EUR"),
        ("10000000000000.00", "exceeds the maximum of 9,999,999,999,999.99 EUR"),
        ("99999999999999999999999999999999999999", "exceeds the maximum of 9,999,999,999,999.99 EUR"),
    ])
    func whatIsNoAmountSaysWhy(text: String, reason: String) {
        #expect(throws: InvalidField(field: "amount", reason: reason)) {
            try Amount.parse(decimal: text, currency: Currency("EUR")!)
        }
    }

    @Test func decimalsAreThoseOfTheCurrency() {
        #expect(throws: InvalidField(field: "amount", reason: "must have at most 0 decimals in JPY")) {
            try Amount.parse(decimal: "1.5", currency: Currency("JPY")!)
        }
        #expect(throws: InvalidField(field: "amount", reason: "must have at most 3 decimals in KWD")) {
            try Amount.parse(decimal: "1.2345", currency: Currency("KWD")!)
        }
        #expect(throws: InvalidField(field: "amount", reason: "exceeds the maximum of 999,999,999,999,999 JPY")) {
            try Amount.parse(decimal: "1000000000000000", currency: Currency("JPY")!)
        }
    }

    @Test func everyMinorUnitCountReadsBack() throws {
        var random = SeededRandom(6)
        for currency in Currency.all {
            for _ in 0..<20 {
                let units = Int64(random.next() >> UInt64(14 + random.below(50))) % (Amount.maximumMinorUnits + 1)
                let amount = try #require(Amount(minorUnits: units, currency: currency))
                #expect(try Amount.parse(decimal: amount.decimalText, currency: currency) == amount)
            }
        }
        #expect(Amount(minorUnits: -1, currency: Currency("EUR")!) == nil)
        #expect(Amount(minorUnits: Amount.maximumMinorUnits + 1, currency: Currency("EUR")!) == nil)
        #expect(Amount(minorUnits: 421_000, currency: Currency("EUR")!)?.description == "4210.00 EUR")
    }

    @Test func randomBytesNeverCrashTheParser() {
        var random = SeededRandom(8)
        let letters = Array("0123456789.-+eE, \u{0}x".utf8)
        for _ in 0..<5000 {
            let text = (0..<random.below(24)).map { _ in letters[random.below(letters.count)] }
            for code in ["EUR", "JPY", "CLF"] {
                let amount = text.withUnsafeBytes { try? Amount.parse(decimal: $0, currency: Currency(code)!) }
                if let amount { #expect(0...Amount.maximumMinorUnits ~= amount.minorUnits) }
            }
        }
    }

    @Test(
        arguments: [
            ("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("CLP", 0), ("ISK", 0), ("VND", 0), ("XOF", 0), ("KWD", 3),
            ("BHD", 3), ("TND", 3), ("CLF", 4), ("UYW", 4), ("CHF", 2), ("ZWG", 2), ("XCG", 2), ("VES", 2), ("SLE", 2),
        ] as [(String, UInt8)])
    func currenciesHaveTheirDecimals(code: String, exponent: UInt8) {
        #expect(Currency(code)?.exponent == exponent)
        #expect(Array(code.utf8).withUnsafeBytes { Currency(utf8: $0) }?.code == code)
    }

    @Test(arguments: ["", "EU", "EURO", "eur", "ABC", "XXX", "XAU", "XTS", "E\u{0}R", "€UR", "ZZZ", "AAA"])
    func otherCodesAreNoCurrency(code: String) {
        #expect(Currency(code) == nil)
        #expect(Array(code.utf8).withUnsafeBytes { Currency(utf8: $0) } == nil)
    }

    @Test func theTableHasEachCodeOnce() {
        let codes = Currency.all.map(\.code)
        #expect(codes == codes.sorted())
        #expect(Set(codes).count == codes.count)
        #expect(codes.count == 167)
    }
}
