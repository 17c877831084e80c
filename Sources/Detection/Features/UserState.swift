/// What a `UserProfile` holds, all of fixed size.
struct UserState: Sendable {
    struct Recent: BitwiseCopyable, Sendable {
        var at: Int64
        var euros: Float
        /// 28 bits of the merchant's key, then the flags.
        var merchantAndFlags: UInt32

        static let isHigh: UInt32 = 1
        static let isNewMerchant: UInt32 = 2

        var merchant: UInt32 { merchantAndFlags >> 4 }
    }

    struct Country: BitwiseCopyable, Sendable {
        var tag: UInt16
        /// The latest payment there.
        var at: Int64
    }

    struct Device: BitwiseCopyable, Sendable {
        var key: UInt64
        var firstAt: Int64
    }

    struct Currency: BitwiseCopyable, Sendable {
        var tag: UInt32
        var exponent: UInt8
    }

    var count: Int64 = 0
    var firstAt: Int64 = 0
    var lastAt: Int64 = 0
    /// Robust: see `UserState.fold`.
    var meanEuros = 0.0
    var meanLog = 0.0
    var deviationLog = 0.0
    var largestEuros = 0.0
    /// Mean of log2(1 + seconds) between neighbours in time.
    var meanGapLog = 0.0
    var gapCount: Int64 = 0
    var channels: UInt8 = 0
    /// Payments by three hours of the day; halved when one is full.
    var hours = InlineArray<8, UInt16>(repeating: 0)
    /// By time, oldest first; those with the latest times are kept.
    var recent = BoundedList<32, Recent>(filler: Recent(at: 0, euros: 0, merchantAndFlags: 0))
    /// The one paid last stands last; likewise below.
    var merchants = BoundedList<32, UInt32>(filler: 0)
    var countries = BoundedList<6, Country>(filler: Country(tag: 0, at: 0))
    var devices = BoundedList<8, Device>(filler: Device(key: 0, firstAt: 0))
    var currencies = BoundedList<4, Currency>(filler: Currency(tag: 0, exponent: 0))
    /// Times of payments known to be fraud, oldest first.
    var frauds = BoundedList<8, Int64>(filler: 0)
    var days = UserDays()
    var sequence = TokenSequence()

    static func merchantMark(_ key: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: key ^ key >> 29) & 0xFFF_FFFF }

    func hasPaid(_ mark: UInt32) -> Bool { merchants.firstIndex { $0 == mark } != nil }

    /// The amount as a multiple of the robust mean; nil before the first payment.
    func ratio(euros: Double) -> Double? {
        guard count > 0 else { return nil }
        return min(euros / max(meanEuros, 0.01), 1e9)
    }

    func isHigh(euros: Double) -> Bool {
        guard count >= UserProfile.highMinimumHistory, let ratio = ratio(euros: euros) else { return false }
        return ratio >= UserProfile.highRatio
    }

    /// The number of remembered payments whose time is not after `at`, so the place of a new one.
    func place(of at: Int64) -> Int {
        // Payments mostly come in order: look from the end. Equal times stay in log order.
        var position = recent.count
        while position > 0, recent[position - 1].at > at { position -= 1 }
        return position
    }
}

/// Counts, sums and high payments by day; the last 32 days up to the latest seen.
struct UserDays: Sendable {
    var latest: Int32 = 0
    var counts = InlineArray<32, UInt16>(repeating: 0)
    var highs = InlineArray<32, UInt8>(repeating: 0)
    var sums = InlineArray<32, Float>(repeating: 0)

    /// Sums over a sliding window: whole days up to its last, and a part of the day it begins in.
    struct Window {
        var count: Float = 0
        var sum: Float = 0
        var high: Float = 0
    }

    mutating func add(day: Int32, euros: Float, isHigh: Bool) {
        guard advance(to: day) else { return }
        let slot = Int(day & 31)
        if counts[slot] < .max { counts[slot] += 1 }
        if isHigh, highs[slot] < .max { highs[slot] += 1 }
        sums[slot] += euros
    }

    /// Whether the day is among those held.
    private mutating func advance(to day: Int32) -> Bool {
        guard day > latest else { return day > latest - 32 }
        let first = max(latest + 1, day - 31)
        for fresh in first...day {
            let slot = Int(fresh & 31)
            counts[slot] = 0
            highs[slot] = 0
            sums[slot] = 0
        }
        latest = day
        return true
    }

    /// Windows of 1, 3, 7, 14 and 30 days that end at `moment`, and the first of the last 14 days with a high payment.
    func windows(at moment: Moment) -> (InlineArray<5, Window>, firstHigh: Int32?) {
        var windows = InlineArray<5, Window>(repeating: Window())
        var firstHigh: Int32?
        let newest = max(moment.day - latest, 0)
        let oldest = min(moment.day - latest + 31, 30)
        guard newest <= oldest else { return (windows, nil) }
        var total = Window()
        var window = 0
        for back in newest...30 {
            while window < 5, back > Self.lengths[window] {
                windows[window] = total
                window += 1
            }
            guard back <= oldest else { break }
            let slot = Int((moment.day - back) & 31)
            let day = Window(count: Float(counts[slot]), sum: sums[slot], high: Float(highs[slot]))
            if window < 5, back == Self.lengths[window] {
                let part = 1 - moment.dayFraction
                windows[window] = Window(
                    count: total.count + part * day.count, sum: total.sum + part * day.sum,
                    high: total.high + part * day.high)
                window += 1
            }
            total.count += day.count
            total.sum += day.sum
            total.high += day.high
            if back <= 14, day.high > 0 { firstHigh = moment.day - back }
        }
        while window < 5 {
            windows[window] = total
            window += 1
        }
        return (windows, firstHigh)
    }

    @inline(__always)
    private static var lengths: InlineArray<5, Int32> { [1, 3, 7, 14, 30] }
}
