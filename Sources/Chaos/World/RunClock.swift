import Glibc

/// The clocks of the harness, which no fault touches.
package enum RunClock {
    /// Microseconds of a clock that only goes forward; the same for all processes of the machine.
    package static var monotonicMicroseconds: Int64 { read(CLOCK_MONOTONIC) }
    /// Microseconds since 1970 UTC.
    package static var wallMicroseconds: Int64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
