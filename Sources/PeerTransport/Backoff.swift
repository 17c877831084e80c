/// Waits between attempts: doubling up to a maximum, each spread at random over its upper half so that peers don't dial in step.
package struct Backoff {
    private let minimum: Int
    private let maximum: Int
    private var ceiling: Int

    /// Milliseconds; `1 <= minimum <= maximum`.
    package init(minimum: Int, maximum: Int) {
        precondition(minimum >= 1 && maximum >= minimum, "waits grow from minimum to maximum")
        self.minimum = minimum
        self.maximum = maximum
        ceiling = minimum
    }

    /// How long to wait before the next attempt, in milliseconds.
    package mutating func next(using random: inout some RandomNumberGenerator) -> Int {
        let wait = Int.random(in: max(minimum, ceiling / 2)...ceiling, using: &random)
        ceiling = min(maximum, ceiling.multipliedReportingOverflow(by: 2).overflow ? maximum : ceiling * 2)
        return wait
    }

    /// The peer was reached.
    package mutating func reset() { ceiling = minimum }
}
