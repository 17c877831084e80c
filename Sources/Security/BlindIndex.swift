/// Turns names into numbers that can be compared but not read back: equal strings give equal numbers on every node that
/// has the same key, and without the key nothing can be said about them.
///
/// Each domain has its own key, so that a user and a merchant of the same name have nothing in common.
public struct BlindIndex: Sendable {
    public enum Domain: String, Sendable, CaseIterable {
        case user, merchant, device, idempotencyKey, content
    }

    private let user: SipHash
    private let merchant: SipHash
    private let device: SipHash
    private let idempotencyKey: SipHash
    private let content: SipHash

    public init(key: SealingKey) {
        func hash(_ domain: Domain) -> SipHash {
            SipHash(
                key: KeyDerivation.derive(from: key.bytes, salt: [], info: "redoubt blind index v1 \(domain.rawValue)"))
        }
        user = hash(.user)
        merchant = hash(.merchant)
        device = hash(.device)
        idempotencyKey = hash(.idempotencyKey)
        content = hash(.content)
    }

    /// Never zero: zero stands for "unknown" where a key is optional.
    public func index(_ bytes: UnsafeRawBufferPointer, in domain: Domain) -> UInt64 {
        max(1, hash(domain).hash64(bytes))
    }

    /// As `index(_:in:)` of the string's UTF-8.
    public func index(_ string: String, in domain: Domain) -> UInt64 {
        var string = string
        return string.withUTF8 { index(UnsafeRawBufferPointer($0), in: domain) }
    }

    /// Twice as wide, for keys whose accidental equality would lose a request.
    public func index128(_ bytes: UnsafeRawBufferPointer, in domain: Domain) -> UInt128 { hash(domain).hash128(bytes) }

    /// As `index128(_:in:)` of the string's UTF-8.
    public func index128(_ string: String, in domain: Domain) -> UInt128 {
        var string = string
        return string.withUTF8 { index128(UnsafeRawBufferPointer($0), in: domain) }
    }

    private func hash(_ domain: Domain) -> SipHash {
        switch domain {
        case .user: user
        case .merchant: merchant
        case .device: device
        case .idempotencyKey: idempotencyKey
        case .content: content
        }
    }
}
