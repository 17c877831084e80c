import Detection
import Glibc

/// Distributions that the made-up world draws from.
extension SeededRandom {
    /// Standard normal (Box and Muller).
    mutating func normal() -> Double {
        (-2 * log(1 - nextUnit())).squareRoot() * cos(2 * .pi * nextUnit())
    }

    mutating func normal(_ mean: Double, _ deviation: Double) -> Double { mean + deviation * normal() }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * nextUnit()
    }

    mutating func uniform(_ range: ClosedRange<Int>) -> Int { range.lowerBound + next(below: range.count) }

    mutating func chance(_ probability: Double) -> Bool { nextUnit() < probability }

    /// With this mean; by Knuth's product for small means, by the normal approximation above 30.
    mutating func poisson(_ mean: Double) -> Int {
        guard mean < 30 else { return max(0, Int(normal(mean, mean.squareRoot()).rounded())) }
        let limit = exp(-mean)
        var product = nextUnit()
        var count = 0
        while product > limit {
            product *= nextUnit()
            count += 1
        }
        return count
    }

    /// A position below `count`; low ones are more likely, as a few shops have most customers.
    mutating func skewed(below count: Int) -> Int {
        let draw = nextUnit()
        return min(count - 1, Int(Double(count) * draw * draw))
    }

    mutating func element<Element>(of elements: [Element]) -> Element { elements[next(below: elements.count)] }
}
