/// One set of voters whose majority decides, by their positions in the roster, and the arithmetic of that majority.
package struct VoterSet: Equatable, Sendable {
    package let positions: [Int]

    package init(_ positions: [Int]) { self.positions = positions }

    package var count: Int { positions.count }
    /// The smallest number of voters of which any two groups share one. Of no voters there is none.
    package var quorum: Int { count / 2 + 1 }

    /// Does a quorum do so?
    package func isReached(_ does: (_ position: Int) -> Bool) -> Bool {
        var number = 0
        for position in positions where does(position) { number += 1 }
        return number >= quorum
    }

    /// The highest index that a quorum has reached, given each voter's own.
    package func reachedIndex(_ reached: (_ position: Int) -> LogIndex) -> LogIndex {
        var best = LogIndex.zero
        for candidate in positions {
            let index = reached(candidate)
            if index > best, isReached({ reached($0) >= index }) { best = index }
        }
        return best
    }
}
