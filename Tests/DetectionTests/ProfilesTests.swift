import Bytes
import Detection
import Testing

@Suite struct ProfilesTests {
    private enum Step { case payment(PaymentEvent), label(LabelEvent) }

    /// Payments and labels in no order of their times, of few users and merchants, with relabelling.
    private func history(_ count: Int, seed: UInt64, users: Int = 12, merchants: Int = 9) -> [Step] {
        var random = SeededRandom(seed)
        var payments: [(PaymentEvent, Verdict?)] = []
        return (0..<count).map { step in
            if !payments.isEmpty, random.below(3) == 0 {
                let position = random.below(payments.count)
                let verdict: Verdict = random.below(2) == 0 ? .fraud : .legitimate
                defer { payments[position].1 = verdict }
                return .label(label(payments[position].0, verdict, previous: payments[position].1))
            }
            let payment = event(
                user: UInt64(random.below(users)), merchant: UInt64(random.below(merchants)),
                amount: Int64(random.below(1_000_000)), currency: ["EUR", "USD", "JPY", "SEK", "NOK"][random.below(5)],
                country: [nil, "DE", "FR", "US"][random.below(4)], device: UInt64(random.below(12)),
                channel: UInt8(random.below(7)), atSeconds: Int64(step) * 20_000 + Int64(random.below(500_000)))
            payments.append((payment, nil))
            return .payment(payment)
        }
    }

    private func fold(_ step: Step, into profiles: inout Profiles) {
        switch step {
        case .payment(let payment): profiles.take(payment)
        case .label(let label): profiles.fold(label)
        }
    }

    private func foldUndoably(_ step: Step, into profiles: inout Profiles) -> Profiles.Undo {
        switch step {
        case .payment(let payment): profiles.foldUndoably(payment, profiles.observe(payment).token)
        case .label(let label): profiles.foldUndoably(label)
        }
    }

    private func decoded(_ bytes: [UInt8], capacity: Int) throws -> Profiles {
        try bytes.withUnsafeBytes {
            var reader = ByteReader($0)
            return try Profiles(capacity: capacity, from: &reader)
        }
    }

    @Test func undoneIsAsIfNeverFoldedAlsoAcrossEvictions() {
        var random = SeededRandom(8)
        let other = history(200, seed: 9)
        var plain = Profiles(capacity: 8)
        var undoable = Profiles(capacity: 8)
        for step in history(400, seed: 10) {
            fold(step, into: &plain)
            _ = foldUndoably(step, into: &undoable)
            let before = undoable.encoded
            let undos = (0..<random.below(6)).map { _ in
                foldUndoably(other.randomElement(using: &random)!, into: &undoable)
            }
            for undo in undos.reversed() { undoable.undo(undo) }
            #expect(undoable.encoded == before)
        }
        #expect(plain.encoded == undoable.encoded)
    }

    @Test func decodedAndFoldedOnIsTheSameAsFoldedThrough() throws {
        var through = Profiles(capacity: 8)
        var restored = Profiles(capacity: 8)
        for step in history(300, seed: 11) {
            fold(step, into: &through)
            restored = try decoded(restored.encoded, capacity: 8)
            fold(step, into: &restored)
        }
        #expect(restored.encoded == through.encoded)
        #expect(restored.count == through.count && restored.merchantCount == through.merchantCount)
    }

    @Test func aCopyIsNotChangedByWhatIsFoldedAfterIt() {
        var profiles = Profiles(capacity: 100)
        for step in history(100, seed: 12) { fold(step, into: &profiles) }
        let copy = profiles
        let before = copy.encoded
        for step in history(100, seed: 13) { fold(step, into: &profiles) }
        #expect(copy.encoded == before)
        #expect(profiles.encoded != before)
    }

