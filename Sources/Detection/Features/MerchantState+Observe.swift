extension MerchantState {
    /// The features of a merchant without a past.
    static func observeStranger(into features: inout FeatureVector) {
        for feature in [Feature.merchantCount1h, .merchantCount1d, .merchantCount7d, .merchantCount30d] {
            features[feature] = 1
        }
        for feature in [
            Feature.merchantAgeDays, .merchantHighShare1d, .merchantHighShare7d, .merchantFraudShare1d,
            .merchantFraudShare7d, .merchantFraudShare30d, .merchantLabelAgeDays, .daysSinceGenuine, .daysSinceRunStart,
        ] { features[feature] = FeatureVector.unknown }
    }

    /// Everything the merchant's past says of a payment that is not folded yet.
    func observe(_ moment: Moment, euros: Float, into features: inout FeatureVector) {
        features[.merchantPayments] = Float(count)
        features[.merchantAgeDays] = count > 0 ? max(moment.days(since: firstAt), 0) : FeatureVector.unknown
        features[.merchantCount1h] = paymentsWithinHour(moment) + 1
        let windows = days.windows(at: moment)
        features[.merchantCount1d] = windows[0].count + 1
        features[.merchantCount7d] = windows[1].count + 1
        features[.merchantCount30d] = windows[2].count + 1
        features[.merchantHighShare1d] = UserState.share(windows[0].high, windows[0].count)
        features[.merchantHighShare7d] = UserState.share(windows[1].high, windows[1].count)
        if count > 0 {
            let log = Mathematics.log2(max(euros, 0.01))
            features[.merchantAmountZ] = UserState.z(log, mean: meanLog, deviation: max(deviationLog, 0.25))
        }
        observeLabels(moment, into: &features)
    }

    /// The hour so far, and of the one before what still lies within an hour.
    private func paymentsWithinHour(_ moment: Moment) -> Float {
        if moment.hour == hour { return Float(hourCount) + (1 - moment.hourFraction) * Float(previousHourCount) }
        if moment.hour == hour + 1 { return (1 - moment.hourFraction) * Float(hourCount) }
        return 0
    }

    private func observeLabels(_ moment: Moment, into features: inout FeatureVector) {
        guard let latest = labelled.last else {
            for feature in [
                Feature.merchantFraudShare1d, .merchantFraudShare7d, .merchantFraudShare30d, .merchantLabelAgeDays,
                .daysSinceGenuine, .daysSinceRunStart,
            ] { features[feature] = FeatureVector.unknown }
            return
        }
        let windows = days.labelled(until: Moment(latest.at).day)
        features[.merchantFraudShare1d] = UserState.share(windows[0].fraud, windows[0].count)
        features[.merchantFraudShare7d] = UserState.share(windows[1].fraud, windows[1].count)
        features[.merchantFraudShare30d] = UserState.share(windows[3].fraud, windows[3].count)
        features[.merchantFrauds28d] = windows[2].fraud
        features[.merchantLabelAgeDays] = max(moment.days(since: latest.at), 0)
        let run = run
        features[.runLength] = Float(run.length)
        features[.runUnexplained] = Float(run.unexplained)
        features[.daysSinceRunStart] =
            run.length > 0 ? max(moment.days(since: run.startMicroseconds), 0) : FeatureVector.unknown
        features[.daysSinceGenuine] =
            run.genuineMicroseconds.map { max(moment.days(since: $0), 0) } ?? FeatureVector.unknown
    }

    /// O(1) for most merchants: it ends at the latest payment known to be genuine.
    var run: MerchantProfile.Run {
        var run = MerchantProfile.Run()
        var isOver = false
        var position = labelled.count - 1
        while position >= 0 {
            let payment = labelled[position]
            guard payment.isFraud else {
                run.genuineMicroseconds = payment.at
                break
            }
            if run.length > 0, Moment(run.startMicroseconds).days(since: payment.at) > MerchantProfile.runPauseDays {
                isOver = true
            }
            if !isOver {
                run.length += 1
                if !payment.isExplained { run.unexplained += 1 }
                run.startMicroseconds = payment.at
            }
            position -= 1
        }
        return run
    }
}
