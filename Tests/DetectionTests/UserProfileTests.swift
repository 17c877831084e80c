import Bytes
import Detection
import Testing

@Suite struct UserProfileTests {
    @Test func theMeanIsPerCurrency() {
        let known = profile([
            event(amount: 10_00), event(amount: 5_00, currency: "USD"), event(amount: 20_00), event(amount: 60_00),
        ])
        #expect(known.mean(of: CurrencyTag("EUR")!)?.meanMinor == 30_00)
        #expect(known.mean(of: CurrencyTag("EUR")!)?.count == 3)
        #expect(known.mean(of: CurrencyTag("USD")!)?.meanMinor == 5_00)
        #expect(known.mean(of: CurrencyTag("GBP")!) == nil)
        #expect(known.count == 4)
    }

    @Test func aFifthCurrencyDisplacesTheOneNotUsedLongest() {
        let known = profile(["AAA", "BBB", "CCC", "DDD", "AAA", "EEE"].map { event(currency: $0) })
        #expect(known.means.map(\.currency.description) == ["CCC", "DDD", "AAA", "EEE"])
    }

    @Test func aSeventeenthMerchantDisplacesTheOneNotPaidLongest() {
        let known = profile((Array(1...16) + [1, 17]).map { event(merchant: $0) })
        #expect(known.merchants == Array(3...16) + [1, 17])
        #expect(known.hasPaid(merchant: 1) && !known.hasPaid(merchant: 2))
    }

    @Test func theRecentPaymentsAreTheLatestByTheirOwnTime() {
        var random = SeededRandom(3)
        let times = (0..<200).map { _ in Int64(random.below(1000)) }
        let known = profile(times.map { event(atSeconds: $0) })
        let expected = times.sorted().suffix(UserProfile.maximumRecent)
        #expect(known.recent.map { ($0.occurredAtMicroseconds - newYear) / 1_000_000 } == Array(expected))
    }

    @Test func aLatePaymentChangesNeitherTheLastTimeNorTheLastCountry() {
        let known = profile([
            event(country: "DE", atSeconds: 100), event(currency: "USD", country: "US", atSeconds: 50),
        ])
        #expect(known.lastOccurredAtMicroseconds == newYear + 100_000_000)
        #expect(known.lastCountry == CountryTag("DE")!)
        #expect(known.lastCurrency == CurrencyTag("EUR")!)
    }

    @Test func theWindowTakesItsEndAndLeavesItsBeginningOut() {
        let known = profile([0, 5, 10, 15].map { event(amount: 1, atSeconds: $0) })
        let window = known.window(
            endingAt: newYear + 10_000_000, lengthMicroseconds: 10_000_000, currency: CurrencyTag("EUR")!)
        #expect(window.count == 2)
        #expect(window.sumMinor == 2)
    }

    @Test func theOrderOfArrivalDoesNotChangeAWindow() {
        var random = SeededRandom(4)
        let events = (0..<30).map { event(amount: $0, atSeconds: Int64(random.below(100))) }
        let end = newYear + 90_000_000
        let expected = profile(events).window(
            endingAt: end, lengthMicroseconds: 50_000_000, currency: events[0].currency)
        for _ in 0..<20 {
            let shuffled = profile(events.shuffled(using: &random))
            let window = shuffled.window(endingAt: end, lengthMicroseconds: 50_000_000, currency: events[0].currency)
            #expect(window == expected)
        }
    }

    @Test func encodedAndFoldedOnIsTheSameAsFoldedThrough() throws {
        var random = SeededRandom(5)
        let events = (0..<300).map { _ in randomEvent(&random) }
        var through = UserProfile()
        var restored = UserProfile()
        for event in events {
            through.fold(event)
            restored = try decoded(encoded(restored))
            restored.fold(event)
            #expect(restored == through)
        }
        #expect(encoded(restored) == encoded(through))
    }

    @Test func cutOrOverlongListsAreMalformed() throws {
        let bytes = encoded(profile((0..<20).map { event(merchant: UInt64($0)) }))
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) { try decoded(Array(bytes.prefix(count))) }
        }
        var overlong = bytes
        overlong[31] = 33
        #expect(throws: MalformedBytes.self) { try decoded(overlong) }
    }

    private func encoded(_ profile: UserProfile) -> [UInt8] {
        var writer = ByteWriter()
        profile.encode(into: &writer)
        return writer.bytes
    }

    private func decoded(_ bytes: [UInt8]) throws -> UserProfile {
        try bytes.withUnsafeBytes {
            var reader = ByteReader($0)
            return try UserProfile(from: &reader)
        }
    }

    private func randomEvent(_ random: inout SeededRandom) -> PaymentEvent {
        event(
            merchant: UInt64(random.below(25)), amount: Int64(random.below(1_000_000)),
            currency: ["EUR", "USD", "GBP", "CHF", "SEK", "NOK"][random.below(6)],
            country: [nil, "DE", "FR", "US"][random.below(4)], atSeconds: Int64(random.below(5000)))
    }
}
