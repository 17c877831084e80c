/// What a candidate set of rules would have done with history.
public struct BacktestReport: Sendable, Equatable {
    public struct Rule: Sendable, Equatable {
        public let id: String
        public let mode: RuleMode
        /// Payments on which it fired.
        public internal(set) var hits: UInt64
    }

    public struct Day: Sendable, Equatable {
        /// Days since 1970-01-01 UTC.
        public let day: Int64
        public internal(set) var payments: UInt64 = 0
        /// The candidate's, by `Decision.rawValue`.
        public internal(set) var decisions: [UInt64]
        /// One for each of `rules`, in their order.
        public internal(set) var hits: [UInt64] = []

        init(day: Int64) {
            self.day = day
            decisions = Array(repeating: 0, count: Decision.allCases.count)
        }

        mutating func makeRoom(for ruleCount: Int) {
            while hits.count < ruleCount { hits.append(0) }
        }
    }

    /// A payment that the candidate would have decided otherwise.
    public struct Example: Sendable, Equatable {
        public let identifier: String
        public let then: Decision
        public let now: Decision
        /// Ids of the candidate's rules that fired, shadow mode included.
        public let fired: [String]
    }

    /// Of the candidate's text; empty where there was none: the rules of each time judged.
    public let fingerprint: String
    public internal(set) var payments: UInt64 = 0
    /// Payments of days beyond `Backtest.maximumDays`; they count in everything but `days`.
    public internal(set) var paymentsOfFurtherDays: UInt64 = 0
    /// In the order of the text, or else in that of their first hits.
    public internal(set) var rules: [Rule]
    /// In the order of time.
    public internal(set) var days: [Day] = []
    /// Payments by what was decided then (row) and what the candidate decides (column), both by `Decision.rawValue`.
    public internal(set) var overlap: [[UInt64]]
    /// The first `Backtest.examplesPerChange` of each change of decision.
    public internal(set) var examples: [Example] = []

    init(fingerprint: String, rules: [Rule]) {
        self.fingerprint = fingerprint
        self.rules = rules
        let count = Decision.allCases.count
        overlap = Array(repeating: Array(repeating: 0, count: count), count: count)
    }

    /// Payments decided as they were.
    public var agreements: UInt64 { Decision.allCases.reduce(0) { $0 + overlap[Int($1.rawValue)][Int($1.rawValue)] } }
}
