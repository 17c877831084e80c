/// What a feature tells about.
public enum FeatureGroup: UInt8, Sendable, CaseIterable {
    /// The payment alone.
    case payment
    /// The payment against its user's past.
    case user
    /// The payment's merchant, without labels.
    case merchant
    /// What labels tell of the merchant and the user.
    case labels
}

/// The numbers that models and rules see of a payment. Raw values are positions in a `FeatureVector`.
///
/// "Euros" means the currency's units divided by `CurrencyScale`: an order of magnitude, the same on every day. Windows
/// end with the payment and take it in, unless "earlier" is said. Days since something are counted in fractions of days
/// between the times of two payments, never by a clock. -1 stands for unknown (`FeatureVector.unknown`).
public enum Feature: UInt8, CaseIterable, Sendable {
    // The payment alone.
    /// Euros.
    case amount
    /// 0...23, UTC.
    case hour
    /// 0...6, Monday to Sunday, UTC.
    case weekday
    /// 1 on Saturday and Sunday.
    case isWeekend
    /// 1 from 0 to before 7 o'clock, UTC.
    case isNight
    /// 0 unknown, else as in `PaymentEvent.channel`.
    case channel

    // The user's past.
    /// Payments folded before this one.
    case userPayments
    /// Days since the user's first remembered payment.
    case userAgeDays
    /// Seconds since the user's latest earlier payment.
    case gapSeconds
    /// The gap as a multiple of the user's usual (geometric mean) one.
    case gapRatio
    /// The amount as a multiple of the user's robust mean.
    case ratioToMean
    /// The amount's distance from the user's robust mean of log2(amount), in robust deviations; 0 unknown.
    case amountZ
    /// The amount as a multiple of the largest earlier one.
    case ratioToMax
    case count1h
    case count24h
    case count7d
    case count30d
    /// Euros.
    case sum1h
    case sum24h
    case sum7d
    case sum30d
    /// Mean amount within the window as a multiple of the robust mean.
    case meanRatio24h
    case meanRatio7d
    /// Earlier payments in the window of at least `UserProfile.highRatio` times the robust mean.
    case highCount1d
    case highCount3d
    case highCount7d
    case highCount14d
    /// As a share of the earlier payments in the window; -1 if there are none.
    case highShare7d
    case highShare14d
    /// Days since the first high one within the last 14; -1 if there is none.
    case daysSinceFirstHigh
    /// Earlier payments within an hour of at most a tenth of the robust mean.
    case smallCount1h
    /// 1 if the merchant is not among the last ones; -1 for a user without a past. Likewise below.
    case merchantIsNew
    /// Different merchants within 24 hours, this one included.
    case distinctMerchants24h
    /// Payments to merchants that were new to the user, within 24 hours, this one included.
    case newMerchants24h
    case countryIsNew
    /// 1 if the country is not that of the latest payment whose country is known.
    case countryChanged
    /// Hours since the latest payment in another country than this one; -1 if none is remembered.
    case hoursSinceOtherCountry
    case deviceIsNew
    case deviceChanged
    /// Hours since the device was first seen; 0 if it is new, -1 if it is unknown.
    case deviceAgeHours
    case currencyIsNew
    case currencyChanged
    case channelIsNew
    /// Share of the user's payments within about three hours of this time of day; -1 without a past.
    case hourShare

    // The merchant.
    case merchantPayments
    /// Days since the merchant's first remembered payment.
    case merchantAgeDays
    case merchantCount1h
    case merchantCount1d
    case merchantCount7d
    case merchantCount30d
    /// The amount's distance from the merchant's mean of log2(amount), in deviations; 0 unknown.
    case merchantAmountZ
    /// Share of payments high for their users among the merchant's in 1 and 7 days.
    case merchantHighShare1d
    case merchantHighShare7d

    // Labels: see `MerchantProfile` for what the windows end with.
    case merchantFraudShare1d
    case merchantFraudShare7d
    case merchantFraudShare30d
    /// Days since the latest payment at this merchant whose label is known.
    case merchantLabelAgeDays
    /// Payments known to be fraud in the 28 days before the latest labelled one.
    case merchantFrauds28d
    /// Days since the latest payment at this merchant that is known to be genuine.
    case daysSinceGenuine
    /// Days since the first fraud of the current run; -1 if the latest label is not of a fraud.
    case daysSinceRunStart
    /// Frauds since the latest genuine payment, by payment time.
    case runLength
    /// Those of them that the user's own behaviour does not explain.
    case runUnexplained
    /// The user's payments of the last 28 days known to be fraud.
    case userFrauds28d

    public static let count = allCases.count
}
