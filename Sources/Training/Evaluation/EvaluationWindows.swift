import Detection

/// Which days teach, which days are judged, and how long labels take: the Fraud Detection Handbook's protocol (its
/// `get_train_test_set`, chapter 3).
public struct EvaluationWindows: Sendable, Equatable {
    public let train: DayRange
    /// A label of day d may be used from day d + `delayDays` on.
    public let delayDays: Int
    public let test: DayRange

    /// Throws unless the test window begins when the labels of the training window are there.
    public init(train: DayRange, delayDays: Int, test: DayRange) throws(TrainingError) {
        guard 0...365 ~= delayDays else { throw TrainingError("the delay must lie between 0 and 365 days") }
        guard test.first >= train.last.advanced(by: delayDays + 1) else {
            throw TrainingError(
                "the test window begins on \(test.first), before the labels of \(train.last) are known on "
                    + "\(train.last.advanced(by: delayDays + 1))")
        }
        self.train = train
        self.delayDays = delayDays
        self.test = test
    }

    /// Positions of the payments that count: those of the test window, without the users who are known by then as
    /// defrauded. Known on a test day are the users with a fraud in the training window or on a day from its end to
    /// `delayDays + 1` days before.
    public func judged(_ payments: [LabelledPayment]) -> [Int] {
        var defraudedOn: [UInt64: CalendarDay] = [:]
        for payment in payments where payment.isFraud && payment.day >= train.first {
            let user = payment.event.userKey
            defraudedOn[user] = min(defraudedOn[user] ?? payment.day, payment.day)
        }
        return payments.indices.filter { position in
            let day = payments[position].day
            guard test.contains(day) else { return false }
            guard let first = defraudedOn[payments[position].event.userKey] else { return true }
            return !(first <= train.last || first <= day.advanced(by: -delayDays - 1))
        }
    }
}
