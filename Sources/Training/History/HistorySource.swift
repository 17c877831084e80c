public import Detection

/// One thing that happened, as the log has it.
public enum HistoryItem: Sendable {
    /// `number` tells payments apart and is what labels refer to.
    case payment(PaymentEvent, number: Int)
    /// What became known of the payment with that number.
    case label(LabelEvent, number: Int)
}

/// Payments and labels in the order in which they took effect: files, a database, or made-up ones.
public protocol HistorySource {
    /// The next one; nil at the end.
    mutating func next() throws(TrainingError) -> HistoryItem?
    /// How much has been given out, 0...1; nil if that is not known.
    var fraction: Double? { get }
}

/// Payments that are all in memory, each with the time its label arrives: a label takes effect before the first payment
/// that is not earlier than it.
public struct RecordedHistory: HistorySource {
    private let payments: [LabelledPayment]
    /// Positions in `payments` by the time of their labels.
    private let labelled: [Int]
    private var nextPayment = 0
    private var nextLabel = 0

    /// `payments` must stand in the order of their times.
    public init(_ payments: [LabelledPayment]) {
        self.payments = payments
        let positions = payments.indices.filter { payments[$0].labelledAtMicroseconds != nil }
        labelled = positions.sorted { Self.labelOrder(payments[$0], $0, payments[$1], $1) }
    }

    private static func labelOrder(
        _ left: LabelledPayment, _ leftPosition: Int, _ right: LabelledPayment, _ rightPosition: Int
    ) -> Bool {
        let (leftTime, rightTime) = (left.labelledAtMicroseconds ?? .max, right.labelledAtMicroseconds ?? .max)
        return leftTime == rightTime ? leftPosition < rightPosition : leftTime < rightTime
    }

    public var fraction: Double? { payments.isEmpty ? 1 : Double(nextPayment) / Double(payments.count) }

    public mutating func next() -> HistoryItem? {
        guard nextPayment < payments.count else { return nil }
        if nextLabel < labelled.count {
            let position = labelled[nextLabel]
            let payment = payments[position]
            // A label cannot overtake its own payment, whatever its time says.
            if let time = payment.labelledAtMicroseconds, position < nextPayment,
                time <= payments[nextPayment].event.occurredAtMicroseconds
            {
                nextLabel += 1
                let label = LabelEvent(
                    payment: payment.event, verdict: payment.verdict, labelledAtMicroseconds: time)
                return .label(label, number: position)
            }
        }
        defer { nextPayment += 1 }
        return .payment(payments[nextPayment].event, number: nextPayment)
    }
}
