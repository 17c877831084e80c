/// How a payment was made.
public enum PaymentChannel: UInt8, Sendable, CaseIterable {
    case cardPresent = 1
    case online = 2
    case mobile = 3
    case atm = 4
    case transfer = 5
    case other = 6

    /// As the API spells it.
    public var name: String {
        switch self {
        case .cardPresent: "card_present"
        case .online: "online"
        case .mobile: "mobile"
        case .atm: "atm"
        case .transfer: "transfer"
        case .other: "other"
        }
    }

    public init?(name: some StringProtocol) {
        guard let channel = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = channel
    }
}
