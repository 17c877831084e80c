public import Detection

/// A payment of the past with what became of it.
public struct LabelledPayment: Sendable, Equatable {
    public let event: PaymentEvent
    /// The truth, which is known to the maker of made-up payments and, in time, to everyone.
    public let isFraud: Bool
    /// When somebody reports the truth; nil: nobody does.
    public var labelledAtMicroseconds: Int64?

    public init(event: PaymentEvent, isFraud: Bool, labelledAtMicroseconds: Int64?) {
        self.event = event
        self.isFraud = isFraud
        self.labelledAtMicroseconds = labelledAtMicroseconds
    }

    public var day: CalendarDay { CalendarDay(atMicroseconds: event.occurredAtMicroseconds) }
    public var verdict: Verdict { isFraud ? .fraud : .legitimate }
}
