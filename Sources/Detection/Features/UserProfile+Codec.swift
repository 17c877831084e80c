public import Bytes

extension UserProfile {
    /// Fixed numbers first, then the lists with their counts. Equal profiles give equal bytes.
    public func encode(into writer: inout ByteWriter) { state.encode(into: &writer) }

    public init(from reader: inout ByteReader) throws(MalformedBytes) { self.init(try UserState(from: &reader)) }

    /// Bytes of an empty profile.
    static let minimumByteCount = 93 + UserDays.byteCount + TokenSequence.minimumByteCount

    var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 2048)
        encode(into: &writer)
        return writer.bytes
    }
}

extension UserState {
    func encode(into writer: inout ByteWriter) {
        writer.write(count)
        writer.write(firstAt)
        writer.write(lastAt)
        writer.write(meanEuros)
        writer.write(meanLog)
        writer.write(deviationLog)
        writer.write(largestEuros)
        writer.write(meanGapLog)
        writer.write(UInt8(gapCount))
        writer.write(channels)
        for slot in 0..<8 { writer.write(hours[slot]) }
        encodeLists(into: &writer)
        days.encode(into: &writer)
        sequence.encode(into: &writer)
    }

    private func encodeLists(into writer: inout ByteWriter) {
        writer.write(UInt8(recent.count))
        for position in 0..<recent.count {
            writer.write(recent[position].at)
            writer.write(recent[position].euros)
            writer.write(recent[position].merchantAndFlags)
        }
        writer.write(UInt8(merchants.count))
        for position in 0..<merchants.count { writer.write(merchants[position]) }
        writer.write(UInt8(countries.count))
        for position in 0..<countries.count {
            writer.write(countries[position].tag)
            writer.write(countries[position].at)
        }
        writer.write(UInt8(devices.count))
        for position in 0..<devices.count {
            writer.write(devices[position].key)
            writer.write(devices[position].firstAt)
        }
        writer.write(UInt8(currencies.count))
        for position in 0..<currencies.count {
            writer.write(currencies[position].tag)
            writer.write(currencies[position].exponent)
        }
        writer.write(UInt8(frauds.count))
        for position in 0..<frauds.count { writer.write(frauds[position]) }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        count = try reader.readPayments()
        firstAt = try reader.readTime()
        lastAt = try reader.readTime()
        meanEuros = try reader.readNumber(notBelow: 0)
        meanLog = try reader.readNumber()
        deviationLog = try reader.readNumber(notBelow: 0)
        largestEuros = try reader.readNumber(notBelow: 0)
        meanGapLog = try reader.readNumber(notBelow: 0)
        gapCount = Int64(try reader.read(UInt8.self))
        channels = try reader.read()
        for slot in 0..<8 {
            hours[slot] = try reader.read()
            guard hours[slot] < 256 else {
                throw MalformedBytes(offset: reader.offset - 2, reason: "an hour's count is out of range")
            }
        }
        try readLists(from: &reader)
        days = try UserDays(from: &reader)
        sequence = try TokenSequence(from: &reader)
    }

    private mutating func readLists(from reader: inout ByteReader) throws(MalformedBytes) {
        for _ in 0..<(try reader.readCount(atMost: UserProfile.maximumRecent)) {
            let at = try reader.readTime()
            guard at >= recent.last?.at ?? 0 else {
                throw MalformedBytes(offset: reader.offset - 8, reason: "payments out of order")
            }
            let euros = try reader.readAmount()
            recent.appendDroppingFirst(Recent(at: at, euros: euros, merchantAndFlags: try reader.read()))
        }
        for _ in 0..<(try reader.readCount(atMost: UserProfile.maximumMerchants)) {
            merchants.appendDroppingFirst(try reader.read())
        }
        for _ in 0..<(try reader.readCount(atMost: 6)) {
            let tag = try reader.read(UInt16.self)
            countries.appendDroppingFirst(Country(tag: tag, at: try reader.readTime()))
        }
        for _ in 0..<(try reader.readCount(atMost: 8)) {
            let key = try reader.read(UInt64.self)
            devices.appendDroppingFirst(Device(key: key, firstAt: try reader.readTime()))
        }
        for _ in 0..<(try reader.readCount(atMost: UserProfile.maximumCurrencies)) {
            let tag = try reader.read(UInt32.self)
            currencies.appendDroppingFirst(Currency(tag: tag, exponent: min(try reader.read(UInt8.self), 4)))
        }
        for _ in 0..<(try reader.readCount(atMost: 8)) { frauds.appendDroppingFirst(try reader.readTime()) }
    }
}

extension UserDays {
    static let byteCount = 4 + 32 * 7

    func encode(into writer: inout ByteWriter) {
        writer.write(latest)
        for slot in 0..<32 {
            writer.write(counts[slot])
            writer.write(highs[slot])
            writer.write(sums[slot])
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        self.init()
        latest = try reader.readDay()
        for slot in 0..<32 {
            counts[slot] = try reader.read()
            highs[slot] = try reader.read()
            sums[slot] = try reader.readAmount()
        }
    }
}
