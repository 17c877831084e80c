public import Detection
public import Security

/// Opens what the history holds sealed: the numbers of payments and of what labels say of them.
public struct HistoryOpener {
    private var bodies: BodyReader

    public init(sealer: Sealer) { bodies = BodyReader(sealer: sealer) }

    public mutating func event(of transaction: HistoryTransaction) throws(LedgerError) -> PaymentEvent {
        try bodies.event(transaction.id, transaction.userKey, transaction.body, group: 0)
    }

    public mutating func event(of label: HistoryLabel) throws(LedgerError) -> LabelEvent {
        LabelEvent(
            payment: try bodies.event(label.id, label.userKey, label.body, group: 0), verdict: label.verdict,
            previous: label.previous, labelledAtMicroseconds: label.labelledAtMicroseconds)
    }
}
