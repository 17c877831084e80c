import Bytes
import Detection
import Ledger
import Security
import Testing

@Suite struct TransactionTests {
    let ledger = TestLedger()

    @Test func aPlainTransactionIsValid() {
        #expect(ledger.transaction().validate().isEmpty)
    }

    @Test func everyWrongFieldIsReported() {
        var transaction = ledger.transaction(
            user: "", merchant: String(repeating: "é", count: 129), location: "a\u{7}b")
        transaction.occurredAtMicroseconds = -1
        transaction.merchantID = String(repeating: "m", count: 129)
        transaction.deviceID = "d\u{0}"
        transaction.ip = "300.1.1.1"
        transaction.channel = "fax"
        #expect(
            transaction.validate().map(\.description) == [
                "user_id must not be empty", "merchant must be at most 256 bytes of UTF-8, has 258",
                "location must not contain control characters", "occurred_at must be from the years 1970 to 9999",
                "merchant_id must be at most 128 bytes of UTF-8, has 129",
                "device_id must not contain control characters",
                "ip must be an IPv4 or IPv6 address",
                "channel must be one of card_present, online, mobile, atm, transfer, other",
            ])
    }

    @Test func fieldsAtTheirLimitsAreValid() {
        var transaction = ledger.transaction(
            user: String(repeating: "u", count: 128), merchant: String(repeating: "é", count: 128),
            location: String(repeating: "l", count: 256), time: PaymentEvent.occurredAtRange.upperBound)
        transaction.merchantID = String(repeating: "m", count: 128)
        transaction.deviceID = String(repeating: "d", count: 128)
        #expect(transaction.validate().isEmpty)
    }

    @Test(arguments: ["1.2.3.4", "::1", "2001:db8::ff00:42:8329", "::ffff:192.0.2.128", "255.255.255.255"])
    func anAddressIsValid(text: String) {
        var transaction = ledger.transaction()
        transaction.ip = text
        #expect(transaction.validate().isEmpty)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4x", "host", "1.2.3.4\u{0}", "fe80::1%eth0", ":::", "1.2.3.4/8",
    ])
    func otherTextIsNoAddress(text: String) {
        var transaction = ledger.transaction()
        transaction.ip = text
        #expect(transaction.validate().map(\.field) == ["ip"])
    }

    @Test(arguments: [
        ("Berlin, DE", "DE"), ("DE", "DE"), ("Paris,FR", "FR"), ("1 High St, London, GB ", "GB"),
        ("Berlin, de", "unknown"),
        ("Berlin", "unknown"), ("Berlin, XX", "unknown"), ("Berlin, DEU", "unknown"), ("", "unknown"), (",", "unknown"),
        ("DE, Berlin", "unknown"), ("a,  US", "US"), ("Springfield, ZZ", "unknown"),
    ])
    func theCountryEndsTheLocation(location: String, country: String) {
        #expect(Country.ofLocation(location).description == country)
    }

    @Test func allAssignedCountriesAreKnown() {
        let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { Character(Unicode.Scalar($0)) }
        let count = letters.flatMap { first in letters.map { CountryTag("\(first)\($0)")! } }.count {
            Country.isAssigned($0)
        }
        #expect(count == 249)
    }
}

@Suite struct TransactionBodyTests {
    let ledger = TestLedger()

    private func full() -> Transaction {
        var transaction = ledger.transaction(user: "alice", amount: "0.07", currency: "USD", location: "Köln, DE")
        transaction.merchantID = "m-1"
        transaction.deviceID = "d-1"
        transaction.ip = "::1"
        transaction.channel = "card_present"
        return transaction
    }

    @Test func aBodyReadsBack() throws {
        for transaction in [ledger.transaction(), full()] {
            let bytes = TransactionBody.encode(transaction, ledger.blindIndex)
            #expect(try decode(bytes) == transaction)
        }
        for channel in PaymentChannel.allCases {
            var transaction = ledger.transaction()
            transaction.channel = channel.name
            #expect(try decode(TransactionBody.encode(transaction, ledger.blindIndex)) == transaction)
            #expect(PaymentChannel(name: channel.name) == channel)
        }
    }

    @Test func theEventIsReadFromTheFront() throws {
        let index = ledger.blindIndex
        let bytes = TransactionBody.encode(full(), index)
        let event = try bytes.prefix(50).withUnsafeBytes { try TransactionBody.decodeEvent($0) }
        #expect(
            event
                == PaymentEvent(
                    userKey: index.index("alice", in: .user), merchantKey: index.index("im-1", in: .merchant),
                    deviceKey: index.index("d-1", in: .device), amountMinor: 7, currency: CurrencyTag("USD")!,
                    minorUnitExponent: 2, country: CountryTag("DE")!, occurredAtMicroseconds: newYear))
        let plain = TransactionBody.encode(ledger.transaction(merchant: "m-1"), index)
        let other = try plain.withUnsafeBytes { try TransactionBody.decodeEvent($0) }
        #expect(other.deviceKey == 0)
        #expect(other.merchantKey != event.merchantKey, "a name is not an id")
    }

    @Test func equalContentHasEqualBytesAndFingerprints() {
        let other = TestLedger()
        let bytes = TransactionBody.encode(full(), ledger.blindIndex)
        #expect(bytes == TransactionBody.encode(full(), other.blindIndex))
        #expect(Fingerprint.ofBody(bytes, ledger.blindIndex) == Fingerprint.ofBody(bytes, other.blindIndex))
        var changed = full()
        changed.occurredAtMicroseconds += 1
        let changedBytes = TransactionBody.encode(changed, ledger.blindIndex)
        #expect(Fingerprint.ofBody(bytes, ledger.blindIndex) != Fingerprint.ofBody(changedBytes, ledger.blindIndex))
    }

    @Test func damagedOrRandomBytesNeverCrash() {
        let bytes = TransactionBody.encode(full(), ledger.blindIndex)
        for count in 0..<bytes.count { #expect(throws: MalformedBytes.self) { try decode(Array(bytes.prefix(count))) } }
        #expect(throws: MalformedBytes.self) { try decode(bytes + [0]) }
        var random = SeededRandom(11)
        for _ in 0..<5000 {
            var damaged = random.below(2) == 0 ? random.bytes(random.below(150)) : bytes
            for _ in 0..<random.below(4) where !damaged.isEmpty {
                damaged[random.below(damaged.count)] = UInt8(random.below(256))
            }
            if random.below(2) == 0, !damaged.isEmpty { damaged[0] = 1 }
            if let transaction = try? decode(damaged) { #expect(transaction.validate().isEmpty) }
            _ = try? damaged.withUnsafeBytes { try TransactionBody.decodeEvent($0) }
        }
    }

    @Test func anIdempotencyKeyBelongsToItsSubject() {
        let index = ledger.blindIndex
        let key = IdempotencyKey(subject: "ab", key: "c", index)
        #expect(key == IdempotencyKey(subject: "ab", key: "c", index))
        #expect(key != IdempotencyKey(subject: "a", key: "bc", index))
        #expect(key != IdempotencyKey(subject: "ab", key: "d", index))
    }

    private func decode(_ bytes: [UInt8]) throws -> Transaction {
        try bytes.withUnsafeBytes { try TransactionBody.decode($0) }
    }
}
