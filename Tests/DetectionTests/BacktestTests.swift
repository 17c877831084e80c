import Detection
import Testing

@Suite struct BacktestTests {
    /// Payments of ten days, decided by `program`.
    private func history(_ count: Int, by program: RuleProgram) -> [BacktestPayment] {
        (0..<count).map { number in
            let context = randomContext(UInt64(number))
            return BacktestPayment(
                identifier: "txn_\(number)", event: context.event,
                observation: Observation(features: context.features, token: .zero), history: TokenSequence(),
                decision: judge(program, context).decision)
        }
    }

    private func judge(_ program: RuleProgram, _ context: RuleContext) -> BacktestVerdict {
        let outcome = program.outcome(context)
        return BacktestVerdict(
            decision: outcome.decision ?? program.decision(points: outcome.points),
            fired: outcome.reasons.map(\.code) + ["no_rule_fired", "model_amount"],
            inShadow: outcome.shadowHits.map(\.rule))
    }

    private func run(_ candidate: RuleProgram, _ history: [BacktestPayment]) -> BacktestReport {
        var backtest = Backtest(rules: candidate)
        backtest.run(history) {
            judge(candidate, RuleContext(event: $0.event, features: $0.observation.features, lists: ValueLists()))
        }
        return backtest.report
    }

    @Test func theRulesOfTheTimeGiveTheDecisionsOfTheTime() {
        let report = run(.standard, history(3000, by: .standard))
        #expect(report.payments == 3000)
        #expect(report.agreements == 3000)
        #expect(report.examples.isEmpty)
        #expect(report.overlap[1][1] > 0 && report.overlap[2][2] > 0, "or the history tells nothing")
    }

    @Test func hitsAreCountedByRuleAndDay() throws {
        let candidate = try RuleProgram(
            yaml: """
                rules:
                  - {id: late, when: hour >= 12, points: 0.1}
                  - {id: never, when: "false", points: 0.1}
                  - {id: quiet, when: amount > 50_000, points: 1, mode: shadow}
                """)
        let payments = history(2000, by: .standard)
        let report = run(candidate, payments)
        let late = payments.filter { $0.event.occurredAtMicroseconds / 3_600_000_000 % 24 >= 12 }
        #expect(report.rules.map(\.id) == ["late", "never", "quiet"])
        #expect(report.rules.map(\.mode) == [.live, .live, .shadow])
        #expect(report.rules[0].hits == UInt64(late.count))
        #expect(report.rules[1].hits == 0)
        #expect(report.rules[2].hits == UInt64(payments.count { $0.event.amountMinor > 50_000_00 }))
        #expect(report.days.map(\.day) == report.days.map(\.day).sorted())
        #expect(report.days.reduce(0) { $0 + $1.payments } == 2000)
        for day in report.days {
            let ofTheDay = late.filter { $0.event.occurredAtMicroseconds / 86_400_000_000 == day.day }
            #expect(day.hits[0] == UInt64(ofTheDay.count))
            #expect(day.decisions == [day.payments, 0, 0], "a rule in shadow mode decides nothing")
        }
    }

    @Test func changesOfDecisionHaveExamplesUpToABound() throws {
        let candidate = try RuleProgram(yaml: "rules:\n  - {id: all, when: \"true\", decision: block}")
        let payments = history(1000, by: .standard)
        let report = run(candidate, payments)
        let approved = payments.filter { $0.decision == .approve }
        #expect(report.overlap[0] == [0, 0, UInt64(approved.count)])
        #expect(
            report.examples.filter { $0.then == .approve }.map(\.identifier)
                == approved.prefix(Backtest.examplesPerChange).map(\.identifier))
        #expect(report.examples.allSatisfy { $0.now == .block && $0.fired == ["all"] && $0.then != .block })
    }

    @Test func daysBeyondTheBoundCountOnlyInTheTotals() {
        var backtest = Backtest(rules: .standard)
        for day in 0..<(Backtest.maximumDays + 5) {
            backtest.note(
                BacktestVerdict(decision: .approve, fired: ["amount_over_limit"]), stored: .approve, id: "t",
                atMicroseconds: newYear + Int64(day) * 86_400_000_000)
        }
        #expect(backtest.report.days.count == Backtest.maximumDays)
        #expect(backtest.report.paymentsOfFurtherDays == 5)
        #expect(backtest.report.payments == UInt64(Backtest.maximumDays + 5))
        #expect(backtest.report.rules.first { $0.id == "amount_over_limit" }?.hits == UInt64(Backtest.maximumDays + 5))
    }

    @Test func withoutACandidateRulesAreFoundAsTheyFire() {
        var backtest = Backtest(rules: nil)
        for (day, verdict) in [
            BacktestVerdict(decision: .review, fired: ["a", "model_amount", "no_model"]),
            BacktestVerdict(decision: .review, fired: ["b", "a"], inShadow: ["c"]),
        ].enumerated() {
            backtest.note(verdict, stored: .review, id: "t", atMicroseconds: Int64(day) * 86_400_000_000)
        }
        let report = backtest.report
        #expect(report.fingerprint.isEmpty)
        #expect(report.rules.map(\.id) == ["a", "b", "c"])
        #expect(report.rules.map(\.mode) == [.live, .live, .shadow])
        #expect(report.rules.map(\.hits) == [2, 1, 1])
        #expect(report.days.map(\.hits) == [[1, 0, 0], [1, 1, 1]])
        for number in 0..<1000 {
            backtest.note(
                BacktestVerdict(decision: .approve, fired: ["r\(number)"]), stored: .approve, id: "t", atMicroseconds: 0
            )
        }
        #expect(backtest.report.rules.count == Backtest.maximumRules)
    }

    @Test func progressIsToldAndCanStopTheRun() {
        let payments = history(100, by: .standard)
        var told: [UInt64] = []
        var backtest = Backtest(rules: .standard)
        let finished = backtest.run(
            payments, progressInterval: 30, judge: { _ in BacktestVerdict(decision: .approve, fired: []) },
            progress: {
                told.append($0)
                return true
            })
        #expect(finished)
        #expect(told == [30, 60, 90, 100])
        var stopped = Backtest(rules: .standard)
        let ended = stopped.run(
            payments, progressInterval: 30, judge: { _ in BacktestVerdict(decision: .approve, fired: []) },
            progress: { $0 < 60 })
        #expect(!ended)
        #expect(stopped.report.payments == 60)
    }
}
