import Glibc
import Synchronization

/// Holds background work on disks and wires down to an even rate, so that what serves clients does not wait behind it.
/// Threads that share one share its rate.
package final class Pace: Sendable {
    /// Nil: as fast as it goes.
    private let nanosecondsPerByte: Double?
    /// When all that was spent so far is paid for.
    private let paid = Mutex(ContinuousClock.now)

    package static let unlimited = Pace(nanosecondsPerByte: nil)

    /// - Parameter bytesPerSecond: above zero.
    package convenience init(bytesPerSecond: Int) {
        precondition(bytesPerSecond > 0, "a pace of zero never gets anywhere")
        self.init(nanosecondsPerByte: 1e9 / Double(bytesPerSecond))
    }

    private init(nanosecondsPerByte: Double?) { self.nanosecondsPerByte = nanosecondsPerByte }

    /// Call it with each piece of work that was done: sleeps until those before it are paid for. So one piece alone costs
    /// no time, and time in which nothing was done is not saved up. Pieces should be small: they are what goes at once.
    package func spend(_ bytes: Int) {
        guard let nanosecondsPerByte else { return }
        let cost = Duration.nanoseconds(Int64(Double(bytes) * nanosecondsPerByte))
        let wait = paid.withLock { paid in
            let now = ContinuousClock.now
            let wait = paid - now
            paid = max(paid, now) + cost
            return wait
        }
        if wait > .zero { Self.sleep(wait) }
    }

    private static func sleep(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var request = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var rest = timespec()
        while nanosleep(&request, &rest) != 0, errno == EINTR { request = rest }
    }
}
