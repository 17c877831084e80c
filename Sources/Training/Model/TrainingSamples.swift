public import Detection

/// The payments of a training window as they were seen when they came, and what is known of them by the time of
/// training.
public struct TrainingSamples: Sendable {
    /// All features, row after row, in the order of the log.
    public private(set) var table: FeatureTable
    public private(set) var tokens: [Token] = []
    public private(set) var users: [UInt64] = []
    public private(set) var times: [Int64] = []
    /// What the standing rules gave, 0...1.
    public private(set) var rules: [Float] = []
    public private(set) var labels: [TrainingSequence.Label] = []
    /// Each user's payments before the first of the window.
    public private(set) var contexts: [UInt64: TokenSequence] = [:]
    private var rowByNumber: [Int: Int] = [:]

    public init() {
        table = FeatureTable(columns: Feature.allCases.map(\.name))
    }

    public var count: Int { tokens.count }
    /// From the first to the last, at least one.
    public var days: Double {
        max(1, Double((times.last ?? 0) - (times.first ?? 0)) / Double(CalendarDay.microseconds))
    }
    public var fraudCount: Int { labels.count { $0 == .fraud } }

    /// Takes in a payment of the window.
    public mutating func append(_ visit: HistoryReplay.Visit, rules score: Float) {
        rowByNumber[visit.number] = count
        if contexts[visit.event.userKey] == nil { contexts[visit.event.userKey] = visit.history }
        visit.observation.features.withUnsafeValues { table.append(row: $0) }
        tokens.append(visit.observation.token)
        users.append(visit.event.userKey)
        times.append(visit.event.occurredAtMicroseconds)
        rules.append(score)
        labels.append(.unknown)
    }

    /// Takes in what became known of a payment; one outside the window changes nothing.
    public mutating func label(_ number: Int, _ verdict: Verdict) {
        guard let row = rowByNumber[number] else { return }
        labels[row] = verdict == .fraud ? .fraud : .genuine
    }

    /// Payments before `time` of which nothing was heard count as genuine: had they been frauds, most would have been
    /// reported by now.
    public mutating func presumeGenuine(before time: Int64) {
        for row in labels.indices where labels[row] == .unknown && times[row] < time { labels[row] = .genuine }
    }

    /// Rows to learn yes-or-no questions from, and how much each counts: all known frauds, and of the known genuine
    /// ones as many as fit into `maximum` rows, evenly spread.
    func chosenRows(maximum: Int) -> (rows: [Int], weights: [Float]) {
        let frauds = fraudCount
        let genuine = labels.count { $0 == .genuine }
        let step = max(1, (genuine + max(1, maximum - frauds) - 1) / max(1, maximum - frauds))
        var rows: [Int] = []
        var weights: [Float] = []
        var seen = 0
        for row in labels.indices {
            switch labels[row] {
            case .unknown: continue
            case .fraud:
                rows.append(row)
                weights.append(1)
            case .genuine:
                if seen.isMultiple(of: step) {
                    rows.append(row)
                    weights.append(Float(step))
                }
                seen += 1
            }
        }
        return (rows, weights)
    }

    /// Rows by user, each user's in order.
    func rowsByUser() -> [(user: UInt64, rows: [Int])] {
        var positions: [UInt64: Int] = [:]
        var grouped: [(user: UInt64, rows: [Int])] = []
        for (row, user) in users.enumerated() {
            if let position = positions[user] {
                grouped[position].rows.append(row)
            } else {
                positions[user] = grouped.count
                grouped.append((user, [row]))
            }
        }
        return grouped
    }

    /// Each user's payments as the transformer's trainer wants them: those before the window, and those earlier than
    /// `start`, are context.
    func sequences(learntFrom start: Int64) -> [TrainingSequence] {
        rowsByUser().map { user, rows in
            var sequence = TrainingSequence(user: user)
            let context = contexts[user] ?? TokenSequence()
            for position in 0..<context.length { sequence.append(context[position], .unknown) }
            for row in rows { sequence.append(tokens[row], times[row] >= start ? labels[row] : .unknown) }
            return sequence
        }
    }

    /// What stands beside the tokens of `sequences(learntFrom:)`, in the order of the rows here.
    func byRow(_ values: [[Float]]) -> [Float] {
        var ordered = [Float](repeating: 0, count: count)
        for ((_, rows), values) in zip(rowsByUser(), values) {
            for (row, value) in zip(rows, values.suffix(rows.count)) { ordered[row] = value }
        }
        return ordered
    }
}
