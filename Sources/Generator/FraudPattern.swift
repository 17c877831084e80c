/// How a fraud goes about it. All but one show in the order and timing of a user's payments; genuine habits of the same
/// world put the same payments in another order.
public enum FraudPattern: UInt8, Sendable, CaseIterable {
    /// Small payments at several merchants within minutes try a card out, then large ones follow. Genuine: a large
    /// purchase and small ones after it.
    case testThenBurst
    /// A new device begins at a shop the user knows, then amounts grow at unknown ones. Genuine: a new telephone.
    case accountTakeover
    /// The card pays abroad, over the counter, while its owner pays at home. Genuine: a journey, with hours between.
    case impossibleTravel
    /// A merchant whose customers are charged once more. Each such payment looks like the one before.
    case merchantCompromise
    /// A run of shops never seen before, each payment larger than the last. Genuine: a day of shopping in any order.
    case newMerchantRun
    /// Home currency and a foreign one in turns. Genuine: one foreign currency for as long as a journey lasts.
    case currencySwitch
    /// An account passes money on: transfers in quick succession, each a little smaller. Genuine: bills in any order.
    case muleChain

    /// As CSV spells it.
    public var name: String {
        switch self {
        case .testThenBurst: "test_then_burst"
        case .accountTakeover: "account_takeover"
        case .impossibleTravel: "impossible_travel"
        case .merchantCompromise: "merchant_compromise"
        case .newMerchantRun: "new_merchant_run"
        case .currencySwitch: "currency_switch"
        case .muleChain: "mule_chain"
        }
    }
}
