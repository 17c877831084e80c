/// A day of the Gregorian calendar in UTC, counted from 1970-01-01, which is zero.
public struct CalendarDay: Sendable, Hashable, Comparable, Strideable, CustomStringConvertible {
    public let number: Int

    public static let microseconds: Int64 = 86_400_000_000

    public init(number: Int) { self.number = number }

    /// The day a time falls on.
    public init(atMicroseconds time: Int64) {
        number = Int((time - (time < 0 ? Self.microseconds - 1 : 0)) / Self.microseconds)
    }

    /// Nil unless `text` is like 2018-08-08 and there is such a day, 1970...9999.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            1970...9999 ~= year, 1...12 ~= month, 1...31 ~= day
        else { return nil }
        number = Self.number(year: year, month: month, day: day)
        guard description == text else { return nil }
    }

    public var startMicroseconds: Int64 { Int64(number) * Self.microseconds }

    public func advanced(by days: Int) -> CalendarDay { CalendarDay(number: number + days) }
    public func distance(to other: CalendarDay) -> Int { other.number - number }
    public static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }

    public var description: String {
        // Howard Hinnant's civil_from_days, for days from 1970 on.
        let shifted = number + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    package static func number(year: Int, month: Int, day: Int) -> Int {
        // Counts in years that begin with March, so that a leap day is a year's last.
        let shiftedYear = month > 2 ? year : year - 1
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        return 365 * shiftedYear + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear - 719_468
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// Days from one to another, both included, written FROM..TO.
public struct DayRange: Sendable, Equatable, CustomStringConvertible {
    public let first: CalendarDay
    public let last: CalendarDay

    /// Nil if `last` lies before `first`.
    public init?(_ first: CalendarDay, _ last: CalendarDay) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    /// Nil unless `text` is like 2018-08-08..2018-08-14.
    public init?(_ text: String) {
        guard let dots = text.firstRange(of: ".."), let first = CalendarDay(text[..<dots.lowerBound]),
            let last = CalendarDay(text[dots.upperBound...])
        else { return nil }
        self.init(first, last)
    }

    public var count: Int { first.distance(to: last) + 1 }
    /// When the first day begins.
    public var startMicroseconds: Int64 { first.startMicroseconds }
    /// When the last day is over.
    public var endMicroseconds: Int64 { last.advanced(by: 1).startMicroseconds }

    public func contains(_ day: CalendarDay) -> Bool { first <= day && day <= last }
    public func contains(microseconds time: Int64) -> Bool { startMicroseconds..<endMicroseconds ~= time }
    public var description: String { "\(first)..\(last)" }
}
