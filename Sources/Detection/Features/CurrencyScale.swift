/// How many units of a currency make about one euro: orders of magnitude, not rates, so that no feature depends on the
/// day. A currency that is not listed counts as one euro a unit.
enum CurrencyScale {
    static func unitsPerEuro(_ currency: CurrencyTag) -> Double {
        let tag = currency.rawValue
        // EUR, USD and GBP are most of what comes.
        if tag == 0x45_5552 || tag == 0x55_5344 || tag == 0x47_4250 { return 1 }
        var low = 0
        var high = table.count
        while low < high {
            let middle = (low + high) / 2
            if table[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        return low < table.count && table[low].tag == tag ? table[low].units : 1
    }

    private static let table: [(tag: UInt32, units: Double)] = units.map { (CurrencyTag($0.key)!.rawValue, $0.value) }
        .sorted { $0.tag < $1.tag }

    private static let units: KeyValuePairs<String, Double> = [
        "AED": 4, "ALL": 100, "AMD": 400, "AOA": 1000, "ARS": 1500, "BDT": 130, "BGN": 2, "BHD": 0.4, "BRL": 6,
        "CLP": 1000, "CNY": 8, "COP": 4500, "CRC": 600, "CZK": 25, "DKK": 7, "DOP": 70, "DZD": 150, "EGP": 50,
        "GEL": 3, "GHS": 13, "GNF": 10_000, "HKD": 9, "HUF": 400, "IDR": 18_000, "ILS": 4, "INR": 100, "IQD": 1500,
        "IRR": 50_000, "ISK": 150, "JMD": 180, "JPY": 160, "KES": 150, "KHR": 4500, "KRW": 1600, "KWD": 0.3,
        "KZT": 550, "LAK": 25_000, "LBP": 100_000, "LKR": 350, "MAD": 11, "MDL": 20, "MGA": 5000, "MKD": 60,
        "MMK": 2500, "MNT": 4000, "MWK": 2000, "MXN": 20, "MYR": 5, "NGN": 1800, "NOK": 11, "NPR": 150, "OMR": 0.4,
        "PEN": 4, "PHP": 65, "PKR": 320, "PLN": 4, "PYG": 8000, "QAR": 4, "RON": 5, "RSD": 120, "RUB": 100,
        "RWF": 1600, "SAR": 4, "SEK": 11, "SYP": 14_000, "THB": 40, "TND": 3, "TRY": 45, "TWD": 35, "TZS": 3000,
        "UAH": 45, "UGX": 4200, "UYU": 45, "UZS": 14_000, "VND": 29_000, "XAF": 650, "XOF": 650, "YER": 280,
        "ZAR": 20, "ZMW": 30,
    ]
}

extension PaymentEvent {
    /// The amount in about euros: see `CurrencyScale`.
    public var amountEuros: Double {
        Double(amountMinor) / (Self.unitScale(minorUnitExponent) * CurrencyScale.unitsPerEuro(currency))
    }

    static func unitScale(_ exponent: UInt8) -> Double {
        switch exponent {
        case 0: 1
        case 1: 10
        case 2: 100
        case 3: 1000
        default: 10_000
        }
    }
}
