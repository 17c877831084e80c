/// What a user's payments so far tell: the fold of the user's events in log order.
///
/// Equal events in equal order give equal profiles to the bit on every node: only additions, multiplications and
/// divisions of IEEE 754 doubles in a fixed order. Bounded: at most `maximumRecent` payments, `maximumMerchants`
/// merchants and `maximumCurrencies` currencies are kept. At the bounds a profile takes 1.4 KB (1,024 bytes of recent
/// payments, 128 of merchants, 96 of currencies, 96 of array headers, 64 of its own); a user with three payments, 0.4 KB.
public struct UserProfile: Sendable, Equatable {
    public static let maximumRecent = 32
    public static let maximumMerchants = 16
    public static let maximumCurrencies = 4

    /// The running mean of the amounts in one currency.
    public struct CurrencyMean: Sendable, Equatable {
        public let currency: CurrencyTag
        public internal(set) var count: Int64
        /// In minor units.
        public internal(set) var meanMinor: Double
    }

    public struct RecentPayment: Sendable, Equatable {
        public let occurredAtMicroseconds: Int64
        public let amountMinor: Int64
        public let merchantKey: UInt64
        public let currency: CurrencyTag
    }

    /// Payments folded.
    public internal(set) var count: Int64 = 0
    /// The latest time of any payment; zero before the first.
    public internal(set) var lastOccurredAtMicroseconds: Int64 = 0
    /// Currency of the payment with that time.
    public internal(set) var lastCurrency: CurrencyTag?
    /// Country of the latest payment whose country is known.
    public internal(set) var lastCountry = CountryTag.unknown
    public internal(set) var lastCountryAtMicroseconds: Int64 = 0
    /// The currency used last stands last; a fifth displaces the first.
    public internal(set) var means: [CurrencyMean] = []
    /// By time, oldest first; the payments with the latest times are kept.
    public internal(set) var recent: [RecentPayment] = []
    /// The merchant paid last stands last; a seventeenth displaces the first.
    public internal(set) var merchants: [UInt64] = []

    public init() {}

    /// Mean and count of one currency; nil if no payment in it is remembered.
    public func mean(of currency: CurrencyTag) -> CurrencyMean? { means.last { $0.currency == currency } }

    public func hasPaid(merchant: UInt64) -> Bool { merchants.contains(merchant) }

    /// Count of all remembered payments, and sum of those in `currency`, in the `lengthMicroseconds` that end with `end`:
    /// later than `end - length`, not later than `end`.
    public func window(
        endingAt end: Int64, lengthMicroseconds: Int64, currency: CurrencyTag
    ) -> (count: Int, sumMinor: Int64) {
        var count = 0
        var sumMinor: Int64 = 0
        for payment in recent.reversed() where payment.occurredAtMicroseconds <= end {
            guard payment.occurredAtMicroseconds > end - lengthMicroseconds else { break }
            count += 1
            if payment.currency == currency { sumMinor += payment.amountMinor }
        }
        return (count, sumMinor)
    }

    /// Takes a payment in. Its time may lie before those of earlier ones.
    public mutating func fold(_ event: PaymentEvent) {
        count += 1
        foldMean(event)
        foldRecent(event)
        foldMerchant(event.merchantKey)
        let time = event.occurredAtMicroseconds
        if time >= lastOccurredAtMicroseconds {
            lastOccurredAtMicroseconds = time
            lastCurrency = event.currency
        }
        if event.country != .unknown, time >= lastCountryAtMicroseconds {
            lastCountryAtMicroseconds = time
            lastCountry = event.country
        }
    }

    private mutating func foldMean(_ event: PaymentEvent) {
        var entry: CurrencyMean
        if let position = means.firstIndex(where: { $0.currency == event.currency }) {
            entry = means[position]
            if position < means.count - 1 {
                means.remove(at: position)
                means.append(entry)
            }
        } else {
            if means.count == Self.maximumCurrencies { means.removeFirst() }
            entry = CurrencyMean(currency: event.currency, count: 0, meanMinor: 0)
            means.append(entry)
        }
        // Welford's update, without the variance.
        entry.count += 1
        entry.meanMinor += (Double(event.amountMinor) - entry.meanMinor) / Double(entry.count)
        means[means.count - 1] = entry
    }

    private mutating func foldRecent(_ event: PaymentEvent) {
        let payment = RecentPayment(
            occurredAtMicroseconds: event.occurredAtMicroseconds, amountMinor: event.amountMinor,
            merchantKey: event.merchantKey, currency: event.currency)
        // Payments mostly come in order: look for the place from the end. Equal times stay in log order.
        var position = recent.count
        while position > 0, recent[position - 1].occurredAtMicroseconds > payment.occurredAtMicroseconds {
            position -= 1
        }
        if recent.count < Self.maximumRecent {
            recent.insert(payment, at: position)
        } else if position > 0 {
            recent.removeFirst()
            recent.insert(payment, at: position - 1)
        }
    }

    private mutating func foldMerchant(_ merchant: UInt64) {
        if merchants.last == merchant { return }
        if let position = merchants.firstIndex(of: merchant) {
            merchants.remove(at: position)
        } else if merchants.count == Self.maximumMerchants {
            merchants.removeFirst()
        }
        merchants.append(merchant)
    }
}
