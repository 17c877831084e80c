/// The reads that this node has passed on to its leader. One whose question or answer was lost is given up after one
/// to two election timeouts.
struct ForwardedReads: Equatable, Sendable {
    private var young: Set<UInt64> = []
    private var old: Set<UInt64> = []
    private var age = 0

    var count: Int { young.count + old.count }

    mutating func add(_ tag: UInt64) { young.insert(tag) }

    /// True if the read was still waited for.
    mutating func remove(_ tag: UInt64) -> Bool { young.remove(tag) != nil || old.remove(tag) != nil }

    /// The reads to be given up now, in the order of their tags.
    mutating func tick(generationTicks: Int) -> [UInt64] {
        guard count > 0 else { return [] }
        age += 1
        guard age >= generationTicks else { return [] }
        age = 0
        defer {
            old = young
            young = []
        }
        return old.sorted()
    }

    mutating func removeAll() -> [UInt64] {
        defer { self = ForwardedReads() }
        return (young.union(old)).sorted()
    }
}
