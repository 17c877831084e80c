/// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), and a running average of the
/// weights (Polyak and Juditsky 1992), which is what a training gives out: it stands stiller than the last step.
struct Adam {
    private(set) var weights: [Float]
    /// The running average, free of the bias towards where it began.
    var average: [Float] { averageShare > 0 ? averageSum.map { $0 / averageShare } : weights }

    private var first: [Float]
    private var second: [Float]
    private var averageSum: [Float]
    private var averageShare: Float = 0
    private var firstPower: Float = 1
    private var secondPower: Float = 1
    /// Zero for what must not be pulled to zero: gains and biases.
    private let decays: [Float]
    private let averaging: Float

    init(weights: [Float], decays: [Float], averaging: Float) {
        self.weights = weights
        self.decays = decays
        self.averaging = averaging
        first = [Float](repeating: 0, count: weights.count)
        second = first
        averageSum = first
    }

    /// One step down `gradients`, which are cut to a length of at most 1.
    mutating func step(_ gradients: [Float], rate: Float) {
        precondition(gradients.count == weights.count, "every weight has a gradient")
        firstPower *= 0.9
        secondPower *= 0.99
        averageShare = averageShare * averaging + 1 - averaging
        let length = gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let cut = length > 1 ? 1 / length : 1
        let (firstScale, secondScale) = (1 / (1 - firstPower), 1 / (1 - secondPower))
        for index in weights.indices {
            let gradient = gradients[index] * cut
            first[index] += 0.1 * (gradient - first[index])
            second[index] += 0.01 * (gradient * gradient - second[index])
            let direction = first[index] * firstScale / ((second[index] * secondScale).squareRoot() + 1e-8)
            weights[index] -= rate * (direction + decays[index] * weights[index])
            averageSum[index] += (1 - averaging) * (weights[index] - averageSum[index])
        }
    }
}
