public import Detection

/// One made-up payment with the truth about it and when somebody will tell.
public struct GeneratedPayment: Sendable, Equatable {
    /// Counted from zero in the order of time.
    public internal(set) var number: Int = 0
    public let user: Int
    public let merchant: Int
    /// Nil: not known, as for payments over the counter.
    public let device: Int?
    /// Position in `Country.all` of where it was made, and of the town there.
    public let country: Int
    public let town: Int
    public let currency: CurrencyTag
    /// In hundredths; every currency of the made-up world has two decimals.
    public let amountMinor: Int64
    public let channel: Channel
    /// Whole seconds, as microseconds since 1970 UTC.
    public let occurredAtMicroseconds: Int64
    /// Nil: genuine.
    public let pattern: FraudPattern?
    /// When the label arrives; nil: never.
    public internal(set) var labelledAtMicroseconds: Int64?

    /// The ways to pay that this world knows, numbered as payments' events number them.
    public enum Channel: UInt8, Sendable {
        case cardPresent = 1
        case online = 2
        case mobile = 3
        case transfer = 5

        /// As the API spells it.
        public var name: String {
            switch self {
            case .cardPresent: "card_present"
            case .online: "online"
            case .mobile: "mobile"
            case .transfer: "transfer"
            }
        }
    }

    public var isFraud: Bool { pattern != nil }
    public var userID: String { "user-\(user)" }
    public var merchantID: String { "m\(merchant)" }
    public var deviceID: String? { device.map { "d\($0)" } }
    public var location: String { "\(Country.all[country].towns[town]), \(Country.all[country].tag)" }

    /// As the detectors see it. The keys are made from the numbers alone.
    public var event: PaymentEvent {
        PaymentEvent(
            userKey: Self.key(user, 1), merchantKey: Self.key(merchant, 2),
            deviceKey: device.map { Self.key($0, 3) } ?? 0,
            amountMinor: amountMinor, currency: currency, minorUnitExponent: 2, country: Country.all[country].tag,
            channel: channel.rawValue, occurredAtMicroseconds: occurredAtMicroseconds)
    }

    private static func key(_ number: Int, _ domain: UInt64) -> UInt64 {
        var mixer = SeededRandom(seed: UInt64(number), stream: domain)
        return max(mixer.next(), 1)
    }
}
