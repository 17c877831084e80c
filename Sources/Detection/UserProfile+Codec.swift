public import Bytes

extension UserProfile {
    /// Fixed numbers first, then the three lists with their counts. Equal profiles give equal bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.write(count)
        writer.write(lastOccurredAtMicroseconds)
        writer.write(lastCountryAtMicroseconds)
        writer.write(lastCurrency?.rawValue ?? 0)
        writer.write(lastCountry.rawValue)
        writer.write(UInt8(means.count))
        writer.write(UInt8(recent.count))
        writer.write(UInt8(merchants.count))
        for mean in means {
            writer.write(mean.currency.rawValue)
            writer.write(mean.count)
            writer.write(mean.meanMinor)
        }
        for payment in recent {
            writer.write(payment.occurredAtMicroseconds)
            writer.write(payment.amountMinor)
            writer.write(payment.merchantKey)
            writer.write(payment.currency.rawValue)
        }
        for merchant in merchants { writer.write(merchant) }
    }

    /// Bytes of an empty profile.
    static let minimumByteCount = 33

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        self.init()
        count = try reader.read()
        lastOccurredAtMicroseconds = try reader.read()
        lastCountryAtMicroseconds = try reader.read()
        let currency = try reader.read(UInt32.self)
        lastCurrency = currency == 0 ? nil : CurrencyTag(rawValue: currency)
        lastCountry = CountryTag(rawValue: try reader.read())
        let meanCount = try Self.readCount(&reader, limit: Self.maximumCurrencies)
        let recentCount = try Self.readCount(&reader, limit: Self.maximumRecent)
        let merchantCount = try Self.readCount(&reader, limit: Self.maximumMerchants)
        means.reserveCapacity(meanCount)
        for _ in 0..<meanCount {
            let tag = CurrencyTag(rawValue: try reader.read())
            let count = try reader.read(Int64.self)
            means.append(CurrencyMean(currency: tag, count: count, meanMinor: try reader.readDouble()))
        }
        recent.reserveCapacity(recentCount)
        for _ in 0..<recentCount {
            let start = reader.offset
            let time = try reader.read(Int64.self)
            let amount = try reader.read(Int64.self)
            guard PaymentEvent.occurredAtRange ~= time, 0...PaymentEvent.maximumAmountMinor ~= amount else {
                throw MalformedBytes(offset: start, reason: "a payment outside its range")
            }
            let merchant = try reader.read(UInt64.self)
            recent.append(
                RecentPayment(
                    occurredAtMicroseconds: time, amountMinor: amount, merchantKey: merchant,
                    currency: CurrencyTag(rawValue: try reader.read())))
        }
        merchants.reserveCapacity(merchantCount)
        for _ in 0..<merchantCount { merchants.append(try reader.read()) }
    }

    private static func readCount(_ reader: inout ByteReader, limit: Int) throws(MalformedBytes) -> Int {
        let count = Int(try reader.read(UInt8.self))
        guard count <= limit else {
            throw MalformedBytes(offset: reader.offset - 1, reason: "a list of \(count), at most \(limit) allowed")
        }
        return count
    }
}
