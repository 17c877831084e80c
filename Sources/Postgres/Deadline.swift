import Glibc

/// A point on the monotonic clock, for poll(2).
struct Deadline {
    /// Nil never comes.
    private let nanoseconds: UInt64?

    /// So many milliseconds from now; zero for never.
    init(milliseconds: Int) {
        nanoseconds = milliseconds == 0 ? nil : monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    }

    /// As poll(2) wants it: -1 for ever, 0 past.
    var remainingMilliseconds: Int32 {
        guard let nanoseconds else { return -1 }
        let now = monotonicNanoseconds()
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
    }
}

func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
