/// What one engine reaches on the payments of a test window.
public struct EngineMetrics: Sendable, Equatable, Codable {
    /// Area under the ROC curve.
    public var auc: Double
    /// Average precision.
    public var ap: Double
    /// Card precision at 100 cards a day.
    public var cp100: Double
    /// Share of the fraudulent payments among the highest scores, 100 for each day of the window.
    public var recall100: Double

    public init(auc: Double, ap: Double, cp100: Double, recall100: Double) {
        self.auc = auc
        self.ap = ap
        self.cp100 = cp100
        self.recall100 = recall100
    }

    /// Nil unless there are frauds and genuine payments.
    public init?(payments: [CardPrecision.Payment], days: Int) {
        let ranking = Ranking(scores: payments.map(\.score), isFraud: payments.map(\.isFraud))
        guard let auc = ranking.areaUnderROC, let ap = ranking.averagePrecision,
            let recall = ranking.recall(atTop: 100 * days)
        else { return nil }
        self.init(auc: auc, ap: ap, cp100: CardPrecision.mean(of: payments, top: 100), recall100: recall)
    }

    /// Mean and standard deviation (of a sample; zero for one run) of each measure.
    public static func summary(of runs: [EngineMetrics]) -> (mean: EngineMetrics, deviation: EngineMetrics) {
        precondition(!runs.isEmpty, "a mean of something")
        func mean(_ path: KeyPath<EngineMetrics, Double>) -> Double {
            runs.map { $0[keyPath: path] }.reduce(0, +) / Double(runs.count)
        }
        func deviation(_ path: KeyPath<EngineMetrics, Double>) -> Double {
            guard runs.count > 1 else { return 0 }
            let centre = mean(path)
            let squares = runs.map { ($0[keyPath: path] - centre) * ($0[keyPath: path] - centre) }
            return (squares.reduce(0, +) / Double(runs.count - 1)).squareRoot()
        }
        return (
            EngineMetrics(auc: mean(\.auc), ap: mean(\.ap), cp100: mean(\.cp100), recall100: mean(\.recall100)),
            EngineMetrics(
                auc: deviation(\.auc), ap: deviation(\.ap), cp100: deviation(\.cp100), recall100: deviation(\.recall100)
            )
        )
    }
}
