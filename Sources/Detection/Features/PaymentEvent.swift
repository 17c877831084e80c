/// What the rules and profiles need of one payment: numbers only, no text, nothing that names a person.
///
/// User, merchant and device appear as keyed hashes; equal strings give equal keys on every node of a cluster.
public struct PaymentEvent: Sendable, Equatable {
    public let userKey: UInt64
    public let merchantKey: UInt64
    /// Zero: unknown.
    public let deviceKey: UInt64
    /// 0...`maximumAmountMinor`, in the currency's minor unit.
    public let amountMinor: Int64
    public let currency: CurrencyTag
    /// Decimal digits of the minor unit: 0...4.
    public let minorUnitExponent: UInt8
    public let country: CountryTag
    /// How the payment was made: 0 unknown, else a raw value of the API's channels.
    public let channel: UInt8
    /// When the payment happened, by its sender's account: microseconds since 1970 UTC.
    public let occurredAtMicroseconds: Int64

    /// The largest amount, 10^15 - 1 minor units: exact as a Double, and sums of many stay inside an Int64.
    public static let maximumAmountMinor: Int64 = 999_999_999_999_999
    /// Years 1970 to 9999, so that differences of two times never overflow.
    public static let occurredAtRange: ClosedRange<Int64> = 0...253_402_300_799_999_999

    public init(
        userKey: UInt64, merchantKey: UInt64, deviceKey: UInt64 = 0, amountMinor: Int64, currency: CurrencyTag,
        minorUnitExponent: UInt8, country: CountryTag = .unknown, channel: UInt8 = 0, occurredAtMicroseconds: Int64
    ) {
        precondition(0...Self.maximumAmountMinor ~= amountMinor, "an amount outside its range")
        precondition(minorUnitExponent <= 4, "a minor unit has at most four decimals")
        precondition(Self.occurredAtRange ~= occurredAtMicroseconds, "a time outside the years 1970 to 9999")
        self.userKey = userKey
        self.merchantKey = merchantKey
        self.deviceKey = deviceKey
        self.amountMinor = amountMinor
        self.currency = currency
        self.minorUnitExponent = minorUnitExponent
        self.country = country
        self.channel = channel
        self.occurredAtMicroseconds = occurredAtMicroseconds
    }
}
