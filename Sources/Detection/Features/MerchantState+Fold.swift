extension MerchantState {
    private static let memory: Int64 = 200

    /// Takes a payment in; `isHigh` as its user's profile says.
    mutating func fold(_ event: PaymentEvent, euros: Double, isHigh: Bool) {
        let moment = Moment(event.occurredAtMicroseconds)
        foldAmount(euros)
        foldHour(moment.hour)
        days.add(day: moment.day, isHigh: isHigh)
        firstAt = count == 0 ? moment.microseconds : min(firstAt, moment.microseconds)
        lastAt = max(lastAt, moment.microseconds)
        count += 1
    }

    private mutating func foldAmount(_ euros: Double) {
        let log = Mathematics.log2(max(euros, 0.01))
        guard count > 0 else {
            meanLog = log
            deviationLog = 1
            return
        }
        let weight = 1 / Double(min(count + 1, Self.memory))
        let reach = 3 * max(deviationLog, 0.5)
        let distance = min(max(log - meanLog, -reach), reach)
        meanLog += distance * weight
        deviationLog += (distance.magnitude - deviationLog) * weight
    }

    private mutating func foldHour(_ hour: Int32) {
        if hour > self.hour {
            previousHourCount = hour == self.hour + 1 ? hourCount : 0
            hourCount = 1
            self.hour = hour
        } else if hour == self.hour {
            if hourCount < .max { hourCount += 1 }
        } else if hour == self.hour - 1 {
            if previousHourCount < .max { previousHourCount += 1 }
        }
    }

    /// Takes a label in, after taking back what an earlier label of the same payment did.
    mutating func fold(_ label: LabelEvent, isExplained: Bool) {
        let at = label.payment.occurredAtMicroseconds
        let day = Moment(at).day
        if let previous = label.previous {
            if previous == .fraud { days.removeFraud(day: day) }
            let known = labelled.firstIndex { $0.at == at && $0.isFraud == (previous == .fraud) }
            if let known { labelled.remove(at: known) }
        }
        let isFraud = label.verdict == .fraud
        if isFraud { days.addFraud(day: day) }
        let entry = LabelledPayment(at: at, isFraud: isFraud, isExplained: isFraud && isExplained)
        var position = labelled.count
        // At equal times the order is that of the numbers, so that it does not depend on which label came first.
        while position > 0, labelled[position - 1].rawValue > entry.rawValue { position -= 1 }
        guard position > 0 || !labelled.isFull else { return }
        labelled.insertDroppingFirst(entry, at: position)
    }
}
