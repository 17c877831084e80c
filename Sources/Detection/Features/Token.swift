/// One payment as the transformer sees it: 16 signed bytes, each -127...127, one per `TokenField`.
///
/// It is made when the payment is observed and then kept as it is: what was known of the merchant at that time, labels
/// included, stays in the token.
public typealias Token = SIMD16<Int8>

/// The bytes of a `Token`. Categories count from zero; numbers are quantised so that a step is about what matters.
public enum TokenField: Int, CaseIterable, Sendable {
    /// 16 · log2(amount / the user's robust mean); 0 without a past. ±127 is a factor of 245.
    case amountRatio = 0
    /// 9 · log2(1 + amount in euros): 127 is 17,700 euros and more.
    case amount = 1
    /// 4 · log2(1 + seconds since the user's latest earlier payment); -1 if there is none.
    case gap = 2
    /// 0...23, UTC.
    case hour = 3
    /// 0...6, Monday to Sunday.
    case weekday = 4
    /// 0 unknown, 1 as the last known, 2 seen before, 3 new.
    case country = 5
    /// 0 no past, 1 as the last, 2 seen before, 3 new.
    case currency = 6
    /// 0 unknown, else as in `PaymentEvent.channel`; 7 for all above 6.
    case channel = 7
    /// 0 unknown, 1 as the last, 2 seen before, 3 new.
    case device = 8
    /// 0 no past, 1 as the last, 2 seen before, 3 new.
    case merchant = 9
    /// 6 · log2(1 + minutes since the latest payment in another country); -1 if none is remembered.
    case otherCountry = 10
    /// 16 · the amount's distance from the merchant's usual in deviations of log2(amount).
    case merchantAmount = 11
    /// 100 · known fraud share of the merchant's latest 7 labelled days; -1 unknown.
    case merchantFraudShare = 12
    /// 8 · unexplained frauds of the merchant's current run.
    case merchantRun = 13
    /// Days since the merchant's latest known genuine payment, 4 a day; -1 unknown.
    case merchantGenuineAge = 14
    /// Days since the merchant's current run began, 4 a day; -1 if there is none.
    case merchantRunAge = 15

    /// What labels tell of the merchant; zeroed for a transformer that may not see it.
    public static let merchantLabelFields: Range<Int> = 12..<16

    /// Number of values of a category, 0 ..< count; nil for a number.
    public var categories: Int? {
        switch self {
        case .hour: 24
        case .weekday: 7
        case .country, .currency, .device, .merchant: 4
        case .channel: 8
        default: nil
        }
    }

    /// Rounded to the nearest and clamped to -127...127.
    @inline(__always)
    static func quantised(_ value: Float) -> Int8 {
        // A NaN would clamp to -127; there is none, as every part of a feature is finite.
        Int8(min(max(value, -127), 127).rounded())
    }
}
