/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): a seed gives the same draws on every machine, whatever the
/// standard library's own generators do.
public struct SeededRandom: Sendable, RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A stream of its own for each `stream` of one seed: trees, epochs, users.
    public init(seed: UInt64, stream: UInt64) {
        var mixer = SeededRandom(seed: seed ^ (stream &* 0xD6E8_FEB8_6659_FD93))
        self.init(seed: mixer.next())
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From zero up to, not including, `bound`, which must be at least 1. Uneven by less than one part in 2^64 / bound.
    public mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// 0..<1, a multiple of 2^-53.
    public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// `count` different numbers below `bound`, in no order; all of them if there are fewer. O(bound) memory.
    public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
        var all = Array(0..<bound)
        let taken = min(count, bound)
        for position in 0..<taken { all.swapAt(position, position + next(below: bound - position)) }
        all.removeLast(bound - taken)
        return all
    }
}
