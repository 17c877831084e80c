/// The shape of a log without its payloads: where each term begins and how large each entry is.
///
/// Everything up to `baseIndex` has been compacted away; of it only the last term is known. Costs 9 bytes an entry.
public struct LogOutline: Sendable {
    /// What an entry costs on the wire and on disk beyond its payload, so that many small ones have a bound too.
    public static let entryOverheadBytes = 32

    private struct Run: Equatable, Sendable {
        var first: LogIndex
        var term: Term
    }

    public private(set) var baseIndex: LogIndex
    public private(set) var baseTerm: Term
    public private(set) var lastIndex: LogIndex
    private var runs: [Run] = []
    private var kinds: [EntryKind] = []
    /// Of the few entries that hold one, by rising index.
    private var memberships: [(index: LogIndex, outline: EntryOutline)] = []
    /// Rises whenever the memberships that are kept become others.
    package private(set) var membershipVersion = 0
    /// `offsets[k]` is where the k-th kept entry begins; one more stands for the end.
    private var offsets: [Int] = [0]
    /// Entries at the front of the arrays that are compacted but not yet moved out.
    private var dropped = 0

    public init(baseIndex: LogIndex = .zero, baseTerm: Term = .zero, outlines: [EntryOutline] = []) {
        self.baseIndex = baseIndex
        self.baseTerm = baseTerm
        self.lastIndex = baseIndex
        kinds.reserveCapacity(outlines.count)
        offsets.reserveCapacity(outlines.count + 1)
        for outline in outlines { append(outline) }
    }

    public var count: Int { lastIndex.distance(from: baseIndex) }
    public var lastTerm: Term { runs.last?.term ?? baseTerm }

    /// nil for what is compacted or does not exist yet. Logarithmic in the number of terms.
    public func term(at index: LogIndex) -> Term? {
        if index == baseIndex { return baseTerm }
        guard index > baseIndex, index <= lastIndex else { return nil }
        return runs[runPosition(of: index)].term
    }

    public func outlines(from first: LogIndex, through last: LogIndex) -> [EntryOutline] {
        guard first <= last else { return [] }
        precondition(first > baseIndex && last <= lastIndex, "only entries that are kept have an outline")
        var outlines: [EntryOutline] = []
        outlines.reserveCapacity(last.distance(from: first) + 1)
        var run = runPosition(of: first)
        var index = first
        while index <= last {
            if run + 1 < runs.count, runs[run + 1].first <= index { run += 1 }
            let place = place(of: index)
            let byteCount = offsets[place + 1] - offsets[place] - Self.entryOverheadBytes
            if kinds[place] == .membership {
                outlines.append(membershipOutline(at: index))
            } else {
                outlines.append(EntryOutline(term: runs[run].term, kind: kinds[place], byteCount: byteCount))
            }
            index = index.next
        }
        return outlines
    }

    /// Bytes of the entries after `low` up to and including `high`, each with its overhead.
    public func byteCount(after low: LogIndex, through high: LogIndex) -> Int {
        precondition(low >= baseIndex && high <= lastIndex && low <= high, "only entries that are kept have a size")
        return offsets[place(of: high.next)] - offsets[place(of: low.next)]
    }

    /// The last of the entries from `first` on that together fit in `maxBytes`; `first` itself always does.
    public func lastIndex(from first: LogIndex, fitting maxBytes: Int) -> LogIndex {
        precondition(first > baseIndex && first <= lastIndex, "only entries that are kept have a size")
        let start = place(of: first)
        var fits = start + 1
        var tooFar = offsets.count
        while fits + 1 < tooFar {
            let middle = (fits + tooFar) / 2
            if offsets[middle] - offsets[start] <= maxBytes { fits = middle } else { tooFar = middle }
        }
        return first.advanced(by: fits - start - 1)
    }

    /// The last entry at or before `limit` whose term is not above `term`. No later one can agree with a log that has
    /// `term` at `limit`, because terms only rise along a log. Ends at the base, below which nothing is known.
    public func lastEntry(atOrBefore limit: LogIndex, termAtMost term: Term) -> (index: LogIndex, term: Term) {
        var limit = min(limit, lastIndex)
        for run in runs.reversed() where run.first <= limit {
            if run.term <= term { return (limit, run.term) }
            limit = run.first.previous
        }
        return (baseIndex, baseTerm)
    }

    /// The last membership at or before `limit`, if an entry that is kept holds one.
    public func lastMembership(atOrBefore limit: LogIndex) -> (index: LogIndex, membership: Membership)? {
        memberships.last { $0.index <= limit }.map { ($0.index, $0.outline.membership!) }
    }

    public mutating func append(_ outline: EntryOutline) {
        precondition(outline.term >= lastTerm, "terms never fall along a log")
        precondition(outline.byteCount >= 0, "an entry's size is not negative")
        lastIndex = lastIndex.next
        if runs.isEmpty || outline.term > lastTerm { runs.append(Run(first: lastIndex, term: outline.term)) }
        kinds.append(outline.kind)
        if outline.kind == .membership {
            memberships.append((lastIndex, outline))
            membershipVersion += 1
        }
        offsets.append(offsets[offsets.count - 1] + outline.byteCount + Self.entryOverheadBytes)
    }

    /// Removes `index` and all after it.
    public mutating func truncate(from index: LogIndex) {
        precondition(index > baseIndex, "what is compacted can't be taken back")
        guard index <= lastIndex else { return }
        let removed = lastIndex.distance(from: index) + 1
        kinds.removeLast(removed)
        offsets.removeLast(removed)
        lastIndex = index.previous
        while let run = runs.last, run.first > lastIndex { runs.removeLast() }
        while let last = memberships.last, last.index > lastIndex {
            memberships.removeLast()
            membershipVersion += 1
        }
    }

    /// Forgets everything up to and including `index`. What is forgotten already stays so.
    public mutating func compact(through index: LogIndex) {
        guard index > baseIndex else { return }
        guard let term = term(at: index) else { preconditionFailure("only entries that exist can be compacted") }
        dropped += index.distance(from: baseIndex)
        baseIndex = index
        baseTerm = term
        memberships.removeAll { $0.index <= index }
        let kept = runs.firstIndex { $0.first > index } ?? runs.count
        runs.removeFirst(kept)
        if lastIndex > index, runs.first?.first != index.next {
            runs.insert(Run(first: index.next, term: term), at: 0)
        }
        // Moving the rest to the front costs its length, so wait until as much is gone.
        if dropped >= kinds.count - dropped {
            kinds.removeFirst(dropped)
            offsets.removeFirst(dropped)
            dropped = 0
        }
    }

    private func membershipOutline(at index: LogIndex) -> EntryOutline {
        memberships.first { $0.index == index }!.outline
    }

    private func place(of index: LogIndex) -> Int { dropped + index.distance(from: baseIndex) - 1 }

    private func runPosition(of index: LogIndex) -> Int {
        var low = 0
        var high = runs.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].first <= index { low = middle } else { high = middle }
        }
        return low
    }
}

extension LogOutline: Equatable {
    public static func == (left: LogOutline, right: LogOutline) -> Bool {
        left.baseIndex == right.baseIndex && left.baseTerm == right.baseTerm && left.lastIndex == right.lastIndex
            && left.outlines(from: left.baseIndex.next, through: left.lastIndex)
                == right.outlines(from: right.baseIndex.next, through: right.lastIndex)
    }
}
