import Detection
import Testing

@Suite struct UserProfileTests {
    private let day: Int64 = 86_400

    /// What the profiles say of the last event after all before it.
    private func features(_ events: [PaymentEvent]) -> FeatureVector {
        var profiles = Profiles(capacity: 1000)
        for event in events.dropLast() { profiles.take(event) }
        return profiles.observe(events.last!).features
    }

    @Test func aUserWithoutAPastIsUnknownInEverythingThatNeedsOne() {
        let known = features([event(amount: 50_00)])
        #expect(known[.amount] == 50)
        #expect(known[.userPayments] == 0)
        for feature in [Feature.ratioToMean, .gapSeconds, .merchantIsNew, .highShare7d, .hourShare, .deviceIsNew] {
            #expect(known[feature] == FeatureVector.unknown)
        }
        #expect(known[.count1h] == 1)
        #expect(known[.sum30d] == 50)
    }

    @Test func theRatioIsToAMeanThatOneFraudHardlyMoves() {
        let usual = (0..<50).map { event(amount: 20_00, atSeconds: Int64($0) * 3600) }
        let fraud = event(amount: 10_000_00, atSeconds: 51 * 3600)
        let after = event(amount: 40_00, atSeconds: 52 * 3600)
        #expect(features(usual + [fraud])[.ratioToMean] == 500)
        #expect((1.8...2.0).contains(features(usual + [fraud, after])[.ratioToMean]))
        #expect(features(usual + [fraud, after])[.highCount1d] == 1)
        #expect(features(usual + [fraud, after])[.ratioToMax] == 0.004)
    }

    @Test func theWindowsTakeThisPaymentInAndLeaveTheirBeginningOut() {
        // Payments of 1 euro: 90, 60 and 59 minutes before, and one 25 hours before.
        let events = [-25 * 3600, -5400, -3600, -3540, 0].map { event(amount: 1_00, atSeconds: $0 + 5 * day) }
        let known = features(events)
        #expect(known[.count1h] == 2)
        #expect(known[.sum1h] == 2)
        #expect(known[.count24h] == 4)
        #expect(known[.gapSeconds] == 3540)
    }

    @Test func longWindowsSlideByPartsOfDays() {
        // Ten payments at noon on each of 40 days; at noon of the last, half of the day at the window's edge counts.
        let events = (0..<40).flatMap { step in
            (0..<10).map { event(amount: 2_00, atSeconds: Int64(step) * day + day / 2 + Int64($0)) }
        }
        let known = features(events + [event(amount: 2_00, atSeconds: 39 * day + day / 2 + 60)])
        #expect((70...80).contains(known[.count7d]))
        #expect((300...310).contains(known[.count30d]))
        #expect(abs(known[.sum30d] - 2 * known[.count30d]) < 0.5)
        #expect(known[.count24h] >= 11)
    }

    @Test func theOrderOfArrivalDoesNotChangeTheWindows() {
        var random = SeededRandom(4)
        let events = (0..<30).map { _ in event(amount: 5_00, atSeconds: Int64(random.below(Int(2 * day)))) }
        let last = event(amount: 5_00, atSeconds: 2 * day)
        let expected = features(events + [last])
        for _ in 0..<20 {
            let shuffled = features(events.shuffled(using: &random) + [last])
            for feature in [Feature.count1h, .count24h, .count7d, .sum24h, .sum7d, .gapSeconds, .distinctMerchants24h] {
                #expect(shuffled[feature] == expected[feature], "\(feature)")
            }
        }
    }

    @Test func aLatePaymentChangesNeitherTheLastTimeNorTheLastCountry() {
        let known = profile([
            event(country: "DE", atSeconds: 100), event(currency: "USD", country: "US", atSeconds: 50),
        ])
        #expect(known.lastOccurredAtMicroseconds == newYear + 100_000_000)
        #expect(known.firstOccurredAtMicroseconds == newYear + 50_000_000)
        #expect(known.countries.last == CountryTag("DE")!)
        #expect(known.currencies == [CurrencyTag("EUR")!, CurrencyTag("USD")!])
    }

