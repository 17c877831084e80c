import Detection
import Testing

@Suite struct MerchantProfileTests {
    private let day: Int64 = 86_400

    /// A payment at merchant 100 by a user of its own.
    private func payment(_ user: UInt64, atDay: Double, amount: Int64 = 10_00) -> PaymentEvent {
        event(user: user, amount: amount, atSeconds: Int64(atDay * Double(day)))
    }

    private func profiles(_ payments: [PaymentEvent], _ labels: [LabelEvent] = []) -> Profiles {
        var profiles = Profiles(capacity: 1000)
        for payment in payments { profiles.take(payment) }
        for label in labels { profiles.fold(label) }
        return profiles
    }

    @Test func withoutLabelsNothingIsKnownOfFraud() {
        let known = profiles((0..<5).map { payment(UInt64($0), atDay: Double($0)) })
            .observe(payment(99, atDay: 5)).features
        for feature in [Feature.merchantFraudShare7d, .merchantLabelAgeDays, .daysSinceGenuine, .daysSinceRunStart] {
            #expect(known[feature] == FeatureVector.unknown, "\(feature)")
        }
        #expect(known[.runLength] == 0)
        #expect(known[.merchantCount7d] == 6)
    }

    @Test func theFraudShareIsOfTheDaysUpToTheLatestLabel() {
        // One payment a day for 20 days; those of the first ten are labelled, days 8 and 9 as frauds.
        let payments = (0..<20).map { payment(UInt64($0), atDay: Double($0) + 0.5) }
        let labels = payments.prefix(10).enumerated().map { label($1, $0 >= 8 ? .fraud : .legitimate) }
        let known = profiles(payments, labels).observe(payment(99, atDay: 20)).features
        #expect(known[.merchantFraudShare1d] == 1)
        #expect(known[.merchantFraudShare7d] == 2.0 / 7)
        #expect(known[.merchantFraudShare30d] == 0.2)
        #expect(known[.merchantLabelAgeDays] == 10.5)
        #expect(known[.daysSinceGenuine] == 12.5)
        #expect(known[.daysSinceRunStart] == 11.5)
        #expect(known[.runLength] == 2)
        #expect(known[.merchantFrauds28d] == 2)
    }

    @Test func theOrderOfLabelsDoesNotMatter() {
        var random = SeededRandom(21)
        let payments = (0..<50).map { payment(UInt64($0), atDay: Double($0) / 3) }
        let labels = payments.map { label($0, random.below(3) == 0 ? .fraud : .legitimate) }
        let expected = profiles(payments, labels)[merchant: 100]
        for _ in 0..<10 {
            #expect(profiles(payments, labels.shuffled(using: &random))[merchant: 100] == expected)
        }
    }

    @Test func relabelledIsAsIfLabelledSoFromTheBeginning() {
        let payments = (0..<10).map { payment(UInt64($0), atDay: Double($0)) }
        let expected = profiles(payments, payments.map { label($0, $0.userKey == 9 ? .fraud : .legitimate) })
        var relabelled = profiles(payments, payments.map { label($0, $0.userKey == 8 ? .fraud : .legitimate) })
        #expect(relabelled.encoded != expected.encoded)
        relabelled.fold(label(payments[8], .legitimate, previous: .fraud))
        relabelled.fold(label(payments[9], .fraud, previous: .legitimate))
        relabelled.fold(label(payments[9], .fraud, previous: .fraud))
        #expect(relabelled[merchant: 100] == expected[merchant: 100])
        #expect(relabelled[user: 9] == expected[user: 9])
        #expect(relabelled[user: 8] == expected[user: 8])
    }

    @Test func aKnownGenuinePaymentEndsARun() {
        let payments = (0..<4).map { payment(UInt64($0), atDay: Double($0)) }
        let verdicts: [Verdict] = [.fraud, .fraud, .legitimate, .fraud]
        let run = profiles(payments, zip(payments, verdicts).map { label($0, $1) })[merchant: 100]!.run
        #expect(run.length == 1)
        #expect(run.startMicroseconds == payments[3].occurredAtMicroseconds)
        #expect(run.genuineMicroseconds == payments[2].occurredAtMicroseconds)
    }

    @Test func whereOnlyFraudsAreLabelledARunEndsWithALongPauseAndAShareIsOfAllPayments() {
        let genuine = (0..<90).map { payment(UInt64($0), atDay: Double($0)) }
        let frauds = [5.5, 60.5, 61.5].map { payment(200, atDay: $0) }
        let known = profiles(genuine + frauds, frauds.map { label($0, .fraud) })
        #expect(known[merchant: 100]!.run.length == 2)
        #expect(known[merchant: 100]!.run.genuineMicroseconds == nil)
        let share = known.observe(payment(99, atDay: 90)).features[.merchantFraudShare7d]
        #expect(share == 2.0 / 9)
    }

    @Test func aFraudThatIsUnusualForItsUserIsExplained() {
        var profiles = Profiles(capacity: 1000)
        for step in 0..<20 {
            profiles.take(event(user: 1, merchant: 5, amount: 10_00, atSeconds: Int64(step) * 3600))
            profiles.take(event(user: 2, merchant: 5, amount: 10_00, atSeconds: Int64(step) * 3600))
        }
        let unusual = payment(1, atDay: 3, amount: 100_00)
        let usual = payment(2, atDay: 4, amount: 11_00)
        for payment in [unusual, usual] {
            profiles.take(payment)
            profiles.fold(label(payment, .fraud))
        }
        #expect(profiles[merchant: 100]!.run.length == 2)
        #expect(profiles[merchant: 100]!.run.unexplained == 1)
    }

    @Test func theLatestSixtyFourLabelsAreKept() {
        let payments = (0..<200).map { payment(UInt64($0), atDay: Double($0) / 10) }
        let known = profiles(payments, payments.map { label($0, .fraud) })[merchant: 100]!
        #expect(known.labelledCount == MerchantProfile.maximumLabelled)
        #expect(known.run.startMicroseconds == payments[136].occurredAtMicroseconds)
        #expect(known.lastLabelledAtMicroseconds == payments[199].occurredAtMicroseconds)
    }

    @Test func aLabelOfAForgottenMerchantMakesItKnown() {
        var profiles = Profiles(capacity: 10)
        profiles.fold(label(payment(1, atDay: 1), .fraud))
        #expect(profiles[user: 1] == nil)
        #expect(profiles[merchant: 100]?.run.length == 1)
        #expect(profiles.observe(payment(2, atDay: 2)).features[.merchantAgeDays] == FeatureVector.unknown)
    }

    @Test func theHourSlidesAndLatePaymentsStillCount() {
        var events = (0..<60).map { event(user: UInt64($0), atSeconds: Int64($0) * 60) }
        events.swapAt(10, 50)
        let known = profiles(events).observe(event(user: 99, atSeconds: 5400)).features
        #expect(known[.merchantCount1h] == 31)
    }
}
