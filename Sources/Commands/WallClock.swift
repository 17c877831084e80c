import Glibc

/// The clock that other processes of the machine share.
enum WallClock {
    /// Since 1970 UTC.
    static var microseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
