/// What a user's payments so far tell: the fold of the user's events in log order.
///
/// Equal events in equal order give equal profiles to the bit on every node: only additions, multiplications and
/// divisions of IEEE 754 numbers in a fixed order. Payments may come in any order of their own times.
///
/// Bounded: one block of `byteCount` bytes (1.9 KB) a user whatever happens. It holds the last 32 payments by their own
/// time, 32 days of counts and sums, 32 merchants, 8 devices, 6 countries, 4 currencies, 8 times of known frauds and the
/// last 32 tokens. Windows of an hour count at most the 32 payments remembered; those of a day and more go on in the
/// daily buckets.
public struct UserProfile: Sendable {
    public static let maximumRecent = 32
    public static let maximumMerchants = 32
    public static let maximumCurrencies = 4

    /// A payment of at least so many times the robust mean is high, once `highMinimumHistory` payments are known.
    public static let highRatio = 2.5
    static let highMinimumHistory: Int64 = 3
    /// A payment of at most this part of the robust mean is small: a test of a stolen card often is.
    static let smallRatio: Float = 0.1
    /// What a fraud's amount must be of the robust mean for the user's own behaviour to explain it.
    static let explainingRatio = 2.2

    /// Bytes of one profile in memory, without the 16 of its header and the map's entry.
    public static var byteCount: Int { MemoryLayout<UserState>.stride }

    private var box = Box(UserState())

    public init() {}

    init(_ state: UserState) { box = Box(state) }

    @inline(__always)
    var state: UserState {
        _read { yield box.value }
        _modify { yield &box.value }
    }

    /// Payments folded.
    public var count: Int64 { state.count }
    /// Times of the first and the latest payment by their own times; zero before the first payment.
    public var firstOccurredAtMicroseconds: Int64 { state.firstAt }
    public var lastOccurredAtMicroseconds: Int64 { state.lastAt }
    /// The robust mean of the amounts, in about euros (`CurrencyScale`).
    public var meanEuros: Double { state.meanEuros }
    /// Robust mean and mean absolute deviation of log2(amount in about euros).
    public var logarithmMean: Double { state.meanLog }
    public var logarithmDeviation: Double { state.deviationLog }
    public var largestEuros: Double { state.largestEuros }
    /// The last tokens, in order of arrival.
    public var sequence: TokenSequence { state.sequence }
    /// The country used last stands last; likewise below.
    public var countries: [CountryTag] {
        (0..<state.countries.count).map { CountryTag(rawValue: state.countries[$0].tag) }
    }
    public var currencies: [CurrencyTag] {
        (0..<state.currencies.count).map { CurrencyTag(rawValue: state.currencies[$0].tag) }
    }
    /// Remembered merchants and devices.
    public var merchantCount: Int { state.merchants.count }
    public var deviceCount: Int { state.devices.count }
    /// Remembered payments known to be fraud.
    public var knownFrauds: Int { state.frauds.count }

    public func hasPaid(merchant: UInt64) -> Bool { state.hasPaid(UserState.merchantMark(merchant)) }
}

extension UserProfile: Equatable {
    /// Compares what `encode` would write.
    public static func == (one: Self, other: Self) -> Bool { one.encoded == other.encoded }
}
