/// A time taken apart for the windows: all in UTC.
struct Moment {
    let microseconds: Int64
    /// Since 1970.
    let day: Int32
    /// Since 1970.
    let hour: Int32
    /// The part of the day that has passed, 0 ..< 1.
    let dayFraction: Float
    /// The part of the hour that has passed, 0 ..< 1.
    let hourFraction: Float

    init(_ microseconds: Int64) {
        self.microseconds = microseconds
        let (day, rest) = microseconds.quotientAndRemainder(dividingBy: Limits.dayMicroseconds)
        let (hour, hourRest) = rest.quotientAndRemainder(dividingBy: Limits.hourMicroseconds)
        self.day = Int32(day)
        self.hour = Int32(day) * 24 + Int32(hour)
        dayFraction = Float(rest) / Float(Limits.dayMicroseconds)
        hourFraction = Float(hourRest) / Float(Limits.hourMicroseconds)
    }

    var hourOfDay: Int { Int(hour) - Int(day) * 24 }

    /// 0...6, Monday to Sunday. 1970-01-01 was a Thursday.
    var weekday: Int { (Int(day) + 3) % 7 }

    /// Days from `earlier` to here; negative if it is later.
    func days(since earlier: Int64) -> Float { Float(microseconds - earlier) / Float(Limits.dayMicroseconds) }
    func hours(since earlier: Int64) -> Float { Float(microseconds - earlier) / Float(Limits.hourMicroseconds) }
}
