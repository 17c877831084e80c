internal import Glibc

/// The clock that never goes back, for telling how long something has waited.
enum MonotonicClock {
    static var nowMilliseconds: UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
    }
}
