/// The fields of one line of CSV, without copies. Quotes are not understood: a line that has one is refused by whoever
/// reads the field as something else than text.
struct CSVRow {
    private(set) var fields: [UnsafeRawBufferPointer] = []

    mutating func split(_ line: UnsafeRawBufferPointer) {
        fields.removeAll(keepingCapacity: true)
        var start = 0
        for index in 0...line.count where index == line.count || line[index] == UInt8(ascii: ",") {
            fields.append(UnsafeRawBufferPointer(rebasing: line[start..<index]))
            start = index + 1
        }
    }

    static func text(_ field: UnsafeRawBufferPointer) -> String { String(decoding: field, as: UTF8.self) }

    /// A decimal number without sign or exponent in units of 10^-`decimals`; nil if it is none, has more decimals than
    /// that (zeros aside), or is 10^15 units or more.
    static func decimal(_ field: UnsafeRawBufferPointer, decimals: Int) -> Int64? {
        var value: Int64 = 0
        var digits = 0
        var places: Int?
        for byte in field {
            if byte == UInt8(ascii: "."), places == nil, digits > 0 {
                places = 0
                continue
            }
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            digits += 1
            if let soFar = places {
                guard soFar < decimals else {
                    if byte == UInt8(ascii: "0") { continue }
                    return nil
                }
                places = soFar + 1
            }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            guard value < 1_000_000_000_000_000 else { return nil }
        }
        guard digits > 0 else { return nil }
        for _ in (places ?? 0)..<decimals {
            value *= 10
            guard value < 1_000_000_000_000_000 else { return nil }
        }
        return value
    }

    /// Microseconds since 1970 of a time like 2018-04-01T00:00:31Z, with a space for the T, a fraction of up to six digits,
    /// or no Z, which means UTC all the same.
    static func microseconds(_ field: UnsafeRawBufferPointer) -> Int64? {
        func number(_ start: Int, _ count: Int) -> Int? {
            var value = 0
            for index in start..<start + count {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= field[index] else { return nil }
                value = value * 10 + Int(field[index] - UInt8(ascii: "0"))
            }
            return value
        }
        func has(_ character: Unicode.Scalar, at index: Int) -> Bool { field[index] == UInt8(ascii: character) }
        guard (19...27).contains(field.count), has("-", at: 4), has("-", at: 7), has(":", at: 13), has(":", at: 16),
            has("T", at: 10) || has(" ", at: 10), let year = number(0, 4), let month = number(5, 2),
            let day = number(8, 2), let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            1970...9999 ~= year, 1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second < 60
        else { return nil }
        var end = field.count
        if has("Z", at: end - 1) { end -= 1 }
        var fraction = 0
        if end > 19 {
            guard has(".", at: 19), 21...26 ~= end, let digits = number(20, end - 20) else { return nil }
            fraction = digits
            for _ in end..<26 { fraction *= 10 }
        }
        let days = CalendarDay.number(year: year, month: month, day: day)
        return Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + Int64(fraction)
    }

    /// A key for a text: FNV-1a of its bytes, mixed once more. Never zero, which means unknown.
    static func key(_ field: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in field { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return max(hash ^ (hash >> 32), 1)
    }
}
