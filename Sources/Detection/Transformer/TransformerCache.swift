/// What a transformer keeps of the users it met, so that their next payment costs one step instead of a history.
///
/// Bounded: at most `capacity` users, `Configuration.stateCount` floats each (8 KB at the usual shape) and about 60
/// bytes of bookkeeping; at the bound a user not met lately makes room. It can be wrong about nothing: what it holds of
/// a user counts only while the digest of the user's history is the one it was made from, and is else made anew.
/// Not for two threads at once.
public final class TransformerCache {
    public let capacity: Int
    /// Histories read again, because a user was not held or had another history.
    public private(set) var rebuilds = 0

    private var transformer: Transformer?
    private var places: [UInt64: Int] = [:]
    private var entries: [Entry] = []
    /// Pages of `pageLength` states, allocated as users come.
    private var pages: [UnsafeMutablePointer<Float>] = []
    private var hand = 0

    private static let pageLength = 64

    private struct Entry {
        var user: UInt64
        /// Digest of the history before the last token that was stepped. The state serves it too: that token's slot
        /// is the one that its repetition, or another token in its place, will overwrite.
        var before: UInt64
        var after: UInt64
        /// Met since the hand of the clock last passed.
        var isRecent = true
    }

    /// `capacity`: users, at least 1.
    public init(capacity: Int) {
        precondition(capacity >= 1, "a cache has room for someone")
        self.capacity = capacity
    }

    deinit { for page in pages { page.deallocate() } }

    /// Users held.
    public var count: Int { entries.count }

    /// The logit of fraud for `token` after `history`, as `Transformer.step` has it. Another transformer than last time
    /// empties the cache.
    public func logit(
        for user: UInt64, history: TokenSequence, token: SIMD16<Int8>, by transformer: borrowing Transformer
    ) -> Float {
        if !serves(transformer) { begin(copy transformer) }
        let (place, isNew) = place(of: user)
        let size = transformer.configuration.stateCount
        let numbers = pages[place / Self.pageLength] + place % Self.pageLength * size
        let digest = history.digest
        if isNew || (entries[place].after != digest && entries[place].before != digest) {
            rebuilds += 1
            transformer.restore(numbers, after: history)
        }
        entries[place].before = digest
        entries[place].after = TokenSequence.digest(digest, appending: token)
        entries[place].isRecent = true
        return transformer.step(
            token, position: history.count, filled: min(history.length, Transformer.Configuration.window - 1), numbers)
    }

    /// The parameters are the same memory, so no need to compare them.
    private func serves(_ other: borrowing Transformer) -> Bool {
        guard let transformer else { return false }
        return transformer.parameters.withUnsafeBufferPointer { held in
            other.parameters.withUnsafeBufferPointer { $0.baseAddress == held.baseAddress }
        }
    }

    private func begin(_ transformer: Transformer) {
        self.transformer = transformer
        places.removeAll()
        entries.removeAll()
        for page in pages { page.deallocate() }
        pages.removeAll()
        hand = 0
    }

    private func place(of user: UInt64) -> (place: Int, isNew: Bool) {
        if let place = places[user] { return (place, false) }
        let place = entries.count < capacity ? grow() : evict()
        entries[place].user = user
        places[user] = place
        return (place, true)
    }

    private func grow() -> Int {
        if entries.count == pages.count * Self.pageLength {
            let count = Self.pageLength * (transformer?.configuration.stateCount ?? 0)
            let page = UnsafeMutablePointer<Float>.allocate(capacity: count)
            page.initialize(repeating: 0, count: count)
            pages.append(page)
        }
        entries.append(Entry(user: 0, before: 0, after: 0))
        return entries.count - 1
    }

    /// The clock's hand takes the first user that was not met since it last came by.
    private func evict() -> Int {
        while entries[hand].isRecent {
            entries[hand].isRecent = false
            hand = (hand + 1) % capacity
        }
        defer { hand = (hand + 1) % capacity }
        places[entries[hand].user] = nil
        return hand
    }
}
