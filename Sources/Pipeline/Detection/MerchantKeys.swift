import Security

/// A merchant is looked for by a text that may be its id, or its name where payments carry no id.
enum MerchantKeys {
    /// As `TransactionBody` makes them: of the id, of the name.
    static func both(of text: String, _ blindIndex: BlindIndex) -> [UInt64] {
        [blindIndex.index("i\(text)", in: .merchant), blindIndex.index("n\(text)", in: .merchant)]
    }
}
