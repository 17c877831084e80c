public import Detection

/// What names in files mean. The ledger owns the tables; whoever knows it passes them in.
public struct PaymentVocabulary: Sendable {
    /// Decimals of a currency's minor unit, 0...4; nil for a currency that does not exist.
    public let exponent: @Sendable (CurrencyTag) -> UInt8?
    /// A channel's number by its name; nil for a name that does not exist.
    public let channel: @Sendable (String) -> UInt8?

    public init(
        exponent: @escaping @Sendable (CurrencyTag) -> UInt8?, channel: @escaping @Sendable (String) -> UInt8?
    ) {
        self.exponent = exponent
        self.channel = channel
    }

    /// Every currency has two decimals, and there are no channels.
    public static let plain = PaymentVocabulary(exponent: { _ in 2 }, channel: { _ in nil })
}
