extension UserProfile {
    /// The robust mean in one currency's minor units.
    public struct CurrencyMean: Sendable, Equatable {
        public let currency: CurrencyTag
        /// Payments folded, in any currency.
        public let count: Int64
        public let meanMinor: Double
    }

    /// Nil if no payment in that currency is remembered.
    public func mean(of currency: CurrencyTag) -> CurrencyMean? {
        guard let known = state.currencies.firstIndex(where: { $0.tag == currency.rawValue }) else { return nil }
        let scale =
            CurrencyScale.unitsPerEuro(currency) * PaymentEvent.unitScale(state.currencies[known].exponent)
        return CurrencyMean(currency: currency, count: state.count, meanMinor: state.meanEuros * scale)
    }

    public var lastCountry: CountryTag {
        CountryTag(rawValue: state.countries.last?.tag ?? CountryTag.unknown.rawValue)
    }
    public var lastCountryAtMicroseconds: Int64 { state.countries.last?.at ?? 0 }
    public var lastCurrency: CurrencyTag? { state.currencies.last.map { CurrencyTag(rawValue: $0.tag) } }

    /// Count and sum of the remembered payments later than `end - length` and not later than `end`; the sum in minor
    /// units of `currency`.
    public func window(
        endingAt end: Int64, lengthMicroseconds: Int64, currency: CurrencyTag
    ) -> (count: Int, sumMinor: Int64) {
        var count = 0
        var euros = 0.0
        var position = state.place(of: end) - 1
        while position >= 0, state.recent[position].at > end - lengthMicroseconds {
            count += 1
            euros += Double(state.recent[position].euros)
            position -= 1
        }
        let exponent = state.currencies.firstIndex { $0.tag == currency.rawValue }.map { state.currencies[$0].exponent }
        let scale = CurrencyScale.unitsPerEuro(currency) * PaymentEvent.unitScale(exponent ?? 2)
        return (count, Int64((euros * scale).rounded()))
    }
}
