internal import Raft

/// What leaves a node must be true of its disk.
extension Oracle {
    func sent(_ message: Message, by position: Int) {
        let disk = records[position].diskState
        switch message.body {
        case .preVoteRequest, .preVoteResponse: return
        case .voteResponse(granted: true):
            checkVote(message.from, for: message.to, in: message.term)
            expect(
                disk.term > message.term || disk.vote == message.to,
                "durable before promise: \(message.from) votes in \(message.term) before its disk has the vote")
        case .voteRequest:
            checkVote(message.from, for: message.from, in: message.term)
        case .appendAccepted(let match):
            let log = records[position].disk
            expect(
                match.rawValue <= log.last,
                "durable before promise: \(message.from) acknowledges \(match), its disk has \(log.last)")
            if let leader = leaders[message.term.rawValue], let chain = log.chain(at: match.rawValue) {
                checkAcknowledged(message, chain: chain, leader: leader)
            }
        default: break
        }
        expect(
            disk.term >= message.term,
            "durable before promise: \(message.from) speaks in \(message.term), its disk has \(disk.term)")
    }

    private func checkAcknowledged(_ message: Message, chain: UInt64, leader: NodeID) {
        guard case .appendAccepted(let match) = message.body else { return }
        let position = leader.position
        guard records[position].id == leader, records[position].isLeader, records[position].term == message.term,
            let leaders = records[position].memory.chain(at: match.rawValue)
        else { return }
        expect(leaders == chain, "\(message.from) acknowledges \(match) to \(leader), but its disk has another log")
    }

    private func checkVote(_ voter: NodeID, for candidate: NodeID, in term: Term) {
        let ballot = Ballot(voter: voter, term: term)
        let given = votes[ballot] ?? candidate
        expect(given == candidate, "\(voter) votes for \(given) and for \(candidate) in \(term)")
        votes[ballot] = candidate
    }
}
