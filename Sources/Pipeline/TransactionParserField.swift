/// The fields of the schema.
enum TransactionField: Int, CaseIterable {
    case userID, amount, currency, merchant, location
    case occurredAt, merchantID, deviceID, ip, channel, transactionID

    var isRequired: Bool { rawValue <= TransactionField.location.rawValue }

    var name: String {
        switch self {
        case .userID: "user_id"
        case .amount: "amount"
        case .currency: "currency"
        case .merchant: "merchant"
        case .location: "location"
        case .occurredAt: "occurred_at"
        case .merchantID: "merchant_id"
        case .deviceID: "device_id"
        case .ip: "ip"
        case .channel: "channel"
        case .transactionID: "transaction_id"
        }
    }

    /// The field of this name: its length and first letter leave one candidate, which one comparison then settles.
    init?(name: UnsafeBufferPointer<UInt8>) {
        guard let first = name.first else { return nil }
        let candidate: (field: TransactionField, name: StaticString)
        switch (name.count, first) {
        case (7, UInt8(ascii: "u")): candidate = (.userID, "user_id")
        case (6, UInt8(ascii: "a")): candidate = (.amount, "amount")
        case (8, UInt8(ascii: "c")): candidate = (.currency, "currency")
        case (8, UInt8(ascii: "m")): candidate = (.merchant, "merchant")
        case (8, UInt8(ascii: "l")): candidate = (.location, "location")
        case (11, UInt8(ascii: "o")): candidate = (.occurredAt, "occurred_at")
        case (11, UInt8(ascii: "m")): candidate = (.merchantID, "merchant_id")
        case (9, UInt8(ascii: "d")): candidate = (.deviceID, "device_id")
        case (2, UInt8(ascii: "i")): candidate = (.ip, "ip")
        case (7, UInt8(ascii: "c")): candidate = (.channel, "channel")
        case (14, UInt8(ascii: "t")): candidate = (.transactionID, "transaction_id")
        default: return nil
        }
        for place in 0..<name.count where name[place] != candidate.name.utf8Start[place] { return nil }
        self = candidate.field
    }
}
