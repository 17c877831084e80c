import Glibc
import Synchronization

/// Gives out ids that rise for as long as the generator lives, whatever the clock does. Safe from any thread.
public final class TransactionIDGenerator: Sendable {
    private struct State {
        var last: UInt128
        var random: Randomness
    }

    private let clock: @Sendable () -> Int64
    private let state: Mutex<State>

    /// Takes the system's clock, and its randomness once.
    public convenience init() {
        var system = SystemRandomNumberGenerator()
        self.init(seed: (0..<4).map { _ in system.next() }, clock: Self.systemMilliseconds)
    }

    /// `clock` tells milliseconds since 1970. `seed` has four words, not all zero.
    package init(seed: [UInt64], clock: @escaping @Sendable () -> Int64) {
        self.clock = clock
        state = Mutex(State(last: 0, random: Randomness(seed: seed)))
    }

    public func next() -> TransactionID { next(count: 1) }

    /// The first of `count` consecutive ids, all of which belong to the caller; `count` is at least 1.
    ///
    /// In a new millisecond it starts at a random place, else right after the ids given last. Two generators collide
    /// only if both start within `count` of each other among 2^79 places in the same millisecond.
    public func next(count: Int) -> TransactionID {
        precondition(count >= 1, "no ids asked for")
        let now = UInt128(UInt64(max(0, clock()))) & 0xFFFF_FFFF_FFFF
        return state.withLock { state in
            // The upper half of a millisecond's places stays free for what follows.
            let fresh = now << 80 | state.random.next79()
            let first = now > state.last >> 80 ? fresh : state.last + 1
            state.last = first + UInt128(count - 1)
            return TransactionID(rawValue: first)
        }
    }

    private static func systemMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// xoshiro256**: ids must differ, not be secret. Source: Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators", 2021.
private struct Randomness {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init(seed: [UInt64]) {
        precondition(seed.count == 4 && seed.contains { $0 != 0 }, "a seed of four words, not all zero")
        state = (seed[0], seed[1], seed[2], seed[3])
    }

    mutating func next79() -> UInt128 { UInt128(next() >> 49) << 64 | UInt128(next()) }

    private mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }
}
