/// One payment of history as the engine saw it when it came in.
public struct BacktestPayment: Sendable {
    /// How an example names it: the transaction's id.
    public let identifier: String
    public let event: PaymentEvent
    /// Before the payment was folded, as it was live.
    public let observation: Observation
    /// The user's tokens before this payment.
    public let history: TokenSequence
    /// What was decided then.
    public let decision: Decision

    public init(
        identifier: String, event: PaymentEvent, observation: Observation, history: TokenSequence, decision: Decision
    ) {
        self.identifier = identifier
        self.event = event
        self.observation = observation
        self.history = history
        self.decision = decision
    }
}

/// What a candidate says of one payment.
public struct BacktestVerdict: Sendable, Equatable {
    public let decision: Decision
    /// Ids of the live rules that fired. The engine's own codes are passed over, so that those of all reasons may be given.
    public let fired: [String]
    /// Ids of the rules in shadow mode that fired.
    public let inShadow: [String]

    public init(decision: Decision, fired: [String], inShadow: [String] = []) {
        self.decision = decision
        self.fired = fired
        self.inShadow = inShadow
    }
}

/// Counts what a candidate set of rules would have done with history, beside what was done.
///
/// It judges nothing by itself: the caller does, by the engine that judges live payments. As a verdict is a function of its context
/// alone, a candidate that equals the rules of the time gives the decisions of the time.
public struct Backtest: Sendable {
    /// Days that are told apart; payments of further days count only in the totals.
    public static let maximumDays = 400
    /// Examples of each change of decision.
    public static let examplesPerChange = 10

    /// Rules that are told apart where the rules are not given.
    public static let maximumRules = 2 * RuleProgram.maximumRules

    private var positions: [String: Int] = [:]
    private let takesAnyRule: Bool
    private var totals: BacktestReport
    private var dayPositions: [Int64: Int] = [:]

    /// - Parameter rules: the candidate; nil: the rules of each time, which are then found as they fire.
    public init(rules candidate: RuleProgram?) {
        let rules = candidate?.rules ?? []
        for (position, rule) in rules.enumerated() { positions[rule.id] = position }
        takesAnyRule = candidate == nil
        totals = BacktestReport(
            fingerprint: candidate?.fingerprint ?? "",
            rules: rules.map { BacktestReport.Rule(id: $0.id, mode: $0.mode, hits: 0) })
    }

    /// Judges payments in the order given. `progress` hears after each `progressInterval` payments how many were judged, and stops the
    /// run by `false`. False if it was stopped.
    @discardableResult
    public mutating func run(
        _ payments: some Sequence<BacktestPayment>, progressInterval: UInt64 = 10_000,
        judge: (BacktestPayment) -> BacktestVerdict, progress: (UInt64) -> Bool = { _ in true }
    ) -> Bool {
        for payment in payments {
            note(
                judge(payment), stored: payment.decision, id: payment.identifier,
                atMicroseconds: payment.event.occurredAtMicroseconds)
            if totals.payments.isMultiple(of: max(1, progressInterval)), !progress(totals.payments) { return false }
        }
        return progress(totals.payments)
    }

    /// Takes one payment's verdict in; `stored` is what was decided then. Not before 1970.
    public mutating func note(
        _ verdict: BacktestVerdict, stored: Decision, id: String, atMicroseconds: Int64
    ) {
        totals.payments += 1
        totals.overlap[Int(stored.rawValue)][Int(verdict.decision.rawValue)] += 1
        let day = dayPosition(atMicroseconds / 86_400_000_000)
        if let day {
            totals.days[day].payments += 1
            totals.days[day].decisions[Int(verdict.decision.rawValue)] += 1
        } else {
            totals.paymentsOfFurtherDays += 1
        }
        for rule in verdict.fired { count(rule, .live, day) }
        for rule in verdict.inShadow { count(rule, .shadow, day) }
        if stored != verdict.decision { noteExample(id, stored, verdict) }
    }

    /// As above, of what the engine says.
    public mutating func note(_ assessment: Assessment, stored: Decision, id: String, atMicroseconds: Int64) {
        let verdict = BacktestVerdict(
            decision: assessment.decision, fired: assessment.reasons.map(\.code),
            inShadow: assessment.shadowHits.map(\.rule))
        note(verdict, stored: stored, id: id, atMicroseconds: atMicroseconds)
    }

    /// What was counted so far.
    public var report: BacktestReport {
        var report = totals
        report.days.sort { $0.day < $1.day }
        for day in report.days.indices { report.days[day].makeRoom(for: report.rules.count) }
        return report
    }

    private mutating func count(_ rule: String, _ mode: RuleMode, _ day: Int?) {
        guard let position = position(of: rule, mode) else { return }
        totals.rules[position].hits += 1
        guard let day else { return }
        totals.days[day].makeRoom(for: position + 1)
        totals.days[day].hits[position] += 1
    }

    private mutating func position(of rule: String, _ mode: RuleMode) -> Int? {
        if let known = positions[rule] { return known }
        guard takesAnyRule, !RuleProgram.isReserved(rule), totals.rules.count < Self.maximumRules else { return nil }
        positions[rule] = totals.rules.count
        totals.rules.append(BacktestReport.Rule(id: rule, mode: mode, hits: 0))
        return totals.rules.count - 1
    }

    private mutating func noteExample(_ identifier: String, _ then: Decision, _ verdict: BacktestVerdict) {
        let alike = totals.examples.count { $0.then == then && $0.now == verdict.decision }
        guard alike < Self.examplesPerChange else { return }
        totals.examples.append(
            BacktestReport.Example(
                identifier: identifier, then: then, now: verdict.decision,
                fired: (verdict.fired + verdict.inShadow).filter { positions[$0] != nil }))
    }

    private mutating func dayPosition(_ day: Int64) -> Int? {
        if let known = dayPositions[day] { return known }
        guard totals.days.count < Self.maximumDays else { return nil }
        dayPositions[day] = totals.days.count
        totals.days.append(BacktestReport.Day(day: day))
        return totals.days.count - 1
    }
}
