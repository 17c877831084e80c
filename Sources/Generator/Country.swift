public import Detection

/// A country of the made-up world: its money and its towns.
public struct Country: Sendable {
    public let tag: CountryTag
    public let currency: CurrencyTag
    /// What a euro buys: amounts in this currency are that many times larger. A round number, not a rate of any day.
    public let unitsPerEuro: Double
    public let towns: [String]

    /// All have currencies with two decimals.
    public static let all: [Country] = [
        Country("DE", "EUR", 1, ["Berlin", "Hamburg", "Leipzig", "Bremen"]),
        Country("FR", "EUR", 1, ["Lyon", "Paris", "Nantes"]),
        Country("ES", "EUR", 1, ["Madrid", "Sevilla", "Bilbao"]),
        Country("NL", "EUR", 1, ["Utrecht", "Groningen"]),
        Country("GB", "GBP", 0.85, ["London", "Leeds", "Bristol"]),
        Country("CH", "CHF", 0.95, ["Bern", "Basel"]),
        Country("PL", "PLN", 4.3, ["Warszawa", "Gdansk"]),
        Country("SE", "SEK", 11, ["Stockholm", "Lund"]),
        Country("US", "USD", 1.1, ["Boston", "Denver", "Austin"]),
    ]

    private init(_ tag: String, _ currency: String, _ unitsPerEuro: Double, _ towns: [String]) {
        guard let tag = CountryTag(tag), let currency = CurrencyTag(currency) else {
            preconditionFailure("codes in capital letters")
        }
        self.tag = tag
        self.currency = currency
        self.unitsPerEuro = unitsPerEuro
        self.towns = towns
    }
}
