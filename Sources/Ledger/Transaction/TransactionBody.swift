public import Bytes
public import Detection
public import Security

/// A transaction's content in bytes: what is sealed. Numbers are little-endian, at fixed places, so that the rules can read
/// theirs without making strings:
///
///     0  version, 1
///     1  channel (`PaymentChannel`; 0 none)
///     2  minor unit exponent
///     3  which optional strings follow: 1 merchant id, 2 device id, 4 ip
///     4  currency, 4 bytes
///     8  country, 2 bytes (0 unknown)
///    10  amount in minor units, 8 bytes
///    18  time of occurrence, 8 bytes
///    26  user key, 34 merchant key, 42 device key (0 none), 8 bytes each
///    50  strings, each a 16-bit length and UTF-8: user id, merchant, location, then the optional ones
public enum TransactionBody {
    private static let version: UInt8 = 1
    private static let hasMerchantID: UInt8 = 1
    private static let hasDeviceID: UInt8 = 2
    private static let hasIP: UInt8 = 4

    /// The transaction must be valid (`validate()` is empty).
    ///
    /// The merchant key is that of the merchant id where there is one, else that of the merchant's name.
    public static func encode(_ transaction: Transaction, _ blindIndex: BlindIndex) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 192)
        writer.write(version)
        writer.write(transaction.channel.flatMap { PaymentChannel(name: $0)?.rawValue } ?? 0)
        writer.write(transaction.amount.currency.exponent)
        writer.write(
            (transaction.merchantID == nil ? 0 : hasMerchantID) | (transaction.deviceID == nil ? 0 : hasDeviceID)
                | (transaction.ip == nil ? 0 : hasIP))
        writer.write(transaction.amount.currency.tag.rawValue)
        writer.write(Country.ofLocation(transaction.location).rawValue)
        writer.write(transaction.amount.minorUnits)
        writer.write(transaction.occurredAtMicroseconds)
        writer.write(blindIndex.index(transaction.userID, in: .user))
        writer.write(merchantKey(transaction, blindIndex))
        writer.write(transaction.deviceID.map { blindIndex.index($0, in: .device) } ?? 0)
        writer.writeString(transaction.userID)
        writer.writeString(transaction.merchant)
        writer.writeString(transaction.location)
        if let merchantID = transaction.merchantID { writer.writeString(merchantID) }
        if let deviceID = transaction.deviceID { writer.writeString(deviceID) }
        if let ip = transaction.ip { writer.writeString(ip) }
        return writer.bytes
    }

    /// An encoded body, sealed for the id: it opens with no other.
    public static func seal(_ body: [UInt8], of id: TransactionID, _ sealer: Sealer) -> [UInt8] {
        body.withUnsafeBytes { plain in id.withBigEndianBytes { sealer.seal(plain, associatedData: $0) } }
    }

    /// What the rules need; reads only the fixed front.
    public static func decodeEvent(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> PaymentEvent {
        var reader = ByteReader(bytes)
        return try readFront(&reader).event
    }

    /// The whole transaction; its fields are checked again, so that what comes out is valid.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> Transaction {
        var reader = ByteReader(bytes)
        let front = try readFront(&reader)
        guard let currency = Currency(tag: front.event.currency), currency.exponent == front.event.minorUnitExponent,
            let amount = Amount(minorUnits: front.event.amountMinor, currency: currency)
        else { throw MalformedBytes(offset: 4, reason: "no known currency") }
        let userID = try reader.readString()
        let merchant = try reader.readString()
        let location = try reader.readString()
        let merchantID = front.flags & hasMerchantID == 0 ? nil : try reader.readString()
        let deviceID = front.flags & hasDeviceID == 0 ? nil : try reader.readString()
        let ip = front.flags & hasIP == 0 ? nil : try reader.readString()
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
        let transaction = Transaction(
            userID: userID, amount: amount, merchant: merchant, location: location, merchantID: merchantID,
            deviceID: deviceID, ip: ip, channel: front.channel?.name,
            occurredAtMicroseconds: front.event.occurredAtMicroseconds)
        if let wrong = transaction.validate().first { throw MalformedBytes(offset: 0, reason: "\(wrong)") }
        return transaction
    }

    private static func merchantKey(_ transaction: Transaction, _ blindIndex: BlindIndex) -> UInt64 {
        // The first letter keeps a merchant's id apart from another's name.
        if let merchantID = transaction.merchantID { return blindIndex.index("i\(merchantID)", in: .merchant) }
        return blindIndex.index("n\(transaction.merchant)", in: .merchant)
    }

    private struct Front {
        let channel: PaymentChannel?
        let flags: UInt8
        let event: PaymentEvent
    }

    private static func readFront(_ reader: inout ByteReader) throws(MalformedBytes) -> Front {
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw MalformedBytes(offset: 0, reason: "version \(version) is unknown") }
        let channelNumber = try reader.read(UInt8.self)
        let channel = PaymentChannel(rawValue: channelNumber)
        guard channel != nil || channelNumber == 0 else {
            throw MalformedBytes(offset: 1, reason: "channel \(channelNumber) is unknown")
        }
        let exponent = try reader.read(UInt8.self)
        guard exponent <= 4 else { throw MalformedBytes(offset: 2, reason: "a minor unit of \(exponent) decimals") }
        let flags = try reader.read(UInt8.self)
        guard flags <= 7 else { throw MalformedBytes(offset: 3, reason: "unknown flags") }
        let currency = CurrencyTag(rawValue: try reader.read())
        let country = CountryTag(rawValue: try reader.read())
        let amount = try reader.read(Int64.self)
        guard 0...Amount.maximumMinorUnits ~= amount else {
            throw MalformedBytes(offset: 10, reason: "an amount outside its range")
        }
        let time = try reader.read(Int64.self)
        guard PaymentEvent.occurredAtRange ~= time else {
            throw MalformedBytes(offset: 18, reason: "a time outside its range")
        }
        let userKey = try reader.read(UInt64.self)
        let merchantKey = try reader.read(UInt64.self)
        let deviceKey = try reader.read(UInt64.self)
        return Front(
            channel: channel, flags: flags,
            event: PaymentEvent(
                userKey: userKey, merchantKey: merchantKey, deviceKey: deviceKey, amountMinor: amount,
                currency: currency, minorUnitExponent: exponent, country: country, occurredAtMicroseconds: time))
    }
}
