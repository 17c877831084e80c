public import Security

extension IntakeRecord {
    /// A payment as it travels to the leader. It must be valid.
    ///
    /// `isOccurrenceGiven`: its sender said when it occurred. A time that a node filled in does not count in the fingerprint,
    /// for a repetition will not have it.
    public init(
        sealing transaction: Transaction, id: TransactionID, isOccurrenceGiven: Bool, _ sealer: Sealer,
        _ blindIndex: BlindIndex
    ) {
        let body = TransactionBody.encode(transaction, blindIndex)
        self.init(
            transaction, id: id, body: body, sealed: TransactionBody.seal(body, of: id, sealer),
            isOccurrenceGiven: isOccurrenceGiven, blindIndex)
    }

    /// The same where the encoded body is sealed already.
    public init(
        _ transaction: Transaction, id: TransactionID, body: [UInt8], sealed: [UInt8], isOccurrenceGiven: Bool,
        _ blindIndex: BlindIndex
    ) {
        var lasting = body
        if !isOccurrenceGiven {
            var timeless = transaction
            timeless.occurredAtMicroseconds = 0
            lasting = TransactionBody.encode(timeless, blindIndex)
        }
        self.init(
            id: id, fingerprint: Fingerprint.ofBody(lasting, blindIndex),
            userKey: blindIndex.index(transaction.userID, in: .user),
            occurredAtMicroseconds: transaction.occurredAtMicroseconds, body: sealed)
    }
}
