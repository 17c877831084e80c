/// The members whose majority decides, and the arithmetic of that majority. A member's state elsewhere (votes,
/// progress) is kept by its position here.
package struct VoterSet: Equatable, Sendable {
    package let members: [NodeID]

    package init(_ members: [NodeID]) {
        precondition(!members.isEmpty, "a cluster has at least one voter")
        precondition(zip(members, members.dropFirst()).allSatisfy(<), "voters stand in ascending order, each once")
        self.members = members
    }

    package var count: Int { members.count }
    /// The smallest number of voters of which any two groups share one.
    package var quorum: Int { count / 2 + 1 }

    package func position(of node: NodeID) -> Int? { members.firstIndex(of: node) }
    package func contains(_ node: NodeID) -> Bool { position(of: node) != nil }

    /// The place of `node` in the line of those who may succeed `leader`.
    package func rank(of node: NodeID, without leader: NodeID) -> Int? {
        members.filter { $0 != leader }.firstIndex(of: node)
    }

    /// The highest index that a quorum has reached, given each voter's own.
    package func quorumIndex(_ reached: (_ position: Int) -> LogIndex) -> LogIndex {
        var best = LogIndex.zero
        for candidate in members.indices {
            let index = reached(candidate)
            guard index > best else { continue }
            if members.indices.count(where: { reached($0) >= index }) >= quorum { best = index }
        }
        return best
    }

    /// The index that even the slowest voter has reached.
    package func lowestIndex(_ reached: (_ position: Int) -> LogIndex) -> LogIndex {
        members.indices.lazy.map(reached).min() ?? .zero
    }
}
