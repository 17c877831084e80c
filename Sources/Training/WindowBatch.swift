import Detection

/// Windows of many users packed row after row without padding, once for each level of the network.
struct WindowBatch {
    /// Rows of one window in one level.
    struct Span {
        let start: Int
        let count: Int
    }

    /// levels[level][window]; level 0 goes into the first block, the last one into the head.
    private(set) var levels: [[Span]]
    /// For each row of level 0 where its bytes stand on their knots.
    private(set) var places: [SIMD16<UInt8>] = []
    /// For each row of the last level: 0 genuine, 1 fraud; and how much it counts, 0 for unknown.
    private(set) var targets: [Float] = []
    private(set) var weights: [Float] = []
    /// For each row of the last level the places of the token after it; read only in pre-training.
    private(set) var next: [SIMD16<UInt8>] = []

    var weightSum: Float { weights.reduce(0, +) }

    func rows(level: Int) -> Int { levels[level].last.map { $0.start + $0.count } ?? 0 }

    /// `fraudWeight`: what a fraud counts; `genuineWeight`: what a genuine payment counts in a window without fraud, for
    /// those windows that were left out; else one. With `isPretraining` labels don't matter:
    /// every row that has a token after it counts one.
    init(
        _ windows: ArraySlice<TrainingWindow>, of sequences: [TrainingSequence], for transformer: Transformer,
        fraudWeight: Float, genuineWeight: Float, isPretraining: Bool
    ) {
        let blocks = transformer.configuration.blocks
        levels = (0...blocks).map { level in
            var next = 0
            return windows.map { window in
                let count = window.learnt.upperBound - window.start(level: level, blocks: blocks)
                defer { next += count }
                return Span(start: next, count: count)
            }
        }
        for window in windows {
            let sequence = sequences[window.sequence]
            for position in window.start(level: 0, blocks: blocks)..<window.learnt.upperBound {
                places.append(transformer.knotPlaces(sequence.tokens[position]))
            }
            for position in window.learnt {
                if isPretraining {
                    let hasNext = position + 1 < sequence.tokens.count
                    targets.append(0)
                    weights.append(hasNext ? 1 : 0)
                    next.append(transformer.knotPlaces(sequence.tokens[hasNext ? position + 1 : position]))
                } else {
                    let label = sequence.labels[position]
                    targets.append(label == .fraud ? 1 : 0)
                    weights.append(
                        label == .unknown ? 0 : label == .fraud ? fraudWeight : window.hasFraud ? 1 : genuineWeight)
                }
            }
        }
    }
}