    @Test func cutBytesAreMalformed() throws {
        var profiles = Profiles(capacity: 8)
        for step in history(60, seed: 14) { fold(step, into: &profiles) }
        let bytes = profiles.encoded
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: MalformedBytes.self) { try decoded(Array(bytes.prefix(count)), capacity: 8) }
        }
    }

    @Test func changedBytesAreMalformedOrGiveProfilesThatGoOn() throws {
        var random = SeededRandom(15)
        var profiles = Profiles(capacity: 8)
        let steps = history(200, seed: 16)
        for step in steps { fold(step, into: &profiles) }
        let bytes = profiles.encoded
        var survivors = 0
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0...random.below(3) { changed[random.below(changed.count)] = UInt8(random.below(256)) }
            guard var restored = try? decoded(changed, capacity: 8) else { continue }
            survivors += 1
            for step in steps.prefix(20) {
                fold(step, into: &restored)
                if case .payment(let payment) = step { expectFinite(restored.observe(payment).features) }
            }
        }
        #expect(survivors > 100)
    }

    @Test func noFeatureIsEverInfiniteOrNotANumber() {
        var profiles = Profiles(capacity: 8)
        for step in history(2000, seed: 17) {
            if case .payment(let payment) = step { expectFinite(profiles.observe(payment).features) }
            fold(step, into: &profiles)
        }
        var extremes: [PaymentEvent] = []
        for time in [PaymentEvent.occurredAtRange.lowerBound, newYear, PaymentEvent.occurredAtRange.upperBound] {
            for amount in [0, 1, PaymentEvent.maximumAmountMinor] {
                for (currency, exponent): (String, UInt8) in [("IRR", 4), ("KWD", 0), ("EUR", 2)] {
                    extremes.append(
                        PaymentEvent(
                            userKey: 1, merchantKey: 1, amountMinor: amount, currency: CurrencyTag(currency)!,
                            minorUnitExponent: exponent, channel: 255, occurredAtMicroseconds: time))
                }
            }
        }
        for payment in extremes + extremes.reversed() + extremes {
            expectFinite(profiles.observe(payment).features)
            profiles.take(payment)
            profiles.fold(label(payment, .fraud))
        }
    }

    private func expectFinite(_ features: FeatureVector) {
        for feature in Feature.allCases where !features[feature].isFinite || features[feature] < -1 {
            let mayBeNegative = feature == .amountZ || feature == .merchantAmountZ
            if !mayBeNegative || !features[feature].isFinite { Issue.record("\(feature) is \(features[feature])") }
        }
    }

    @Test func observingTwiceGivesTheSameAndChangesNothing() {
        var profiles = Profiles(capacity: 8)
        for step in history(100, seed: 18) { fold(step, into: &profiles) }
        let before = profiles.encoded
        let payment = event(user: 3, merchant: 4, atSeconds: 3_000_000)
        let (one, other) = (profiles.observe(payment), profiles.observe(payment))
        #expect(one.token == other.token)
        #expect(Feature.allCases.allSatisfy { one.features[$0] == other.features[$0] })
        #expect(profiles.encoded == before)
    }

    @Test func everyTokenOfAHistoryCountsInItsDigest() {
        let payments = (0..<100).map { event(amount: Int64($0) * 100, atSeconds: Int64($0) * 5000) }
        let known = profile(payments)
        #expect(known.sequence.count == 100)
        #expect(known.sequence.length == TokenSequence.maximumLength)
        var other = payments
        other[3] = event(amount: 77_00, atSeconds: 3 * 5000)
        #expect(profile(other).sequence.digest != known.sequence.digest)
        var replayed = TokenSequence()
        var profiles = Profiles(capacity: 4)
        for payment in payments {
            let token = profiles.observe(payment).token
            #expect(
                TokenSequence.digest(replayed.digest, appending: token)
                    == {
                        replayed.append(token); return replayed.digest
                    }())
            profiles.fold(payment, token)
        }
        #expect(replayed == known.sequence)
    }

    @Test func aProfileTakesTheMemoryThatIsStated() {
        #expect(UserProfile.byteCount <= 1900)
        #expect(MerchantProfile.byteCount <= 1150)
        #expect(MemoryLayout<UserProfile>.size == 8 && MemoryLayout<MerchantProfile>.size == 8)
        #expect(MemoryLayout<FeatureVector>.size == 256)
    }
}
