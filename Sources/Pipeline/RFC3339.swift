/// Times as the API writes them (RFC 3339 §5.6), to and from microseconds since 1970 UTC. Proleptic Gregorian calendar.
public enum RFC3339 {
    /// 9999-12-31T23:59:59.999999Z, the last time that four digits of year can write.
    public static let maxMicroseconds: Int64 = 253_402_300_799_999_999

    /// Reads a time with an offset: `2026-11-22T13:45:00.123456+01:00`. The letters may be small; one to nine digits of
    /// a second are taken, of which those below a microsecond are dropped; a leap second is refused, since the scale
    /// has no place for it. Nil too for what lies before 1970 or after 9999 in UTC.
    public static func microseconds(from text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 20, text.count <= 35, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] | 0x20 == UInt8(ascii: "t"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let year = number(text, 0, 4), let month = number(text, 5, 2), let day = number(text, 8, 2),
            let hour = number(text, 11, 2), let minute = number(text, 14, 2), let second = number(text, 17, 2),
            year >= 1, (1...12).contains(month), day >= 1, day <= daysInMonth(month, year: year),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if text[position] == UInt8(ascii: ".") {
            position += 1
            let first = position
            var unit: Int64 = 100_000
            while position < text.count, isDigit(text[position]) {
                fraction += Int64(text[position] & 15) * unit
                unit /= 10
                position += 1
            }
            guard position > first, position - first <= 9 else { return nil }
        }
        guard let offsetMinutes = offset(text, at: position) else { return nil }
        let seconds =
            Int64(daysSince1970(year: year, month: month, day: day)) * 86_400
            + Int64(hour * 3600 + (minute - offsetMinutes) * 60 + second)
        let microseconds = seconds * 1_000_000 + fraction
        return (0...maxMicroseconds).contains(microseconds) ? microseconds : nil
    }

    /// As `microseconds(from:)`.
    public static func microseconds(from text: some StringProtocol) -> Int64? {
        var copy = String(text)
        return copy.withUTF8 { microseconds(from: UnsafeRawBufferPointer($0)) }
    }

    /// Appends the time in UTC, with microseconds where there are any: `2026-11-22T12:45:00.123456Z`.
    public static func append(_ microseconds: Int64, to bytes: inout [UInt8]) {
        precondition((0...maxMicroseconds).contains(microseconds), "a time outside 1970 to 9999 cannot be written")
        let seconds = Int(microseconds / 1_000_000)
        let fraction = Int(microseconds % 1_000_000)
        let (year, month, day) = civil(daysSince1970: seconds / 86_400)
        let ofDay = seconds % 86_400
        appendDigits(year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(day, 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendDigits(ofDay / 3600, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(ofDay / 60 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(ofDay % 60, 2, to: &bytes)
        if fraction > 0 {
            bytes.append(UInt8(ascii: "."))
            appendDigits(fraction, 6, to: &bytes)
        }
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for position in start..<start + count {
            guard isDigit(text[position]) else { return nil }
            value = value * 10 + Int(text[position] & 15)
        }
        return value
    }

    /// Minutes east of UTC; nil unless exactly an offset stands from `position` to the end.
    private static func offset(_ text: UnsafeRawBufferPointer, at position: Int) -> Int? {
        guard position < text.count else { return nil }
        if text[position] | 0x20 == UInt8(ascii: "z") { return position + 1 == text.count ? 0 : nil }
        guard text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-"), position + 6 == text.count,
            text[position + 3] == UInt8(ascii: ":"), let hours = number(text, position + 1, 2), hours < 24,
            let minutes = number(text, position + 4, 2), minutes < 60
        else { return nil }
        return (text[position] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func daysInMonth(_ month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Years are counted from March here, so that the leap day is a year's last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    }

    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let sinceEra = days + 719_468
        let era = sinceEra / 146_097
        let dayOfEra = sinceEra % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func appendDigits(_ value: Int, _ count: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(0x30 + value / divisor % 10))
            divisor /= 10
        }
    }
}
