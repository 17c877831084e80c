package import FoundationEssentials

/// The header in which a receiver says when to come again (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// Seconds, or a date in the form that servers must send (`Sun, 06 Nov 1994 08:49:37 GMT`); nil for anything else. Never
    /// negative, and at most a day.
    package static func parse(_ text: String, now: Date) -> Duration? {
        let text = text.trimmingSpaces
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            return .seconds(min(Int(text) ?? limit, limit))
        }
        guard let date = date(text) else { return nil }
        return .seconds(min(limit, max(0, Int((date.timeIntervalSince(now)).rounded(.up)))))
    }

    private static let limit = 86_400
    private static let months = [
        "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11,
        "Dec": 12,
    ]

    private static func date(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let month = months[String(words[2])],
            let year = Int(words[3]), (1_970...9_999).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, (1...31).contains(day), (0...23).contains(time[0]), (0...59).contains(time[1]),
            (0...60).contains(time[2])
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        return calendar.date(
            from: DateComponents(year: year, month: month, day: day, hour: time[0], minute: time[1], second: time[2]))
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
