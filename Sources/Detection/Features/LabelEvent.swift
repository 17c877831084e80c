/// What is known of a payment afterwards: a dispute, an issuer's warning, an analyst's verdict.
///
/// Labels come in any order, whatever the times of their payments.
public struct LabelEvent: Sendable, Equatable {
    /// The payment as it was folded.
    public let payment: PaymentEvent
    public let verdict: Verdict
    /// What an earlier label of the same payment said, so that its effect is taken back first; nil if there was none.
    public let previous: Verdict?
    /// When the verdict was given: microseconds since 1970 UTC.
    public let labelledAtMicroseconds: Int64

    public init(payment: PaymentEvent, verdict: Verdict, previous: Verdict? = nil, labelledAtMicroseconds: Int64) {
        precondition(
            PaymentEvent.occurredAtRange ~= labelledAtMicroseconds, "a time outside the years 1970 to 9999")
        self.payment = payment
        self.verdict = verdict
        self.previous = previous
        self.labelledAtMicroseconds = labelledAtMicroseconds
    }
}
