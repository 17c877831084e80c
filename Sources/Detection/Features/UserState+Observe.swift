/// What of an observation the token needs beside the features.
struct UserNovelty {
    var country: Int8 = 0
    var currency: Int8 = 0
    var device: Int8 = 0
    var merchant: Int8 = 0

    /// 1 the last, 2 among the others, 3 new.
    static func rank(_ position: Int?, of count: Int) -> Int8 {
        guard let position else { return 3 }
        return position == count - 1 ? 1 : 2
    }
}

extension UserState {
    /// The features of a user without a past.
    static func observeStranger(_ event: PaymentEvent, euros: Float, into features: inout FeatureVector) {
        for feature in [
            Feature.userAgeDays, .gapSeconds, .gapRatio, .ratioToMean, .ratioToMax, .meanRatio24h, .meanRatio7d,
            .highShare7d, .highShare14d, .daysSinceFirstHigh, .merchantIsNew, .countryIsNew, .countryChanged,
            .hoursSinceOtherCountry, .deviceIsNew, .deviceChanged, .currencyIsNew, .currencyChanged, .channelIsNew,
            .hourShare,
        ] { features[feature] = FeatureVector.unknown }
        features[.deviceAgeHours] = event.deviceKey == 0 ? FeatureVector.unknown : 0
        for feature in [Feature.count1h, .count24h, .count7d, .count30d, .distinctMerchants24h] {
            features[feature] = 1
        }
        for feature in [Feature.sum1h, .sum24h, .sum7d, .sum30d] { features[feature] = euros }
    }

    /// Everything the user's past says of a payment that is not folded yet.
    func observe(_ event: PaymentEvent, _ moment: Moment, euros: Float, into features: inout FeatureVector)
        -> UserNovelty
    {
        let mean = Float(max(meanEuros, 0.01))
        features[.userPayments] = Float(count)
        features[.userAgeDays] = max(moment.days(since: firstAt), 0)
        features[.ratioToMean] = min(euros / mean, 1e9)
        features[.ratioToMax] = min(euros / Float(max(largestEuros, 0.01)), 1e9)
        let log = Mathematics.log2(max(euros, 0.01))
        features[.amountZ] = Self.z(log, mean: meanLog, deviation: deviationLog)
        observeWindows(event, moment, euros: euros, mean: mean, into: &features)
        observeHour(moment, into: &features)
        features[.userFrauds28d] = knownFrauds(until: moment.microseconds)
        features[.channelIsNew] = channels & (1 << min(event.channel, 7)) == 0 ? 1 : 0
        return observeTags(event, moment, into: &features)
    }

    /// The distance in deviations, ±20 at most. A deviation below a tenth counts as that.
    static func z(_ log: Float, mean: Double, deviation: Double) -> Float {
        min(max((log - Float(mean)) / Float(max(deviation, 0.1)), -20), 20)
    }

    private func observeWindows(
        _ event: PaymentEvent, _ moment: Moment, euros: Float, mean: Float, into features: inout FeatureVector
    ) {
        let (windows, firstHigh) = days.windows(at: moment)
        var day = recentDay(event, moment, small: mean * UserProfile.smallRatio)
        // More payments than are remembered: the daily buckets know more of them.
        if recent.isFull, moment.microseconds - recent[0].at < Limits.dayMicroseconds {
            day.count = max(day.count, windows[0].count)
            day.sum = max(day.sum, windows[0].sum)
        }
        features[.gapSeconds] = day.gapSeconds
        features[.gapRatio] =
            day.gapSeconds < 0 || gapCount == 0
            ? FeatureVector.unknown : min((1 + day.gapSeconds) * Float(Mathematics.exp2(-meanGapLog)), 1e9)
        features[.count1h] = day.hourCount + 1
        features[.count24h] = day.count + 1
        features[.count7d] = windows[2].count + 1
        features[.count30d] = windows[4].count + 1
        features[.sum1h] = day.hourSum + euros
        features[.sum24h] = day.sum + euros
        features[.sum7d] = windows[2].sum + euros
        features[.sum30d] = windows[4].sum + euros
        features[.meanRatio24h] = min((day.sum + euros) / ((day.count + 1) * mean), 1e9)
        features[.meanRatio7d] = min((windows[2].sum + euros) / ((windows[2].count + 1) * mean), 1e9)
        features[.highCount1d] = windows[0].high
        features[.highCount3d] = windows[1].high
        features[.highCount7d] = windows[2].high
        features[.highCount14d] = windows[3].high
        features[.highShare7d] = Self.share(windows[2].high, windows[2].count)
        features[.highShare14d] = Self.share(windows[3].high, windows[3].count)
        features[.daysSinceFirstHigh] =
            firstHigh.map { Float(moment.day - $0) + moment.dayFraction } ?? FeatureVector.unknown
        features[.smallCount1h] = day.hourSmall
        features[.distinctMerchants24h] = day.distinctMerchants
        features[.newMerchants24h] = day.newMerchants
    }

    static func share(_ part: Float, _ whole: Float) -> Float {
        whole > 0 ? min(part / whole, 1) : FeatureVector.unknown
    }

