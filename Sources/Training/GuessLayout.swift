import Detection
import Foundation

/// The head of self-supervised pre-training: from what the network makes of a payment it guesses on which knot each
/// byte of the user's next token stands. Its parameters stand behind the network's own and are dropped afterwards.
struct GuessLayout {
    /// width × outputs.
    let matrix: Int
    let bias: Int
    /// knots for each field.
    let outputs: Int
    /// Network's and guesser's parameters.
    let count: Int
    private let readFields: UInt16

    init(_ configuration: Transformer.Configuration) {
        outputs = Transformer.Configuration.fields * Transformer.Configuration.knots
        matrix = TransformerLayout(configuration).count
        bias = matrix + configuration.width * outputs
        count = bias + outputs
        readFields = configuration.readFields
    }

    /// The loss of one row's guesses, which it replaces by their gradient times `share`.
    func backward(
        _ guesses: UnsafeMutablePointer<Float>, next: SIMD16<UInt8>, share: Float,
        biasGradient: UnsafeMutablePointer<Float>
    ) -> Double {
        let knots = Transformer.Configuration.knots
        var loss = 0.0
        for field in 0..<Transformer.Configuration.fields {
            let guesses = guesses + field * knots
            guard share > 0, readFields >> field & 1 == 1 else {
                guesses.update(repeating: 0, count: knots)
                continue
            }
            // The knot nearest to the byte.
            let actual = (Int(next[field]) + 8) >> 4
            let highest = (0..<knots).reduce(guesses[0]) { max($0, guesses[$1]) }
            var sum: Float = 0
            for knot in 0..<knots {
                guesses[knot] = exponential(guesses[knot] - highest)
                sum += guesses[knot]
            }
            loss -= log(Double(max(guesses[actual] / sum, 1e-30)))
            for knot in 0..<knots {
                guesses[knot] = share * (guesses[knot] / sum - (knot == actual ? 1 : 0))
                biasGradient[field * knots + knot] += guesses[knot]
            }
        }
        return loss
    }
}
