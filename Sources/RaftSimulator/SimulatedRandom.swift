internal import Raft

/// Every choice of the world comes from one of these; there is one for each concern, so that a change in one of them
/// (a fault less, a message less) leaves the others as they were.
package struct SimulatedRandom: Sendable {
    private var generator: SplitMix64

    package init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = SplitMix64(seed: seed ^ (stream &* 0xD6E8_FEB8_6659_FD93))
        generator = SplitMix64(seed: mixer.next())
    }

    package mutating func next() -> UInt64 { generator.next() }
    package mutating func below(_ bound: Int) -> Int { generator.next(below: bound) }
    package mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }
    /// True in `perMille` of a thousand cases.
    package mutating func chance(perMille: Int) -> Bool { perMille > 0 && below(1_000) < perMille }
    package mutating func chance(percent: Int) -> Bool { percent > 0 && below(100) < percent }
    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Mostly near `typical`, seldom up to sixteen times as much.
    package mutating func skewed(typical: Int) -> Int {
        let exponent = below(64)
        let bound = exponent < 48 ? typical : exponent < 60 ? 3 * typical : 16 * typical
        return 1 + below(max(1, bound))
    }
}

/// Times are whole microseconds since the world began.
package typealias Microseconds = Int

package let millisecond: Microseconds = 1_000
package let second: Microseconds = 1_000_000
