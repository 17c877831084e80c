public import Detection

/// Trains a model on history, wherever it comes from: replays it through the profiles and learns from a window of it.
public struct HistoryTraining: Sendable {
    public struct Options: Sendable {
        /// Times of the payments that are learnt from, microseconds since 1970; nil: all but the first `warmUpDays`.
        public var window: Range<Int64>?
        /// Profiles know too little in the beginning.
        public var warmUpDays = 14
        /// A payment of which nothing was heard for so many days counts as genuine; younger ones are not learnt from.
        public var presumedAfterDays = 14
        /// Users and merchants remembered at a time, as the node that will use the model does.
        public var users = 1_000_000
        public var merchants = 1_000_000
        public var name = "model"
        public var createdAtMicroseconds: Int64 = 0
        public var trainer = ModelTrainer.Options()

        public init() {}
    }

    public let options: Options

    public init(_ options: Options = Options()) { self.options = options }

    /// Reads the source to its end, which is when the model is trained: labels after it are not known.
    public func run(
        _ source: inout some HistorySource, rules: RuleProgram = .standard, lists: ValueLists = ValueLists(),
        progress: ModelTrainer.Progress = { _, _ in }
    ) throws(TrainingError) -> DetectionModel {
        var replay = HistoryReplay(users: options.users, merchants: options.merchants)
        var samples = TrainingSamples()
        var first: Int64?
        var last: Int64 = 0
        try replay.run(
            &source, progress: { progress(0.2 * ($0 ?? 0), "replaying history") },
            payment: { visit in
                let time = visit.event.occurredAtMicroseconds
                if first == nil { first = time }
                last = max(last, time)
                let start = (first ?? 0) + Int64(options.warmUpDays) * CalendarDay.microseconds
                guard options.window.map({ $0.contains(time) }) ?? (time >= start) else { return }
                samples.append(visit, rules: Evaluation.rulesScore(visit, rules, lists))
            },
            label: { label, number in samples.label(number, label.verdict) })
        samples.presumeGenuine(before: last - Int64(options.presumedAfterDays) * CalendarDay.microseconds)
        return try ModelTrainer(options.trainer).train(
            samples, name: options.name, createdAtMicroseconds: options.createdAtMicroseconds
        ) { progress(0.2 + 0.8 * $0, $1) }
    }
}
