/// Whose consent a decision needs: a majority of the voters and, while a membership is joint, a majority of the set that
/// is being left as well. Elections, commitment, reads and the leader's own doubts all ask here, so that none of them
/// can forget the second set. Who only listens is never counted.
package struct Quorum: Equatable, Sendable {
    package let voters: VoterSet
    package let outgoing: VoterSet?

    package init(voters: VoterSet, outgoing: VoterSet? = nil) {
        self.voters = voters
        self.outgoing = outgoing
    }

    package func isReached(_ does: (_ position: Int) -> Bool) -> Bool {
        voters.isReached(does) && (outgoing?.isReached(does) ?? true)
    }

    /// The highest index that a quorum has reached, given each voter's own.
    package func reachedIndex(_ reached: (_ position: Int) -> LogIndex) -> LogIndex {
        let index = voters.reachedIndex(reached)
        guard let outgoing else { return index }
        return min(index, outgoing.reachedIndex(reached))
    }
}
