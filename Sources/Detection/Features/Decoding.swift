import Bytes

extension ByteReader {
    mutating func readCount(atMost limit: Int) throws(MalformedBytes) -> Int {
        let count = Int(try read(UInt8.self))
        guard count <= limit else {
            throw MalformedBytes(offset: offset - 1, reason: "a list of \(count), at most \(limit) allowed")
        }
        return count
    }

    mutating func readTime() throws(MalformedBytes) -> Int64 {
        let time = try read(Int64.self)
        guard PaymentEvent.occurredAtRange ~= time else {
            throw MalformedBytes(offset: offset - 8, reason: "a time outside its range")
        }
        return time
    }

    mutating func readPayments() throws(MalformedBytes) -> Int64 {
        let count = try read(Int64.self)
        guard Limits.count ~= count else {
            throw MalformedBytes(offset: offset - 8, reason: "\(count) payments")
        }
        return count
    }

    mutating func readDay() throws(MalformedBytes) -> Int32 {
        let day = try read(Int32.self)
        guard Limits.day ~= day else { throw MalformedBytes(offset: offset - 4, reason: "a day outside its range") }
        return day
    }

    /// A finite number within ±10^18: more than any sum here comes to, and no sum of two overflows.
    mutating func readNumber(notBelow least: Double = -1e18) throws(MalformedBytes) -> Double {
        let number = try readDouble()
        guard number >= least, number <= 1e18 else {
            throw MalformedBytes(offset: offset - 8, reason: "a number outside its range")
        }
        return number
    }

    mutating func readAmount() throws(MalformedBytes) -> Float {
        let number = try readFloat()
        guard number >= 0, number <= 1e20 else {
            throw MalformedBytes(offset: offset - 4, reason: "an amount outside its range")
        }
        return number
    }
}
