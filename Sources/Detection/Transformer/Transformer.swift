/// A small causal transformer over a user's payments: what it says of a payment depends on that payment and on the
/// 15 before it in each block, never on what came later.
///
/// Pre-norm blocks (Xiong and others 2020) with root-mean-square norms (Zhang and Sennrich 2019), attention within a
/// sliding window with learnt biases for the distance back (as ALiBi and T5 do), and a hidden layer with ReLU. Bytes of
/// a token are embedded piecewise linearly (Gorishniy and others 2022), categories by their own vectors. It uses
/// only + - × ÷ and √ in a fixed order, so equal payments give equal logits on every machine of IEEE numbers.
public struct Transformer: Sendable, Equatable {
    public let configuration: Configuration
    /// All that was learnt, by `TransformerLayout`.
    package let parameters: [Float]
    package let layout: TransformerLayout
    /// For each block and head 32 numbers: the bias of a slot whose key stands so many places before the current slot,
    /// for any rotation of the ring as 16 neighbours.
    let ringBiases: [Float]
    let placement: TokenPlacement

    /// Weights as they are, for a trainer. Their count must be that of the layout.
    package init(configuration: Configuration, parameters: [Float]) {
        precondition(configuration.isValid, "a transformer's shape is within its limits")
        let layout = TransformerLayout(configuration)
        precondition(parameters.count == layout.count, "a transformer has as many parameters as its layout")
        self.configuration = configuration
        self.parameters = parameters
        self.layout = layout
        placement = TokenPlacement(configuration)
        let window = Configuration.window
        ringBiases = layout.blocks.flatMap { block in
            (0..<configuration.heads).flatMap { head in
                (0..<2 * window).map { place in
                    parameters[block.distanceBias + head * window + (window - 1 - place) & (window - 1)]
                }
            }
        }
    }

    /// What the network keeps of a user between two payments: for each block the keys and values of the last 16.
    /// About 8 KB at width 32.
    public struct UserState: Sendable, Equatable {
        /// Place of the next payment in the user's history.
        var position: Int64 = 0
        /// Payments before the next one that it can attend to: 0...15.
        var filled = 0
        var numbers: [Float]

        init(_ configuration: Configuration) {
            numbers = [Float](repeating: 0, count: configuration.stateCount)
        }
    }

    /// Before a user's first payment.
    public func emptyState() -> UserState { UserState(configuration) }

    /// The logit of fraud for a user's next payment, which `state` then includes.
    public func step(_ token: SIMD16<Int8>, _ state: inout UserState) -> Float {
        precondition(state.numbers.count == configuration.stateCount, "a state belongs to a network of its shape")
        let (position, filled) = (state.position, state.filled)
        state.position += 1
        state.filled = min(filled + 1, Configuration.window - 1)
        return state.numbers.withUnsafeMutableBufferPointer { numbers in
            step(token, position: position, filled: filled, numbers.baseAddress!)
        }
    }

    /// Where each of a token's bytes stands on the knots of its embedding: 16 × the knot below + the sixteenths above.
    package func knotPlaces(_ token: SIMD16<Int8>) -> SIMD16<UInt8> { placement.places(token) }

    /// As `step`, with what would be said at each payment of a history, oldest first, from its very beginning.
    public func streamedLogits(_ tokens: some Sequence<SIMD16<Int8>>) -> [Float] {
        var state = emptyState()
        return tokens.map { step($0, &state) }
    }
}

extension Transformer.Configuration {
    /// Numbers of a `UserState`.
    package var stateCount: Int { blocks * 2 * Self.window * width }

    /// Bytes that a transformer's cache takes for one user, its bookkeeping aside.
    public var stateByteCount: Int { stateCount * MemoryLayout<Float>.stride }
}
