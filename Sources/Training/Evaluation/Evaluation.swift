package import Detection

/// Runs the protocol: replays history once, trains for each seed on what was known when the test window began, and judges
/// the test window with the engines that a node runs.
public struct Evaluation: Sendable {
    public enum Engine: String, CaseIterable, Sendable {
        case rules
        case isolationForest = "isolation_forest"
        case transformerUserOnly = "transformer_user_only"
        case transformer
        case hybrid
    }

    public struct Options: Sendable {
        public var windows: EvaluationWindows
        /// Train on everything whose label is known by the beginning of the test window, not on the training window alone.
        public var usesHistory = false
        /// Days at the beginning of the data whose payments are not learnt from: profiles know too little then.
        public var warmUpDays = 30
        public var seeds: [UInt64] = [1]
        public var trainer = ModelTrainer.Options()

        public init(windows: EvaluationWindows) { self.windows = windows }
    }

    public struct Result: Sendable {
        /// Of each seed, in their order.
        public package(set) var runs: [Engine: [EngineMetrics]] = [:]
        /// Of the first seed: what the curves are drawn from.
        public package(set) var rankings: [Engine: Ranking] = [:]
        public package(set) var trainingRows = 0
        public package(set) var trainingFrauds = 0
        public package(set) var judgedRows = 0
        public package(set) var judgedFrauds = 0

        package init() {}
    }

    public let options: Options

    public init(_ options: Options) { self.options = options }

    /// `payments` stand in the order of their times; those after the test window are never looked at.
    public func run(
        _ payments: [LabelledPayment], progress: ModelTrainer.Progress = { _, _ in }
    ) throws(TrainingError) -> Result {
        let judged = options.windows.judged(payments)
        let frauds = judged.count { payments[$0].isFraud }
        guard frauds > 0, frauds < judged.count else {
            throw TrainingError("the test window \(options.windows.test) has no frauds or no genuine payments to judge")
        }
        let rules = RuleProgram.standard
        let replayed = try replay(payments, rules) { progress(0.1 * $0, "replaying history") }
        var result = Result()
        result.trainingRows = replayed.samples.count
        result.trainingFrauds = replayed.samples.fraudCount
        result.judgedRows = judged.count
        result.judgedFrauds = frauds
        for (position, seed) in options.seeds.enumerated() {
            func report(_ share: Double, _ text: String) {
                let done = (Double(position) + share) / Double(options.seeds.count)
                progress(0.1 + 0.9 * done, "seed \(seed): \(text)")
            }
            var trainerOptions = options.trainer
            trainerOptions.seed = seed
            let trainer = ModelTrainer(trainerOptions)
            let model = try trainer.train(replayed.samples, name: "evaluation") { report(0.75 * $0, $1) }
            let userOnly = trainer.userOnlyTransformer(replayed.samples) {
                report(0.75 + 0.2 * $0, "transformer without labels")
            }
            report(0.96, "judging")
            let scores = judge(replayed.tested, model, userOnly: userOnly, rules)
            for engine in Engine.allCases {
                let rows = judged.map { number in
                    CardPrecision.Payment(
                        day: payments[number].day.number, card: payments[number].event.userKey,
                        score: scores[engine]?[number] ?? 0, isFraud: payments[number].isFraud)
                }
                guard let metrics = EngineMetrics(payments: rows, days: options.windows.test.count) else { continue }
                result.runs[engine, default: []].append(metrics)
                if position == 0 {
                    result.rankings[engine] = Ranking(scores: rows.map(\.score), isFraud: rows.map(\.isFraud))
                }
            }
        }
        return result
    }

    package struct Replayed {
        package var samples = TrainingSamples()
        package var tested: [HistoryReplay.Visit] = []
    }

    /// What there is to learn from and to judge.
    package func replay(
        _ payments: [LabelledPayment], _ rules: RuleProgram, progress: (Double) -> Void
    ) throws(TrainingError) -> Replayed {
        let windows = options.windows
        let known = payments.prefix { $0.event.occurredAtMicroseconds < windows.test.endMicroseconds }
        let learnt = learntTimes(known.first?.day)
        var source = RecordedHistory(Array(known))
        var replay = HistoryReplay(
            users: 4 * Set(known.map(\.event.userKey)).count, merchants: 4 * Set(known.map(\.event.merchantKey)).count)
        var replayed = Replayed()
        let lists = ValueLists()
        try replay.run(
            &source, progress: { progress($0 ?? 0) },
            payment: { visit in
                let time = visit.event.occurredAtMicroseconds
                if learnt.contains(time) {
                    replayed.samples.append(visit, rules: Self.rulesScore(visit, rules, lists))
                } else if windows.test.contains(microseconds: time) {
                    replayed.tested.append(visit)
                }
            },
            label: { label, number in
                guard label.labelledAtMicroseconds <= windows.test.startMicroseconds else { return }
                replayed.samples.label(number, label.verdict)
            })
        replayed.samples.presumeGenuine(
            before: windows.test.startMicroseconds - Int64(windows.delayDays) * CalendarDay.microseconds)
        return replayed
    }

    /// Times of the payments that are learnt from.
    private func learntTimes(_ first: CalendarDay?) -> Range<Int64> {
        let windows = options.windows
        guard options.usesHistory, let first else {
            return windows.train.startMicroseconds..<windows.train.endMicroseconds
        }
        let start = min(first.advanced(by: options.warmUpDays), windows.train.first)
        let end = windows.test.first.advanced(by: -windows.delayDays)
        return start.startMicroseconds..<max(start.startMicroseconds, end.startMicroseconds)
    }

    /// What the rules alone give.
    static func rulesScore(_ visit: HistoryReplay.Visit, _ rules: RuleProgram, _ lists: ValueLists) -> Float {
        let context = RuleContext(event: visit.event, features: visit.observation.features, lists: lists)
        return Float(rules.evaluate(context, phase: .beforeModel).points)
    }
}
