/// A sum of money in each currency, in major units.
///
/// A currency that `byCurrency` does not list takes `defaultMajorUnits` of its own units: 10,000 means 10,000 euros and
/// just as well 10,000 Danish crowns. Exchange rates are nowhere consulted, so that a verdict never depends on the day.
/// A currency with small units must therefore be listed; the initial table lists those whose unit is worth less
/// than about a tenth of a euro, rounded so that the limit means about the same as the default in euros.
public struct MoneyLimit: Sendable, Equatable, Codable {
    /// 1...10^14.
    public var defaultMajorUnits: Int64
    /// By ISO 4217 code. A table that is given replaces the initial one.
    public var byCurrency: [String: Int64]

    /// The initial table, scaled to the default.
    public init(defaultMajorUnits: Int64) {
        self.defaultMajorUnits = defaultMajorUnits
        byCurrency = Self.unitsPerEuro.mapValues { $0 * defaultMajorUnits }
    }

    public init(defaultMajorUnits: Int64, byCurrency: [String: Int64]) {
        self.defaultMajorUnits = defaultMajorUnits
        self.byCurrency = byCurrency
    }

    /// Orders of magnitude, not rates.
    private static let unitsPerEuro: [String: Int64] = [
        "ALL": 100, "AMD": 400, "AOA": 1000, "ARS": 1500, "BDT": 130, "CLP": 1000, "COP": 4500, "CRC": 600, "CZK": 25,
        "DOP": 70, "DZD": 150, "GNF": 10_000, "HUF": 400, "IDR": 18_000, "INR": 100, "IQD": 1500, "IRR": 50_000,
        "ISK": 150, "JMD": 180, "JPY": 160, "KES": 150, "KHR": 4500, "KRW": 1600, "KZT": 550, "LAK": 25_000,
        "LBP": 100_000, "LKR": 350, "MGA": 5000, "MMK": 2500, "MNT": 4000, "MWK": 2000, "MXN": 20, "NGN": 1800,
        "NPR": 150, "PHP": 65, "PKR": 320, "PYG": 8000, "RSD": 120, "RUB": 100, "RWF": 1600, "SYP": 14_000, "THB": 40,
        "TRY": 45, "TWD": 35, "TZS": 3000, "UAH": 45, "UGX": 4200, "UYU": 45, "UZS": 14_000, "VND": 29_000, "XAF": 650,
        "XOF": 650, "YER": 280, "ZMW": 30,
    ]

    static let range: ClosedRange<Int64> = 1...100_000_000_000_000

    func validate(_ name: String) throws(InvalidThreshold) {
        try check(Self.range ~= defaultMajorUnits, "\(name).default", "must be from 1 to 100,000,000,000,000")
        for (code, limit) in byCurrency.sorted(by: { $0.key < $1.key }) {
            try check(CurrencyTag(code) != nil, "\(name).by_currency", "has \"\(code)\", not three capital letters")
            try check(
                Self.range ~= limit, "\(name).by_currency.\(code)", "must be from 1 to 100,000,000,000,000")
        }
    }

    enum CodingKeys: String, CodingKey {
        case defaultMajorUnits = "default"
        case byCurrency = "by_currency"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        defaultMajorUnits = try fields.decode(Int64.self, forKey: .defaultMajorUnits)
        byCurrency =
            try fields.decodeIfPresent([String: Int64].self, forKey: .byCurrency)
            // An absurd default is reported by `validate`; here it must not overflow.
            ?? (Self.range ~= defaultMajorUnits
                ? MoneyLimit(defaultMajorUnits: min(defaultMajorUnits, 1_000_000_000)).byCurrency : [:])
    }
}

/// A `MoneyLimit` that was validated, ready for look-ups.
struct MoneyLimitTable: Sendable {
    private let defaultMajorUnits: Int64
    private let byCurrency: [CurrencyTag: Int64]

    init(_ limit: MoneyLimit) {
        defaultMajorUnits = limit.defaultMajorUnits
        byCurrency = Dictionary(uniqueKeysWithValues: limit.byCurrency.map { (CurrencyTag($0)!, $1) })
    }

    /// In minor units; at most 10^18.
    func minorUnits(for event: PaymentEvent) -> Int64 {
        (byCurrency[event.currency] ?? defaultMajorUnits) * MinorUnits.powersOfTen[Int(event.minorUnitExponent)]
    }
}
