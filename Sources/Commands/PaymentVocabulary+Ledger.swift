import Detection
import Ledger
import Training

extension PaymentVocabulary {
    /// Currencies and channels as the API knows them.
    static let ledger = PaymentVocabulary(
        exponent: { Currency(tag: $0)?.exponent }, channel: { PaymentChannel(name: $0)?.rawValue })
}
