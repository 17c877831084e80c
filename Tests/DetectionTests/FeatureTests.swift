import Detection
import Testing

@Suite struct FeatureTests {
    @Test func aNameIsTheCaseInSnakeCase() {
        for feature in Feature.allCases {
            let letters = feature.name.filter { $0 != "_" }
            #expect(letters == "\(feature)".lowercased())
            #expect(feature.name == feature.name.lowercased())
            #expect(Feature(name: feature.name) == feature)
        }
        #expect(Feature.count <= 64)
        #expect(Feature(name: "nonsense") == nil)
    }

    @Test func everyFeatureHasWordsForAnyValue() {
        for feature in Feature.allCases {
            for value: Float in [-1, 0, 0.5, 1, 1e9, .greatestFiniteMagnitude, .nan, .infinity] {
                #expect(!feature.words(value).isEmpty)
            }
        }
        #expect(Feature.ratioToMean.words(5.25) == "amount against the user's mean: 5.3 times")
        #expect(Feature.gapSeconds.words(90) == "time since the user's last payment: 1 minute 30 seconds")
        #expect(Feature.merchantFraudShare7d.words(0.25) == "known fraud at the merchant, latest 7 labelled days: 25 %")
        #expect(Feature.daysSinceGenuine.words(-1) == "time since the merchant's latest known genuine payment: unknown")
        #expect(Feature.merchantIsNew.words(1) == "merchant new to the user: yes")
        #expect(Feature.amountZ.words(-1) == "amount from the user's usual: -1 deviations")
    }

    @Test func theLabelFieldsOfATokenAreItsLast() {
        #expect(TokenField.allCases.map(\.rawValue) == Array(0..<16))
        #expect(TokenField.merchantFraudShare.rawValue == TokenField.merchantLabelFields.lowerBound)
    }

    @Test func theCategoriesOfATokenStayInTheirRange() {
        var random = SeededRandom(30)
        var profiles = Profiles(capacity: 100)
        for _ in 0..<2000 {
            let payment = event(
                user: UInt64(random.below(9)), merchant: UInt64(random.below(60)), amount: Int64(random.below(90_000)),
                currency: ["EUR", "USD", "GBP", "CHF", "SEK", "NOK"][random.below(6)],
                country: [nil, "DE", "FR", "US"][random.below(4)], device: UInt64(random.below(20)),
                channel: UInt8(random.below(256)), atSeconds: Int64(random.below(5_000_000)))
            let token = profiles.observe(payment).token
            for field in TokenField.allCases {
                guard let count = field.categories else { continue }
                #expect(0..<count ~= Int(token[field.rawValue]), "\(field)")
            }
            profiles.fold(payment, token)
        }
    }
}
