/// Numbers in the words of a reason.
enum Words {
    /// "12.3 times", or "1,234 times" from a hundred up.
    static func times(_ ratio: Double) -> String {
        // A ratio of two amounts is at most 10^15 over a mean of at least 10^-15 or so: clamp before it leaves an Int64.
        guard ratio < 100 else {
            return "\(MinorUnits.text(Int64(min(ratio, 1e15).rounded()), exponent: 0, grouped: true)) times"
        }
        let tenths = Int64((ratio * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) times"
    }

    /// "3", "-2.5", or "12,345" from a hundred up: at most one decimal, none that is zero.
    static func decimal(_ value: Double) -> String {
        let magnitude = min(value.magnitude, 1e15)
        let sign = value < 0 ? "-" : ""
        guard magnitude < 99.95 else {
            return sign + MinorUnits.text(Int64(magnitude.rounded()), exponent: 0, grouped: true)
        }
        let tenths = Int64((magnitude * 10).rounded())
        guard tenths != 0 else { return "0" }
        return tenths.isMultiple(of: 10) ? "\(sign)\(tenths / 10)" : "\(sign)\(tenths / 10).\(tenths % 10)"
    }

    /// "45 seconds", "10 minutes", "2 hours", "3 days": the largest unit that leaves no rest, or else minutes or hours
    /// and what is left.
    static func duration(_ seconds: Int64) -> String {
        if seconds < 60 { return plural(seconds, "second") }
        if seconds < 3600 { return pair(seconds, 60, "minute", 1, "second") }
        if seconds < 86_400 { return pair(seconds, 3600, "hour", 60, "minute") }
        return pair(seconds, 86_400, "day", 3600, "hour")
    }

    private static func pair(_ seconds: Int64, _ large: Int64, _ name: String, _ small: Int64, _ smallName: String)
        -> String
    {
        let rest = seconds % large / small
        return rest == 0 ? plural(seconds / large, name) : "\(plural(seconds / large, name)) \(plural(rest, smallName))"
    }

    private static func plural(_ count: Int64, _ name: String) -> String { "\(count) \(name)\(count == 1 ? "" : "s")" }
}
