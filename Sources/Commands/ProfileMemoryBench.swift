import Detection
import Foundation

/// What users and merchants take of memory: how much that of the process grows while many come, over their number.
///
/// To be run before anything else: memory that was given back would be taken again without the process growing.
struct ProfileMemoryBench {
    let entries: Int

    func run() -> ProfileMemoryResult {
        var profiles = Profiles(users: 2 * entries, merchants: 2 * entries)
        let perUser = growth {
            for user in 0..<entries { pay(user: UInt64(user), merchant: 0, into: &profiles) }
        }
        let perMerchant = growth {
            for merchant in 0..<entries { pay(user: 0, merchant: UInt64(merchant), into: &profiles) }
        }
        precondition(profiles.count == entries && profiles.merchantCount == entries, "nobody was forgotten")
        return ProfileMemoryResult(
            bytesPerUser: perUser, userBound: UserProfile.byteCount + Profiles.overheadBytes,
            bytesPerMerchant: perMerchant, merchantBound: MerchantProfile.byteCount + Profiles.overheadBytes,
            transformerBytesPerUser: Transformer.Configuration().stateByteCount)
    }

    /// A profile is one block of a fixed size from the first payment on; so two payments show what thousands take.
    private func pay(user: UInt64, merchant: UInt64, into profiles: inout Profiles) {
        for minute in 0..<2 {
            let at = 1_700_000_000_000_000 + Int64(minute) * 60_000_000
            let event = PaymentEvent(
                userKey: user &* 0x9E37_79B9_7F4A_7C15, merchantKey: merchant &* 0xD6E8_FEB8_6659_FD93,
                amountMinor: 1000, currency: CurrencyTag("EUR")!, minorUnitExponent: 2, occurredAtMicroseconds: at)
            profiles.fold(event)
        }
    }

    private func growth(_ body: () -> Void) -> Double {
        let before = Self.residentBytes()
        body()
        return (Double(max(0, Self.residentBytes() - before)) / Double(entries)).rounded(places: 0)
    }

    /// Memory of this process that is in use; 0 where the system doesn't tell.
    private static func residentBytes() -> Int {
        guard let line = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = line.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}

struct ProfileMemoryResult: Encodable, Sendable {
    let bytesPerUser: Double
    /// What is stated: no user takes more, whatever happens.
    let userBound: Int
    let bytesPerMerchant: Double
    let merchantBound: Int
    /// What the transformer keeps beside it of the users met lately; made anew for others.
    let transformerBytesPerUser: Int

    enum CodingKeys: String, CodingKey {
        case bytesPerUser = "user_bytes"
        case userBound = "user_bytes_bound"
        case bytesPerMerchant = "merchant_bytes"
        case merchantBound = "merchant_bytes_bound"
        case transformerBytesPerUser = "transformer_cache_bytes_per_user"
    }
}
