import Detection

/// 2026-01-01 00:00 UTC.
let newYear: Int64 = 1_767_225_600_000_000

func event(
    user: UInt64 = 1, merchant: UInt64 = 100, amount: Int64 = 10_00, currency: String = "EUR", exponent: UInt8 = 2,
    country: String? = nil, atSeconds seconds: Int64 = 0
) -> PaymentEvent {
    PaymentEvent(
        userKey: user, merchantKey: merchant, amountMinor: amount, currency: CurrencyTag(currency)!,
        minorUnitExponent: exponent, country: country.map { CountryTag($0)! } ?? .unknown,
        occurredAtMicroseconds: newYear + seconds * 1_000_000)
}

func profile(_ events: [PaymentEvent]) -> UserProfile {
    var profile = UserProfile()
    for event in events { profile.fold(event) }
    return profile
}

/// A seeded generator, so that a failure repeats. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
