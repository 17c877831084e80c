/// Lets a bounded number of log lines through in each window of time, and counts the others.
package struct LogLimiter {
    private let linesPerWindow: Int
    private let windowMilliseconds: UInt64
    private var windowStart: UInt64 = 0
    private var lines = 0
    private var suppressed = 0

    package init(linesPerWindow: Int, windowMilliseconds: UInt64) {
        self.linesPerWindow = linesPerWindow
        self.windowMilliseconds = windowMilliseconds
    }

    /// Nil if the line must not be written, else how many were held back since the last one.
    package mutating func admit(nowMilliseconds now: UInt64) -> Int? {
        if now &- windowStart >= windowMilliseconds {
            windowStart = now
            lines = 0
        }
        guard lines < linesPerWindow else {
            suppressed += 1
            return nil
        }
        lines += 1
        defer { suppressed = 0 }
        return suppressed
    }
}
