internal import Raft

/// A node's log as the oracle knows it: for every entry its term and the hash of everything up to it.
struct LogShadow {
    private(set) var base: UInt64 = 0
    private(set) var baseChain: UInt64 = 0
    private(set) var baseTerm: UInt64 = 0
    private var chains: [UInt64] = []
    private var terms: [UInt64] = []
    /// Entries at the front that are compacted, but not yet moved out.
    private var dropped = 0

    var last: UInt64 { base + UInt64(chains.count - dropped) }
    var lastChain: UInt64 { last == base ? baseChain : chains[chains.count - 1] }
    var lastTerm: UInt64 { last == base ? baseTerm : terms[terms.count - 1] }

    /// nil for what is compacted or does not exist.
    func chain(at index: UInt64) -> UInt64? {
        if index == base { return baseChain }
        guard index > base, index <= last else { return nil }
        return chains[dropped + Int(index - base) - 1]
    }

    func term(at index: UInt64) -> UInt64? {
        if index == base { return baseTerm }
        guard index > base, index <= last else { return nil }
        return terms[dropped + Int(index - base) - 1]
    }

    mutating func append(term: UInt64, chain: UInt64) {
        chains.append(chain)
        terms.append(term)
    }

    /// Removes `index` and all after it.
    mutating func truncate(from index: UInt64) {
        guard index <= last else { return }
        let excess = Int(last - index) + 1
        chains.removeLast(excess)
        terms.removeLast(excess)
    }

    mutating func compact(through index: UInt64) {
        guard index > base, let chain = chain(at: index), let term = term(at: index) else { return }
        dropped += Int(index - base)
        base = index
        baseChain = chain
        baseTerm = term
        guard dropped > 256, dropped > chains.count / 2 else { return }
        chains.removeFirst(dropped)
        terms.removeFirst(dropped)
        dropped = 0
    }

    /// Forgets all and begins behind `index`.
    mutating func reset(to index: UInt64, term: UInt64, chain: UInt64) {
        base = index
        baseChain = chain
        baseTerm = term
        chains.removeAll(keepingCapacity: true)
        terms.removeAll(keepingCapacity: true)
        dropped = 0
    }
}
