/// A currency's three capital letters, packed into a number ("EUR" is 0x455552).
public struct CurrencyTag: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Nil unless `code` is three capital ASCII letters.
    public init?(_ code: some StringProtocol) {
        guard let packed = packedCapitals(code.utf8, count: 3) else { return nil }
        rawValue = packed
    }

    public var description: String { unpackedCapitals(rawValue, count: 3) }
}

/// A country's two capital letters, packed into a number ("DE" is 0x4445); zero is unknown.
public struct CountryTag: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt16

    public static let unknown = CountryTag(rawValue: 0)

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Nil unless `code` is two capital ASCII letters.
    public init?(_ code: some StringProtocol) {
        guard let packed = packedCapitals(code.utf8, count: 2) else { return nil }
        rawValue = UInt16(packed)
    }

    public var description: String { self == .unknown ? "unknown" : unpackedCapitals(UInt32(rawValue), count: 2) }
}

private func packedCapitals(_ letters: some Sequence<UInt8>, count: Int) -> UInt32? {
    var packed: UInt32 = 0
    var seen = 0
    for letter in letters {
        guard seen < count, UInt8(ascii: "A")...UInt8(ascii: "Z") ~= letter else { return nil }
        packed = packed << 8 | UInt32(letter)
        seen += 1
    }
    return seen == count ? packed : nil
}

private func unpackedCapitals(_ packed: UInt32, count: Int) -> String {
    String(
        (0..<count).reversed().map { Character(Unicode.Scalar(UInt8(truncatingIfNeeded: packed >> (8 * UInt32($0))))) })
}
