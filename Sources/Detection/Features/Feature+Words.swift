extension Feature {
    /// In snake_case, as rules and model artifacts spell it.
    public var name: String { Self.descriptions[Int(rawValue)].name }

    public var group: FeatureGroup { Self.descriptions[Int(rawValue)].group }

    public init?(name: some StringProtocol) {
        guard let feature = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = feature
    }

    /// For a reason: "3 payments within the hour", "amount 5.2 times the user's mean".
    public func words(_ value: Float) -> String {
        let description = Self.descriptions[Int(rawValue)]
        guard value.isFinite, description.unit.hasUnknown == false || value > FeatureVector.unknown else {
            return "\(description.subject): unknown"
        }
        return "\(description.subject): \(description.unit.text(Double(value)))"
    }

    /// One line a case, in the cases' order.
    private static let descriptions: [FeatureDescription] = [
        .init("amount", .payment, .amount, "amount"),
        .init("hour", .payment, .number, "hour of the day (UTC)"),
        .init("weekday", .payment, .weekday, "weekday"),
        .init("is_weekend", .payment, .flag, "on a weekend"),
        .init("is_night", .payment, .flag, "at night (UTC)"),
        .init("channel", .payment, .number, "channel number"),

        .init("user_payments", .user, .number, "earlier payments of the user"),
        .init("user_age_days", .user, .days, "time since the user's first payment"),
        .init("gap_seconds", .user, .seconds, "time since the user's last payment"),
        .init("gap_ratio", .user, .times, "that time against the user's usual"),
        .init("ratio_to_mean", .user, .times, "amount against the user's mean"),
        .init("amount_z", .user, .deviations, "amount from the user's usual"),
        .init("ratio_to_max", .user, .times, "amount against the user's largest so far"),
        .init("count_1h", .user, .number, "payments within the hour"),
        .init("count_24h", .user, .number, "payments within 24 hours"),
        .init("count_7d", .user, .number, "payments within 7 days"),
        .init("count_30d", .user, .number, "payments within 30 days"),
        .init("sum_1h", .user, .amount, "sum within the hour"),
        .init("sum_24h", .user, .amount, "sum within 24 hours"),
        .init("sum_7d", .user, .amount, "sum within 7 days"),
        .init("sum_30d", .user, .amount, "sum within 30 days"),
        .init("mean_ratio_24h", .user, .times, "mean amount of 24 hours against the user's mean"),
        .init("mean_ratio_7d", .user, .times, "mean amount of 7 days against the user's mean"),
        .init("high_count_1d", .user, .number, "unusually high payments within a day before"),
        .init("high_count_3d", .user, .number, "unusually high payments within 3 days before"),
        .init("high_count_7d", .user, .number, "unusually high payments within 7 days before"),
        .init("high_count_14d", .user, .number, "unusually high payments within 14 days before"),
        .init("high_share_7d", .user, .share, "share of unusually high payments in 7 days"),
        .init("high_share_14d", .user, .share, "share of unusually high payments in 14 days"),
        .init("days_since_first_high", .user, .days, "time since the first unusually high payment in 14 days"),
        .init("small_count_1h", .user, .number, "very small payments within the hour before"),
        .init("merchant_is_new", .user, .flag, "merchant new to the user"),
        .init("distinct_merchants_24h", .user, .number, "different merchants within 24 hours"),
        .init("new_merchants_24h", .user, .number, "payments to new merchants within 24 hours"),
        .init("country_is_new", .user, .flag, "country new to the user"),
        .init("country_changed", .user, .flag, "country changed since the last payment"),
        .init("hours_since_other_country", .user, .hours, "time since a payment in another country"),
        .init("device_is_new", .user, .flag, "device new to the user"),
        .init("device_changed", .user, .flag, "device changed since the last payment"),
        .init("device_age_hours", .user, .hours, "time since the device was first seen"),
        .init("currency_is_new", .user, .flag, "currency new to the user"),
        .init("currency_changed", .user, .flag, "currency changed since the last payment"),
        .init("channel_is_new", .user, .flag, "channel new to the user"),
        .init("hour_share", .user, .share, "share of the user's payments at this time of day"),

        .init("merchant_payments", .merchant, .number, "earlier payments at the merchant"),
        .init("merchant_age_days", .merchant, .days, "time since the merchant's first payment"),
        .init("merchant_count_1h", .merchant, .number, "payments at the merchant within the hour"),
        .init("merchant_count_1d", .merchant, .number, "payments at the merchant within a day"),
        .init("merchant_count_7d", .merchant, .number, "payments at the merchant within 7 days"),
        .init("merchant_count_30d", .merchant, .number, "payments at the merchant within 30 days"),
        .init("merchant_amount_z", .merchant, .deviations, "amount from the merchant's usual"),
        .init("merchant_high_share_1d", .merchant, .share, "share of unusually high payments at the merchant in a day"),
        .init(
            "merchant_high_share_7d", .merchant, .share, "share of unusually high payments at the merchant in 7 days"),

        .init("merchant_fraud_share_1d", .labels, .share, "known fraud at the merchant, latest labelled day"),
        .init("merchant_fraud_share_7d", .labels, .share, "known fraud at the merchant, latest 7 labelled days"),
        .init("merchant_fraud_share_30d", .labels, .share, "known fraud at the merchant, latest 30 labelled days"),
        .init("merchant_label_age_days", .labels, .days, "time since the merchant's latest labelled payment"),
        .init("merchant_frauds_28d", .labels, .number, "known frauds at the merchant in 28 labelled days"),
        .init("days_since_genuine", .labels, .days, "time since the merchant's latest known genuine payment"),
        .init("days_since_run_start", .labels, .days, "time since the merchant's current run of frauds began"),
        .init("run_length", .labels, .number, "known frauds in a row at the merchant"),
        .init(
            "run_unexplained", .labels, .number,
            "known frauds in a row at the merchant, in amounts usual for their users"),
        .init("user_frauds_28d", .labels, .number, "known frauds of the user in 28 days"),
    ]
}

private struct FeatureDescription: Sendable {
    let name: String
    let group: FeatureGroup
    let unit: FeatureUnit
    let subject: String

    init(_ name: String, _ group: FeatureGroup, _ unit: FeatureUnit, _ subject: String) {
        self.name = name
        self.group = group
        self.unit = unit
        self.subject = subject
    }
}

private enum FeatureUnit: Sendable {
    case number, amount, times, deviations, share, flag, seconds, hours, days, weekday

    var hasUnknown: Bool { self != .deviations }

    func text(_ value: Double) -> String {
        switch self {
        case .number: Words.decimal(value)
        case .amount: "about \(Words.decimal(value)) euros"
        case .times: Words.times(value)
        case .deviations: "\(Words.decimal(value)) deviations"
        case .share: "\(Words.decimal(value * 100)) %"
        case .flag: value > 0.5 ? "yes" : "no"
        case .seconds: Words.duration(Int64(min(max(value, 0), 1e12)))
        case .hours: Words.duration(Int64(min(max(value, 0), 1e9) * 3600))
        case .days: "\(Words.decimal(value)) days"
        case .weekday: Self.weekdays[Int(min(max(value, 0), 6))]
        }
    }

    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
}
