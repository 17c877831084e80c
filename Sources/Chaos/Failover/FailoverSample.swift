/// What the rounds of one kind came to.
package struct FailoverSample: Sendable, Codable {
    package var kind: FailoverKind
    /// For how long no write was acknowledged, milliseconds, a round each.
    package var pauses: [Double]
    package var posts: Int
    /// Requests through live nodes that failed.
    package var failed: Int
    package var firstFailure: String?
    /// Rounds whose fault did not bite; they are not among the pauses.
    package var toothless: Int

    package init(
        kind: FailoverKind, pauses: [Double] = [], posts: Int = 0, failed: Int = 0, firstFailure: String? = nil,
        toothless: Int = 0
    ) {
        self.kind = kind
        self.pauses = pauses
        self.posts = posts
        self.failed = failed
        self.firstFailure = firstFailure
        self.toothless = toothless
    }

    /// The smallest pause that this share of the rounds does not exceed; 0 without rounds.
    package func quantile(_ share: Double) -> Double {
        let sorted = pauses.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, max(0, Int((Double(sorted.count) * share).rounded(.up)) - 1))]
    }

    package var isPass: Bool {
        !pauses.isEmpty && failed == 0 && toothless == 0 && quantile(0.99) <= kind.limitMilliseconds
    }

    package var line: String {
        func text(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        return "\(isPass ? "PASS" : "FAIL") \(kind.rawValue): \(pauses.count) rounds, p50 \(text(quantile(0.5))) ms, "
            + "p95 \(text(quantile(0.95))), p99 \(text(quantile(0.99))), max \(text(quantile(1))), "
            + "limit of p99 \(text(kind.limitMilliseconds)); \(failed) of \(posts) posts failed"
            + (toothless > 0 ? "; \(toothless) rounds did not bite" : "")
            + (firstFailure.map { "; \($0)" } ?? "")
    }

    /// The longest stretch without an acknowledgement from a moment on, milliseconds. A leader whose disk stalls, or that
    /// hands over, still serves for a while: the pause may come after the fault's first moment.
    /// - Parameter acknowledgements: microseconds, in any order.
    package static func pause(since fault: Int64, _ acknowledgements: [Int64]) -> Double {
        var last = fault
        var longest: Int64 = 0
        for time in acknowledgements.sorted() where time >= fault {
            longest = max(longest, time - last)
            last = time
        }
        return Double(longest) / 1_000
    }
}