    private struct RecentDay {
        var count: Float = 0
        var sum: Float = 0
        var hourCount: Float = 0
        var hourSum: Float = 0
        var hourSmall: Float = 0
        var gapSeconds = FeatureVector.unknown
        var distinctMerchants: Float = 1
        var newMerchants: Float = 0
    }

    /// The remembered payments of the 24 hours that end at `moment`: at most 32.
    private func recentDay(_ event: PaymentEvent, _ moment: Moment, small: Float) -> RecentDay {
        var day = RecentDay()
        let mark = Self.merchantMark(event.merchantKey)
        if !hasPaid(mark) { day.newMerchants = 1 }
        let end = place(of: moment.microseconds)
        if end > 0 { day.gapSeconds = Float(moment.microseconds - recent[end - 1].at) / 1e6 }
        var position = end - 1
        while position >= 0 {
            let payment = recent[position]
            let age = moment.microseconds - payment.at
            guard age < Limits.dayMicroseconds else { break }
            day.count += 1
            day.sum += payment.euros
            if payment.merchantAndFlags & Recent.isNewMerchant != 0 { day.newMerchants += 1 }
            if payment.merchant != mark, isFirst(position, in: position + 1..<end) { day.distinctMerchants += 1 }
            if age < Limits.hourMicroseconds {
                day.hourCount += 1
                day.hourSum += payment.euros
                if payment.euros <= small { day.hourSmall += 1 }
            }
            position -= 1
        }
        return day
    }

    /// Whether none of `others` went to the merchant of the payment at `position`.
    private func isFirst(_ position: Int, in others: Range<Int>) -> Bool {
        for other in others where recent[other].merchant == recent[position].merchant { return false }
        return true
    }

    private func observeHour(_ moment: Moment, into features: inout FeatureVector) {
        let slot = moment.hourOfDay / 3
        var all: Float = 0
        for each in 0..<8 { all += Float(hours[each]) }
        // The slot and its neighbours weigh 1/2, 1, 1/2: six hours around.
        let here = Float(hours[slot]) + 0.5 * (Float(hours[(slot + 7) & 7]) + Float(hours[(slot + 1) & 7]))
        features[.hourShare] = Self.share(here, all)
    }

    private func knownFrauds(until at: Int64) -> Float {
        var known: Float = 0
        for position in 0..<frauds.count
        where frauds[position] <= at && at - frauds[position] < 28 * Limits.dayMicroseconds {
            known += 1
        }
        return known
    }

    private func observeTags(_ event: PaymentEvent, _ moment: Moment, into features: inout FeatureVector) -> UserNovelty
    {
        var novelty = UserNovelty()
        let mark = Self.merchantMark(event.merchantKey)
        novelty.merchant = UserNovelty.rank(merchants.firstIndex { $0 == mark }, of: merchants.count)
        features[.merchantIsNew] = novelty.merchant == 3 ? 1 : 0
        let currency = event.currency.rawValue
        novelty.currency = UserNovelty.rank(currencies.firstIndex { $0.tag == currency }, of: currencies.count)
        features[.currencyIsNew] = novelty.currency == 3 ? 1 : 0
        features[.currencyChanged] = novelty.currency == 1 ? 0 : 1
        if event.country == .unknown || countries.isEmpty {
            features[.countryIsNew] = FeatureVector.unknown
            features[.countryChanged] = FeatureVector.unknown
        } else {
            let tag = event.country.rawValue
            novelty.country = UserNovelty.rank(countries.firstIndex { $0.tag == tag }, of: countries.count)
            features[.countryIsNew] = novelty.country == 3 ? 1 : 0
            features[.countryChanged] = novelty.country == 1 ? 0 : 1
        }
        features[.hoursSinceOtherCountry] = hoursSinceOtherCountry(event, moment)
        observeDevice(event, moment, &novelty, into: &features)
        return novelty
    }

    private func hoursSinceOtherCountry(_ event: PaymentEvent, _ moment: Moment) -> Float {
        guard event.country != .unknown else { return FeatureVector.unknown }
        var position = countries.count - 1
        while position >= 0 {
            // A payment elsewhere that is dated after this one is as near as its distance in time.
            if countries[position].tag != event.country.rawValue {
                return moment.hours(since: countries[position].at).magnitude
            }
            position -= 1
        }
        return FeatureVector.unknown
    }

    private func observeDevice(
        _ event: PaymentEvent, _ moment: Moment, _ novelty: inout UserNovelty, into features: inout FeatureVector
    ) {
        guard event.deviceKey != 0 else {
            for feature in [Feature.deviceIsNew, .deviceChanged, .deviceAgeHours] {
                features[feature] = FeatureVector.unknown
            }
            return
        }
        let known = devices.firstIndex { $0.key == event.deviceKey }
        features[.deviceAgeHours] = known.map { max(moment.hours(since: devices[$0].firstAt), 0) } ?? 0
        guard !devices.isEmpty else {
            features[.deviceIsNew] = FeatureVector.unknown
            features[.deviceChanged] = FeatureVector.unknown
            return
        }
        novelty.device = UserNovelty.rank(known, of: devices.count)
        features[.deviceIsNew] = novelty.device == 3 ? 1 : 0
        features[.deviceChanged] = novelty.device == 1 ? 0 : 1
    }
}
