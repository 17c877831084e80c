/// Five rules over a payment and its user's profile, and the decision that follows from their points.
///
/// The score is 1 - Π(1 - points) over the reasons: each rule that fires takes its share of the doubt that is left.
public struct RuleSet: Sendable {
    public static let ruleCount = 5

    private let thresholds: RuleThresholds
    private let amountLimit: MoneyLimitTable
    private let sumLimit: MoneyLimitTable

    /// Throws the first threshold that is out of its range.
    public init(_ thresholds: RuleThresholds = RuleThresholds()) throws(InvalidThreshold) {
        try thresholds.validate()
        self.thresholds = thresholds
        amountLimit = MoneyLimitTable(thresholds.amount.limit)
        sumLimit = MoneyLimitTable(thresholds.velocity.maximumSum)
    }

    /// Judges `event` by what the profile knew before it. Without a profile only the rules that need none can fire.
    public func assess(_ event: PaymentEvent, profile: UserProfile?) -> Assessment {
        var reasons: [Reason] = []
        judgeAmount(event, &reasons)
        let mean = profile?.mean(of: event.currency)
        if let mean { judgeMean(event, mean, &reasons) }
        judgeVelocity(event, profile, &reasons)
        if let profile {
            if let mean { judgeMerchant(event, profile, mean, &reasons) }
            judgeChange(event, profile, &reasons)
        }
        return reasons.isEmpty ? noRuleFired : verdict(reasons)
    }

    private var noRuleFired: Assessment {
        Assessment(decision: decision(score: 0), score: 0, reasons: Assessment.noRuleFiredReasons)
    }

    private func verdict(_ reasons: [Reason]) -> Assessment {
        let score = 1 - reasons.reduce(1.0) { $0 * (1 - $1.points) }
        return Assessment(decision: decision(score: score), score: Float(score), reasons: reasons)
    }

    private func decision(score: Double) -> Decision {
        if score >= thresholds.blockScore { return .block }
        return score >= thresholds.reviewScore ? .review : .approve
    }

    private func judgeAmount(_ event: PaymentEvent, _ reasons: inout [Reason]) {
        let limit = amountLimit.minorUnits(for: event)
        guard event.amountMinor > limit else { return }
        let text = "\(event.money(event.amountMinor)) is over the limit of \(event.money(limit))"
        reasons.append(Reason(code: "amount_over_limit", text: text, points: thresholds.amount.points))
    }

    private func judgeMean(_ event: PaymentEvent, _ mean: UserProfile.CurrencyMean, _ reasons: inout [Reason]) {
        let rule = thresholds.mean
        guard let ratio = ratio(event, mean, minimumHistory: rule.minimumHistory), ratio >= rule.ratio else { return }
        let text =
            "\(event.money(event.amountMinor)) is \(Words.times(ratio)) this user's mean of \(event.money(mean))"
        reasons.append(Reason(code: "amount_over_mean", text: text, points: rule.points))
    }

    private func judgeVelocity(_ event: PaymentEvent, _ profile: UserProfile?, _ reasons: inout [Reason]) {
        let rule = thresholds.velocity
        let before =
            profile?.window(
                endingAt: event.occurredAtMicroseconds, lengthMicroseconds: rule.windowSeconds * 1_000_000,
                currency: event.currency) ?? (count: 0, sumMinor: 0)
        let count = before.count + 1
        if count > rule.maximumCount {
            let text = "\(count) payments within \(Words.duration(rule.windowSeconds)), more than \(rule.maximumCount)"
            reasons.append(Reason(code: "count_in_window", text: text, points: rule.countPoints))
        }
        let sum = before.sumMinor + event.amountMinor
        let limit = sumLimit.minorUnits(for: event)
        if sum > limit {
            let text =
                "\(event.money(sum)) within \(Words.duration(rule.windowSeconds)), more than \(event.money(limit))"
            reasons.append(Reason(code: "sum_in_window", text: text, points: rule.sumPoints))
        }
    }

    private func judgeMerchant(
        _ event: PaymentEvent, _ profile: UserProfile, _ mean: UserProfile.CurrencyMean, _ reasons: inout [Reason]
    ) {
        let rule = thresholds.newMerchant
        guard let ratio = ratio(event, mean, minimumHistory: rule.minimumHistory), ratio >= rule.ratio,
            !profile.hasPaid(merchant: event.merchantKey)
        else { return }
        let text = """
            \(event.money(event.amountMinor)), \(Words.times(ratio)) this user's mean of \(event.money(mean)), \
            to a merchant not among the last \(UserProfile.maximumMerchants)
            """
        reasons.append(Reason(code: "new_merchant_high_amount", text: text, points: rule.points))
    }

    private func judgeChange(_ event: PaymentEvent, _ profile: UserProfile, _ reasons: inout [Reason]) {
        let rule = thresholds.change
        if event.country != .unknown, profile.lastCountry != .unknown, event.country != profile.lastCountry,
            let seconds = seconds(from: profile.lastCountryAtMicroseconds, to: event, within: rule)
        {
            let text =
                "country changed from \(profile.lastCountry) to \(event.country) within \(Words.duration(seconds))"
            reasons.append(Reason(code: "country_change", text: text, points: rule.countryPoints))
        }
        if let last = profile.lastCurrency, event.currency != last,
            let seconds = seconds(from: profile.lastOccurredAtMicroseconds, to: event, within: rule)
        {
            let text = "currency changed from \(last) to \(event.currency) within \(Words.duration(seconds))"
            reasons.append(Reason(code: "currency_change", text: text, points: rule.currencyPoints))
        }
    }

    /// The distance in time, either way, if it is within the rule's; events may come out of order.
    private func seconds(from last: Int64, to event: PaymentEvent, within rule: ChangeThreshold) -> Int64? {
        let distance = abs(event.occurredAtMicroseconds - last)
        return distance <= rule.withinSeconds * 1_000_000 ? distance / 1_000_000 : nil
    }

    private func ratio(_ event: PaymentEvent, _ mean: UserProfile.CurrencyMean, minimumHistory: Int) -> Double? {
        guard mean.count >= minimumHistory, mean.meanMinor > 0 else { return nil }
        return Double(event.amountMinor) / mean.meanMinor
    }
}

extension PaymentEvent {
    /// "4,210.00 EUR": minor units of the event's own currency.
    fileprivate func money(_ minor: Int64) -> String {
        "\(MinorUnits.text(minor, exponent: minorUnitExponent, grouped: true)) \(currency)"
    }

    fileprivate func money(_ mean: UserProfile.CurrencyMean) -> String { money(Int64(mean.meanMinor.rounded())) }
}
