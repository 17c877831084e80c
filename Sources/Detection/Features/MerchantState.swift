/// What a `MerchantProfile` holds, all of fixed size.
struct MerchantState: Sendable {
    var count: Int64 = 0
    var firstAt: Int64 = 0
    var lastAt: Int64 = 0
    /// Mean and mean absolute deviation of log2(amount in about euros).
    var meanLog = 0.0
    var deviationLog = 0.0
    /// The latest hour with a payment, and what came in it and in the one before.
    var hour: Int32 = 0
    var hourCount: UInt32 = 0
    var previousHourCount: UInt32 = 0
    var days = MerchantDays()
    /// By payment time, oldest first.
    var labelled = BoundedList<64, LabelledPayment>(filler: LabelledPayment(rawValue: 0))
}

/// A labelled payment's time, verdict, and whether its user's own behaviour explains the fraud, in one number whose
/// order is that of the times.
struct LabelledPayment: BitwiseCopyable, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(at: Int64, isFraud: Bool, isExplained: Bool) {
        rawValue = UInt64(at) << 2 | (isExplained ? 2 : 0) | (isFraud ? 1 : 0)
    }

    var at: Int64 { Int64(rawValue >> 2) }
    var isFraud: Bool { rawValue & 1 != 0 }
    var isExplained: Bool { rawValue & 2 != 0 }
}

/// Payments and labels by the day of the payment; the last 64 days up to the latest seen.
struct MerchantDays: Sendable {
    var latest: Int32 = 0
    var counts = InlineArray<64, UInt32>(repeating: 0)
    var highs = InlineArray<64, UInt16>(repeating: 0)
    var frauds = InlineArray<64, UInt16>(repeating: 0)

    mutating func add(day: Int32, isHigh: Bool) {
        guard advance(to: day) else { return }
        let slot = Int(day & 63)
        if counts[slot] < .max { counts[slot] += 1 }
        if isHigh, highs[slot] < .max { highs[slot] += 1 }
    }

    mutating func addFraud(day: Int32) {
        guard advance(to: day) else { return }
        let slot = Int(day & 63)
        if frauds[slot] < .max { frauds[slot] += 1 }
    }

    mutating func removeFraud(day: Int32) {
        guard holds(day) else { return }
        let slot = Int(day & 63)
        if frauds[slot] > 0 { frauds[slot] -= 1 }
    }

    func holds(_ day: Int32) -> Bool { day <= latest && day > latest - 64 }

    private mutating func advance(to day: Int32) -> Bool {
        guard day > latest else { return day > latest - 64 }
        for fresh in max(latest + 1, day - 63)...day {
            let slot = Int(fresh & 63)
            counts[slot] = 0
            highs[slot] = 0
            frauds[slot] = 0
        }
        latest = day
        return true
    }

    struct Total {
        var count: Float = 0
        var high: Float = 0
        var fraud: Float = 0

        static func + (one: Self, other: Self) -> Self {
            Total(count: one.count + other.count, high: one.high + other.high, fraud: one.fraud + other.fraud)
        }
    }

    /// Payments in 1, 7 and 30 days that end at `moment`, as `UserDays.windows` has them.
    func windows(at moment: Moment) -> InlineArray<3, Total> {
        let day = moment.day
        let part = 1 - moment.dayFraction
        let today = total(day, day)
        let second = total(day - 1, day - 1)
        let week = today + second + total(day - 6, day - 2)
        let eighth = total(day - 7, day - 7)
        let month = week + eighth + total(day - 29, day - 8)
        return [
            today + second.scaled(part), week + eighth.scaled(part),
            month + total(day - 30, day - 30).scaled(part),
        ]
    }

    /// The 1, 7, 28 and 30 days up to and with `last`.
    func labelled(until last: Int32) -> InlineArray<4, Total> {
        let one = total(last, last)
        let week = one + total(last - 6, last - 1)
        let four = week + total(last - 27, last - 7)
        return [one, week, four, four + total(last - 29, last - 28)]
    }

    /// The days from `first` to `last` as far as they are held.
    private func total(_ first: Int32, _ last: Int32) -> Total {
        var day = max(first, latest - 63)
        let end = min(last, latest)
        var count: UInt64 = 0
        var high: UInt32 = 0
        var fraud: UInt32 = 0
        while day <= end {
            let slot = Int(day & 63)
            count &+= UInt64(counts[slot])
            high &+= UInt32(highs[slot])
            fraud &+= UInt32(frauds[slot])
            day += 1
        }
        return Total(count: Float(count), high: Float(high), fraud: Float(fraud))
    }
}

extension MerchantDays.Total {
    fileprivate func scaled(_ part: Float) -> Self {
        Self(count: part * count, high: part * high, fraud: part * fraud)
    }
}
