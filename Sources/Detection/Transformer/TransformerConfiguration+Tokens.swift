extension Transformer.Configuration {
    /// Reads payments' tokens as `TokenField` describes them.
    ///
    /// `usesMerchantLabels`: whether it sees what labels tell of the merchant. Without, it knows the user alone.
    public init(usesMerchantLabels: Bool) {
        self.init()
        for field in TokenField.allCases {
            let bit: UInt16 = 1 << field.rawValue
            if TokenField.merchantLabelFields.contains(field.rawValue), !usesMerchantLabels { readFields &= ~bit }
            switch field.categories {
            case nil: absentFields |= bit
            case .some(...8): factors[field.rawValue] = 16
            case .some: factors[field.rawValue] = 4
            }
        }
    }

    public var usesMerchantLabels: Bool {
        TokenField.merchantLabelFields.allSatisfy { readFields >> $0 & 1 == 1 }
    }
}
