import Bytes
import Detection

/// 2026-01-01 00:00 UTC.
let newYear: Int64 = 1_767_225_600_000_000

func event(
    user: UInt64 = 1, merchant: UInt64 = 100, amount: Int64 = 10_00, currency: String = "EUR", exponent: UInt8 = 2,
    country: String? = nil, device: UInt64 = 0, channel: UInt8 = 0, atSeconds seconds: Int64 = 0
) -> PaymentEvent {
    PaymentEvent(
        userKey: user, merchantKey: merchant, deviceKey: device, amountMinor: amount, currency: CurrencyTag(currency)!,
        minorUnitExponent: exponent, country: country.map { CountryTag($0)! } ?? .unknown, channel: channel,
        occurredAtMicroseconds: newYear + seconds * 1_000_000)
}

/// The profile of the user of all `events` after them.
func profile(_ events: [PaymentEvent]) -> UserProfile {
    var profiles = Profiles(capacity: 100)
    for event in events { profiles.fold(event) }
    return events.first.flatMap { profiles[user: $0.userKey] } ?? UserProfile()
}

func label(_ payment: PaymentEvent, _ verdict: Verdict, previous: Verdict? = nil) -> LabelEvent {
    LabelEvent(payment: payment, verdict: verdict, previous: previous, labelledAtMicroseconds: newYear)
}

extension Profiles {
    /// Observes and folds.
    @discardableResult
    mutating func take(_ event: PaymentEvent) -> FeatureVector {
        let observation = observe(event)
        fold(event, observation.token)
        return observation.features
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes
    }
}

extension SeededRandom {
    init(_ seed: UInt64) { self.init(seed: seed) }

    mutating func below(_ bound: Int) -> Int { next(below: bound) }

    /// About normal, mean 0, deviation 1: twelve draws' sum.
    mutating func nextNormal() -> Float { Float((0..<12).reduce(-6.0) { sum, _ in sum + nextUnit() }) }
}
