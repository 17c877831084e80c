/// Says in words and numbers what a model's probability of one payment comes from.
struct ModelExplainer {
    private let held: Shared<DetectionModel>

    static let maximumReasons = 3
    /// Of all that speaks for fraud; what has less is left out.
    private static let leastShare: Float = 0.05

    init(_ model: Shared<DetectionModel>) { held = model }

    /// The columns that speak most for fraud, the strongest first, each with its share of all that speaks for it.
    func reasons(for row: UnsafeBufferPointer<Float>) -> [Reason] {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: FusionColumns.count) { contributions in
            held.value.fusion.contributions(row, into: contributions)
            let total = contributions.reduce(0) { $0 + max($1, 0) }
            guard total > 0 else { return [] }
            let strongest = contributions.indices.filter { contributions[$0] >= Self.leastShare * total }
                .sorted { (contributions[$1], $0) < (contributions[$0], $1) }
            return strongest.prefix(Self.maximumReasons).map { column in
                Reason(
                    code: "model_\(FusionColumns.names[column])", text: words(column, row),
                    points: Double(contributions[column] / total))
            }
        }
    }

    private func words(_ column: Int, _ row: UnsafeBufferPointer<Float>) -> String {
        switch column {
        case FusionColumns.rulesScore:
            return "points of the rules together: \(Words.decimal(Double(row[column])))"
        case FusionColumns.forestScore:
            return "unlike other payments: forest score \(Words.decimal(Double(row[column])))" + strangest(row)
        case FusionColumns.transformerLogit:
            let percent = Double(Mathematics.sigmoid(row[column])) * 100
            return "order and timing of the user's payments: transformer says \(Words.decimal(percent)) %"
        default:
            return Feature.allCases[column].words(row[column])
        }
    }

    /// What the forest finds strangest.
    private func strangest(_ row: UnsafeBufferPointer<Float>) -> String {
        let attributions = held.value.forest.attributions(UnsafeBufferPointer(rebasing: row[..<Feature.count]))
        guard let column = attributions.indices.max(by: { attributions[$0] < attributions[$1] }),
            attributions[column] > 0
        else { return "" }
        return ", above all for its \(Feature.allCases[column].words(row[column]))"
    }
}
