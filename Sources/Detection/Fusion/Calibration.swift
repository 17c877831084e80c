package import Bytes

/// Turns a margin into a probability that means what it says: of the payments given 0.1, about a tenth are fraud.
///
/// Source: J. Platt, "Probabilistic outputs for support vector machines", 1999: probability = sigmoid(slope * margin + offset).
/// The slope is positive, so the order of margins is kept.
public struct Calibration: Sendable, Equatable {
    public let slope: Float
    public let offset: Float

    /// The margin taken at its word.
    public static let identity = Calibration(slope: 1, offset: 0)

    private init(slope: Float, offset: Float) {
        self.slope = slope
        self.offset = offset
    }

    /// 0...1.
    public func probability(_ margin: Float) -> Float { Mathematics.sigmoid(slope * margin + offset) }

    private static let slopes: ClosedRange<Double> = 0.01...100
    private static let offsets: ClosedRange<Double> = -100...100

    /// Fits to margins the model was not trained on, with what was true of them (0 or 1) and how much each counts. Targets
    /// are drawn a little inwards, as in the source, so that separable margins don't end in certainty.
    ///
    /// The identity where only one of the two labels occurs.
    public init(fitting margins: [Float], labels: [UInt8], weights: [Float]? = nil) {
        precondition(margins.count == labels.count, "a margin has a label")
        precondition(weights.map { $0.count == margins.count } ?? true, "a margin has a weight")
        var sums = (yes: 0.0, no: 0.0)
        for row in labels.indices {
            let weight = Double(weights?[row] ?? 1)
            if labels[row] == 1 { sums.yes += weight } else { sums.no += weight }
        }
        guard sums.yes > 0, sums.no > 0 else {
            self = .identity
            return
        }
        let targets = (yes: (sums.yes + 1) / (sums.yes + 2), no: 1 / (sums.no + 2))
        var fit = PlattFit()
        for _ in 0..<100 {
            guard fit.step(margins, labels, weights, targets) else { break }
        }
        slope = Float(min(max(fit.slope, Self.slopes.lowerBound), Self.slopes.upperBound))
        offset = Float(min(max(fit.offset, Self.offsets.lowerBound), Self.offsets.upperBound))
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(slope)
        writer.write(offset)
    }

    package init(from reader: inout ByteReader) throws(MalformedBytes) {
        slope = try reader.readFloat()
        offset = try reader.readFloat()
        guard Self.slopes ~= Double(slope), Self.offsets ~= Double(offset) else {
            throw MalformedBytes(offset: reader.offset, reason: "a calibration out of bounds")
        }
    }
}

/// Newton's method on the log loss, its steps bounded.
private struct PlattFit {
    var slope = 1.0
    var offset = 0.0

    /// False once nothing moves any more.
    mutating func step(
        _ margins: [Float], _ labels: [UInt8], _ weights: [Float]?, _ targets: (yes: Double, no: Double)
    ) -> Bool {
        var (gradientSlope, gradientOffset) = (0.0, 0.0)
        // Never singular: where all is certain a step is small instead.
        var (slopes, mixed, offsets) = (1e-6, 0.0, 1e-6)
        for row in margins.indices {
            let margin = Double(margins[row])
            let probability = Double(Mathematics.sigmoid(Float(slope * margin + offset)))
            let weight = Double(weights?[row] ?? 1)
            let error = weight * (probability - (labels[row] == 1 ? targets.yes : targets.no))
            let curvature = weight * probability * (1 - probability)
            gradientSlope += error * margin
            gradientOffset += error
            slopes += curvature * margin * margin
            mixed += curvature * margin
            offsets += curvature
        }
        let determinant = slopes * offsets - mixed * mixed
        guard determinant > 1e-12 else { return false }
        let moveSlope = (offsets * gradientSlope - mixed * gradientOffset) / determinant
        let moveOffset = (slopes * gradientOffset - mixed * gradientSlope) / determinant
        let length = max(abs(moveSlope), abs(moveOffset))
        let share = length > 1 ? 1 / length : 1
        slope -= share * moveSlope
        offset -= share * moveOffset
        return length > 1e-7
    }
}
