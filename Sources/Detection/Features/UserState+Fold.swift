extension UserState {
    /// What the robust estimates forget: later payments weigh one part in so many.
    private static let memory: Int64 = 100

    /// Takes a payment in. Its time may lie before those of earlier ones.
    ///
    /// The mean is robust against frauds among the payments: what exceeds `UserProfile.highRatio` times the mean counts
    /// as that, and the deviation likewise bounds what one payment can do to the logarithms.
    mutating func fold(_ event: PaymentEvent, euros: Double, isHigh: Bool, token: Token) {
        let moment = Moment(event.occurredAtMicroseconds)
        foldRecent(event, euros: euros, isHigh: isHigh)
        foldAmount(euros)
        days.add(day: moment.day, euros: Float(euros), isHigh: isHigh)
        foldHour(moment.hourOfDay)
        foldTags(event)
        channels |= 1 << min(event.channel, 7)
        firstAt = count == 0 ? moment.microseconds : min(firstAt, moment.microseconds)
        lastAt = max(lastAt, moment.microseconds)
        count += 1
        sequence.append(token)
    }

    private mutating func foldAmount(_ euros: Double) {
        let weight = 1 / Double(min(count + 1, Self.memory))
        let isSettled = count >= UserProfile.highMinimumHistory
        let bounded = isSettled ? min(euros, UserProfile.highRatio * max(meanEuros, 0.01)) : euros
        meanEuros += (bounded - meanEuros) * weight
        largestEuros = max(largestEuros, euros)

        let log = Mathematics.log2(max(euros, 0.01))
        guard count > 0 else {
            meanLog = log
            deviationLog = 0.5
            return
        }
        let reach = isSettled ? 3 * max(deviationLog, 0.1) : .infinity
        let distance = min(max(log - meanLog, -reach), reach)
        meanLog += distance * weight
        deviationLog += (distance.magnitude - deviationLog) * weight
    }

    private mutating func foldRecent(_ event: PaymentEvent, euros: Double, isHigh: Bool) {
        let at = event.occurredAtMicroseconds
        let mark = Self.merchantMark(event.merchantKey)
        let known = merchants.firstIndex { $0 == mark }
        var flags: UInt32 = isHigh ? Recent.isHigh : 0
        if known == nil, count > 0 { flags |= Recent.isNewMerchant }
        if let known { merchants.moveToEnd(known) } else { merchants.appendDroppingFirst(mark) }

        let position = place(of: at)
        if position > 0 { foldGap(at - recent[position - 1].at) }
        guard position > 0 || !recent.isFull else { return }
        recent.insertDroppingFirst(
            Recent(at: at, euros: Float(euros), merchantAndFlags: mark << 4 | flags), at: position)
    }

    private mutating func foldGap(_ microseconds: Int64) {
        let log = Mathematics.log2(1 + Double(microseconds) / 1e6)
        gapCount = min(gapCount + 1, Self.memory)
        meanGapLog += (log - meanGapLog) / Double(gapCount)
    }

    private mutating func foldHour(_ hour: Int) {
        hours[hour / 3] += 1
        guard hours[hour / 3] >= 256 else { return }
        for slot in 0..<8 { hours[slot] /= 2 }
    }

    private mutating func foldTags(_ event: PaymentEvent) {
        let at = event.occurredAtMicroseconds
        let currency = event.currency.rawValue
        if let known = currencies.firstIndex(where: { $0.tag == currency }) {
            currencies.moveToEnd(known)
        } else {
            currencies.appendDroppingFirst(Currency(tag: currency, exponent: event.minorUnitExponent))
        }
        if event.country != .unknown {
            let tag = event.country.rawValue
            if let known = countries.firstIndex(where: { $0.tag == tag }) {
                // By time, so that a late payment does not pass for the user's latest place.
                let time = max(countries[known].at, at)
                countries.remove(at: known)
                foldCountry(Country(tag: tag, at: time))
            } else {
                foldCountry(Country(tag: tag, at: at))
            }
        }
        guard event.deviceKey != 0 else { return }
        if let known = devices.firstIndex(where: { $0.key == event.deviceKey }) {
            devices[known].firstAt = min(devices[known].firstAt, at)
            devices.moveToEnd(known)
        } else {
            devices.appendDroppingFirst(Device(key: event.deviceKey, firstAt: at))
        }
    }

    /// Keeps the countries in order of their latest payments; of seven the one with the oldest is forgotten.
    private mutating func foldCountry(_ country: Country) {
        var position = countries.count
        while position > 0, countries[position - 1].at > country.at { position -= 1 }
        guard position > 0 || !countries.isFull else { return }
        countries.insertDroppingFirst(country, at: position)
    }

    /// Takes the label of one of the user's payments in.
    mutating func fold(_ label: LabelEvent) {
        let at = label.payment.occurredAtMicroseconds
        if label.previous == .fraud, let known = frauds.firstIndex(where: { $0 == at }) { frauds.remove(at: known) }
        guard label.verdict == .fraud else { return }
        var position = frauds.count
        while position > 0, frauds[position - 1] > at { position -= 1 }
        guard position > 0 || !frauds.isFull else { return }
        frauds.insertDroppingFirst(at, at: position)
    }
}
