public import Detection
public import Pipeline

/// A backtest of rules, under way or ended.
public struct BacktestDocument: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable {
        case running, finished, cancelled, failed
    }

    public var id: String
    public var state: State
    /// Why it failed.
    public var reason: String?
    /// RFC 3339.
    public var startedAt: String
    /// Payments, those before `from` that only warm the profiles up included.
    public var processed: UInt64
    public var total: UInt64
    /// 0...1.
    public var progress: Double
    /// Up to which log index the history goes.
    public var throughIndex: UInt64
    /// What came of it so far; nil where backtests are only listed, and before it has begun.
    public var report: BacktestReportDocument?

    public init(_ status: BacktestStatus, withReport: Bool = true) {
        id = status.id
        switch status.state {
        case .running: state = .running
        case .finished: state = .finished
        case .cancelled: state = .cancelled
        case .failed(let why):
            state = .failed
            reason = why
        }
        startedAt = RFC3339.text(status.startedAtMicroseconds)
        processed = status.processed
        total = status.total
        progress = status.total == 0 ? (state == .finished ? 1 : 0) : Double(processed) / Double(status.total)
        throughIndex = status.throughIndex
        report = withReport ? status.report.map(BacktestReportDocument.init) : nil
    }

    private enum CodingKeys: String, CodingKey {
        case id, state, reason, processed, total, progress, report
        case startedAt = "started_at"
        case throughIndex = "through_index"
    }
}

/// What rules would have said of the stored history.
public struct BacktestReportDocument: Sendable, Equatable, Codable {
    public struct Rule: Sendable, Equatable, Codable {
        public var id: String
        /// live, shadow or off.
        public var mode: String
        public var hits: UInt64
    }

    public struct Day: Sendable, Equatable, Codable {
        /// 2026-11-22, UTC, by the payments' own times.
        public var day: String
        public var payments: UInt64
        /// The candidate's: payments by decision.
        public var decisions: [String: UInt64]
        /// By rule; those that did not fire are left out.
        public var hits: [String: UInt64]
    }

    /// A payment that would have been decided otherwise.
    public struct Example: Sendable, Equatable, Codable {
        public var transactionID: String
        public var stored: String
        public var candidate: String
        /// Rules that fired.
        public var fired: [String]

        private enum CodingKeys: String, CodingKey {
            case stored, candidate, fired
            case transactionID = "transaction_id"
        }
    }

    /// Of the text that was tried.
    public var fingerprint: String
    public var payments: UInt64
    /// Payments that were decided otherwise; zero: the rules give exactly what was decided.
    public var changed: UInt64
    /// Payments by what is stored, and within that by what the candidate decides.
    public var overlap: [String: [String: UInt64]]
    public var rules: [Rule]
    public var days: [Day]
    /// Some of those that changed.
    public var examples: [Example]

    public init(_ report: BacktestReport) {
        fingerprint = report.fingerprint
        payments = report.payments
        changed = report.payments - report.agreements
        func byDecision<Value>(_ values: [Value]) -> [String: Value] {
            var named: [String: Value] = [:]
            for decision in Decision.allCases where Int(decision.rawValue) < values.count {
                named[decision.name] = values[Int(decision.rawValue)]
            }
            return named
        }
        overlap = byDecision(report.overlap.map(byDecision))
        rules = report.rules.map { Rule(id: $0.id, mode: $0.mode.rawValue, hits: $0.hits) }
        days = report.days.map { day in
            let hits = zip(report.rules, day.hits).filter { $0.1 > 0 }.map { ($0.0.id, $0.1) }
            return Day(
                day: String(RFC3339.text(day.day * 86_400_000_000).prefix(10)), payments: day.payments,
                decisions: byDecision(day.decisions), hits: Dictionary(hits) { first, _ in first })
        }
        examples = report.examples.map {
            Example(
                transactionID: $0.identifier, stored: $0.then.name, candidate: $0.now.name, fired: $0.fired)
        }
    }
}

/// The backtests that the node that is asked remembers.
public struct BacktestList: Sendable, Equatable, Codable {
    public var backtests: [BacktestDocument]

    public init(backtests: [BacktestDocument]) { self.backtests = backtests }
}
