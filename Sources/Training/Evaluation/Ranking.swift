/// How well scores put frauds before genuine payments; higher scores are worse payments. Ties count as scikit-learn's
/// `roc_auc_score` and `average_precision_score` count them: rows with equal scores are one threshold.
public struct Ranking: Sendable {
    /// One threshold: how many frauds and genuine rows score at least this much.
    public struct Point: Sendable, Equatable {
        public let score: Float
        public let frauds: Int
        public let genuine: Int
    }

    /// By falling score; the last one counts all rows.
    public let points: [Point]

    /// Scores must not be NaN; there must be as many scores as verdicts.
    public init(scores: [Float], isFraud: [Bool]) {
        precondition(scores.count == isFraud.count, "a score for each verdict")
        precondition(!scores.contains { $0.isNaN }, "a score that is no number has no place in an order")
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var points: [Point] = []
        var frauds = 0
        var genuine = 0
        for (rank, row) in order.enumerated() {
            if isFraud[row] { frauds += 1 } else { genuine += 1 }
            let isLast = rank + 1 == order.count || scores[order[rank + 1]] != scores[row]
            if isLast { points.append(Point(score: scores[row], frauds: frauds, genuine: genuine)) }
        }
        self.points = points
    }

    public var frauds: Int { points.last?.frauds ?? 0 }
    public var genuine: Int { points.last?.genuine ?? 0 }

    /// Area under the ROC curve, 0...1, by trapezoids; nil unless there are frauds and genuine rows.
    public var areaUnderROC: Double? {
        guard frauds > 0, genuine > 0 else { return nil }
        var doubled = 0
        var last = (frauds: 0, genuine: 0)
        for point in points {
            doubled += (point.genuine - last.genuine) * (point.frauds + last.frauds)
            last = (point.frauds, point.genuine)
        }
        return Double(doubled) / 2 / (Double(frauds) * Double(genuine))
    }

    /// Average precision, 0...1: precision at each threshold weighted by the recall it adds, without interpolation; nil
    /// without a fraud.
    public var averagePrecision: Double? {
        guard frauds > 0 else { return nil }
        var sum = 0.0
        var last = 0
        for point in points {
            sum += Double(point.frauds - last) * Double(point.frauds) / Double(point.frauds + point.genuine)
            last = point.frauds
        }
        return sum / Double(frauds)
    }

    /// Share of all frauds among the `count` highest scores; rows with equal scores at the edge count in proportion. Nil
    /// without a fraud.
    public func recall(atTop count: Int) -> Double? {
        guard frauds > 0 else { return nil }
        var before = Point(score: .infinity, frauds: 0, genuine: 0)
        for point in points {
            guard point.frauds + point.genuine > count else {
                before = point
                continue
            }
            let room = Double(count - before.frauds - before.genuine)
            let tied = Double(point.frauds + point.genuine - before.frauds - before.genuine)
            return (Double(before.frauds) + room / tied * Double(point.frauds - before.frauds)) / Double(frauds)
        }
        return 1
    }
}
