public import Detection

/// A currency of ISO 4217 that has a minor unit: its code and how many decimals an amount in it has.
public struct Currency: Hashable, Sendable, CustomStringConvertible {
    public let tag: CurrencyTag
    /// Decimals of the minor unit: 0 (JPY), 2 (EUR), 3 (KWD) or 4 (CLF).
    public let exponent: UInt8

    /// Nil unless `code` is a known code in capital letters.
    public init?(_ code: some StringProtocol) {
        guard let tag = CurrencyTag(code) else { return nil }
        self.init(tag: tag)
    }

    /// As `init(_:)`, from bytes.
    public init?(utf8 code: UnsafeRawBufferPointer) {
        guard code.count == 3 else { return nil }
        self.init(tag: CurrencyTag(rawValue: UInt32(code[0]) << 16 | UInt32(code[1]) << 8 | UInt32(code[2])))
    }

    public init?(tag: CurrencyTag) {
        guard let position = Self.position(of: tag) else { return nil }
        let exponent = Self.exponents[position]
        guard exponent != Self.unknown else { return nil }
        self.tag = tag
        self.exponent = exponent
    }

    public var code: String { tag.description }
    public var description: String { code }

    /// Every known currency, by code.
    public static let all: [Currency] = codesByExponent.flatMap { _, codes in codes.split(separator: " ") }
        .sorted().map { Currency($0)! }

    private static let unknown: UInt8 = 255

    /// One place for each of the 26³ codes, so that a look-up is one load.
    private static let exponents: [UInt8] = {
        var table = [UInt8](repeating: unknown, count: 26 * 26 * 26)
        for (exponent, codes) in codesByExponent {
            for code in codes.split(separator: " ") { table[position(of: CurrencyTag(code)!)!] = exponent }
        }
        return table
    }()

    private static func position(of tag: CurrencyTag) -> Int? {
        let first = UInt8(ascii: "A")
        guard tag.rawValue >> 24 == 0 else { return nil }
        var position = 0
        for place in 0..<3 {
            let letter = UInt8(truncatingIfNeeded: tag.rawValue >> UInt32(16 - 8 * place)) &- first
            guard letter < 26 else { return nil }
            position = position * 26 + Int(letter)
        }
        return position
    }

    /// ISO 4217 list one. Metals, bond units and test codes have no minor unit and are left out; ANG and BGN, withdrawn
    /// in 2025 and 2026, stay because late records still carry them.
    private static let codesByExponent: [(UInt8, String)] = [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (
            2,
            """
            AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
            CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD \
            HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
            MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR \
            SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU \
            UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
            """
        ),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ]
}
