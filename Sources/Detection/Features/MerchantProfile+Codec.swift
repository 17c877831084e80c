public import Bytes

extension MerchantProfile {
    /// Fixed numbers first, then the labelled payments with their count. Equal profiles give equal bytes.
    public func encode(into writer: inout ByteWriter) { state.encode(into: &writer) }

    public init(from reader: inout ByteReader) throws(MalformedBytes) { self.init(try MerchantState(from: &reader)) }

    /// Bytes of an empty profile.
    static let minimumByteCount = 53 + MerchantDays.byteCount

    var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 1280)
        encode(into: &writer)
        return writer.bytes
    }
}

extension MerchantState {
    func encode(into writer: inout ByteWriter) {
        writer.write(count)
        writer.write(firstAt)
        writer.write(lastAt)
        writer.write(meanLog)
        writer.write(deviationLog)
        writer.write(hour)
        writer.write(hourCount)
        writer.write(previousHourCount)
        days.encode(into: &writer)
        writer.write(UInt8(labelled.count))
        for position in 0..<labelled.count { writer.write(labelled[position].rawValue) }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        count = try reader.readPayments()
        firstAt = try reader.readTime()
        lastAt = try reader.readTime()
        meanLog = try reader.readNumber()
        deviationLog = try reader.readNumber(notBelow: 0)
        hour = try reader.read()
        guard 0...(Limits.day.upperBound * 24 + 23) ~= hour else {
            throw MalformedBytes(offset: reader.offset - 4, reason: "an hour outside its range")
        }
        hourCount = try reader.read()
        previousHourCount = try reader.read()
        days = try MerchantDays(from: &reader)
        for _ in 0..<(try reader.readCount(atMost: MerchantProfile.maximumLabelled)) {
            let payment = LabelledPayment(rawValue: try reader.read())
            guard PaymentEvent.occurredAtRange ~= payment.at, payment.rawValue >= labelled.last?.rawValue ?? 0 else {
                throw MalformedBytes(offset: reader.offset - 8, reason: "a labelled payment out of range or order")
            }
            labelled.appendDroppingFirst(payment)
        }
    }
}

extension MerchantDays {
    static let byteCount = 4 + 64 * 8

    func encode(into writer: inout ByteWriter) {
        writer.write(latest)
        for slot in 0..<64 {
            writer.write(counts[slot])
            writer.write(highs[slot])
            writer.write(frauds[slot])
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        self.init()
        latest = try reader.readDay()
        for slot in 0..<64 {
            counts[slot] = try reader.read()
            highs[slot] = try reader.read()
            frauds[slot] = try reader.read()
        }
    }
}
