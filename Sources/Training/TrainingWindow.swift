import Detection

/// A stretch of one user's payments that is learnt from, and the context before it that can move its logits.
struct TrainingWindow: Sendable {
    let sequence: Int
    /// First token of the context.
    let first: Int
    /// The first and past the last token whose logit is learnt from.
    let learnt: Range<Int>
    let hasFraud: Bool

    /// First token whose row goes into `level`: 0 into the first block, `blocks` out of the last. Each block lets a
    /// row see 15 rows further back, so ever fewer are needed towards the end.
    func start(level: Int, blocks: Int) -> Int {
        max(first, learnt.lowerBound - (blocks - level) * (Transformer.Configuration.window - 1))
    }

    /// Cuts sequences where labels are known, into stretches of at most `length` payments; stretches without a label
    /// are left out.
    static func windows(
        of sequences: [TrainingSequence], length: Int, reach: Int, including: (TrainingSequence) -> Bool,
        isLearnt: (TrainingSequence.Label) -> Bool
    ) -> [TrainingWindow] {
        var windows: [TrainingWindow] = []
        for (index, sequence) in sequences.enumerated() where including(sequence) {
            var next = 0
            while let start = sequence.labels[next...].firstIndex(where: isLearnt) {
                let limit = min(start + length, sequence.labels.count)
                let end = sequence.labels[start..<limit].lastIndex(where: isLearnt)! + 1
                windows.append(
                    TrainingWindow(
                        sequence: index, first: max(0, start - reach), learnt: start..<end,
                        hasFraud: sequence.labels[start..<end].contains(.fraud)))
                next = end
            }
        }
        return windows
    }
}