    @Test func anotherCountryTellsHowLongAgoTheUserWasElsewhere() {
        let home = event(country: "DE", atSeconds: 0)
        let away = features([home, event(country: "US", atSeconds: 5400)])
        #expect(away[.countryIsNew] == 1)
        #expect(away[.countryChanged] == 1)
        #expect(away[.hoursSinceOtherCountry] == 1.5)
        let back = features([home, event(country: "US", atSeconds: 5400), event(country: "DE", atSeconds: 9000)])
        #expect(back[.countryIsNew] == 0)
        #expect(back[.countryChanged] == 1)
        #expect(back[.hoursSinceOtherCountry] == 1)
        #expect(features([home, event(atSeconds: 60)])[.countryChanged] == FeatureVector.unknown)
        #expect(
            features([home, event(country: "DE", atSeconds: 60)])[.hoursSinceOtherCountry] == FeatureVector.unknown)
    }

    @Test func noveltyIsOfMerchantDeviceCurrencyAndChannel() {
        let first = event(merchant: 1, device: 7, channel: 1)
        let known = features([first, event(merchant: 2, currency: "USD", device: 8, channel: 2, atSeconds: 60)])
        for feature in [
            Feature.merchantIsNew, .deviceIsNew, .deviceChanged, .currencyIsNew, .currencyChanged, .channelIsNew,
        ] {
            #expect(known[feature] == 1, "\(feature)")
        }
        #expect(known[.deviceAgeHours] == 0)
        #expect(known[.newMerchants24h] == 1)
        #expect(known[.distinctMerchants24h] == 2)
        let again = features([first, event(merchant: 1, device: 7, channel: 1, atSeconds: 7200)])
        for feature in [
            Feature.merchantIsNew, .deviceIsNew, .deviceChanged, .currencyIsNew, .currencyChanged, .channelIsNew,
        ] {
            #expect(again[feature] == 0, "\(feature)")
        }
        #expect(again[.deviceAgeHours] == 2)
    }

    @Test func smallPaymentsWithinTheHourAreCounted() {
        let usual = (0..<20).map { event(amount: 50_00, atSeconds: Int64($0) * 7200) }
        let tests = (0..<3).map { event(amount: 1_00, atSeconds: 50 * 3600 + Int64($0) * 60) }
        #expect(features(usual + tests + [event(amount: 500_00, atSeconds: 50 * 3600 + 300)])[.smallCount1h] == 3)
    }

    @Test func amountsInSmallUnitsCompareWithThoseInLargeOnes() {
        let yen = event(amount: 16_000, currency: "JPY", exponent: 0)
        #expect(yen.amountEuros == 100)
        #expect(event(amount: 100_000, currency: "KWD", exponent: 3).amountEuros > 300)
        #expect(event(amount: 100_00, currency: "XYZ").amountEuros == 100)
    }

    @Test func aHighPaymentIsRememberedForFourteenDays() {
        let usual = (0..<20).map { event(amount: 10_00, atSeconds: Int64($0) * 3600) }
        let high = event(amount: 50_00, atSeconds: 10 * day)
        for (later, expected): (Int64, Float) in [(1, 1), (13, 1), (15, 0)] {
            let known = features(usual + [high, event(amount: 10_00, atSeconds: (10 + later) * day)])
            #expect(known[.highCount14d] == expected)
            #expect((known[.daysSinceFirstHigh] >= 0) == (expected == 1))
        }
    }

    @Test func knownFraudsOfAUserFadeAfterFourWeeks() {
        var profiles = Profiles(capacity: 10)
        let fraud = event(atSeconds: 0)
        profiles.take(fraud)
        profiles.fold(label(fraud, .fraud))
        #expect(profiles.observe(event(atSeconds: 20 * day)).features[.userFrauds28d] == 1)
        #expect(profiles.observe(event(atSeconds: 29 * day)).features[.userFrauds28d] == 0)
        profiles.fold(label(fraud, .legitimate, previous: .fraud))
        #expect(profiles.observe(event(atSeconds: 20 * day)).features[.userFrauds28d] == 0)
    }
}
