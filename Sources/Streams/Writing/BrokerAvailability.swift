/// Whether the brokers acknowledge anything, judged by what was given to them. No I/O, no clock.
///
/// They count as away when nothing was acknowledged for a while although something waits, or when what was given to them
/// failed for that. Then requests are refused at once, but for one now and then that finds out whether they are back.
package struct BrokerAvailability {
    private let patienceMilliseconds: Int64
    private var waiting = 0
    /// Of the last acknowledgement, or of the first request after none waited.
    private var progressMilliseconds: Int64 = 0
    private var hasFailed = false
    private var nextProbeMilliseconds: Int64 = 0

    private static let probeMilliseconds: Int64 = 1_000

    package init(patienceMilliseconds: Int) { self.patienceMilliseconds = Int64(patienceMilliseconds) }

    package func isAvailable(_ now: Int64) -> Bool {
        !hasFailed && (waiting == 0 || now - progressMilliseconds < patienceMilliseconds)
    }

    /// Whether a request may be given to them; if so it counts as waiting.
    package mutating func admit(_ now: Int64) -> Bool {
        guard isAvailable(now) || isProbeDue(now) else { return false }
        nextProbeMilliseconds = now + Self.probeMilliseconds
        if waiting == 0 { progressMilliseconds = now }
        waiting += 1
        return true
    }

    package mutating func acknowledged(_ now: Int64) {
        waiting -= 1
        progressMilliseconds = now
        hasFailed = false
    }

    /// `isTemporary`: not for a fault of the request.
    package mutating func failed(isTemporary: Bool) {
        waiting -= 1
        if isTemporary { hasFailed = true }
    }

    /// It never got as far as the brokers.
    package mutating func withdrawn() { waiting -= 1 }

    private func isProbeDue(_ now: Int64) -> Bool { waiting == 0 && now >= nextProbeMilliseconds }
}
