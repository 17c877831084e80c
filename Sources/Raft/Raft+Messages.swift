/// The rules about terms, which come before what a message says.
extension Raft {
    mutating func receive(_ message: Message) {
        guard message.to == id, message.from != id, let position = voters.position(of: message.from) else { return }
        if message.term < hardState.term { return answerFromThePast(message) }
        if message.term > hardState.term {
            switch message.body {
            case .voteRequest where isLeaderProtected(from: message.from):
                // Not even its term is taken over: the leader that we hear would have to give way to it.
                return
            case .preVoteRequest, .preVoteResponse(granted: true):
                break  // The term is one that does not exist yet.
            case .append, .heartbeat:
                becomeFollower(term: message.term, leader: message.from)
            default:
                becomeFollower(term: message.term, leader: nil)
            }
        }
        handle(message, from: position)
    }

    private mutating func handle(_ message: Message, from position: Int) {
        if message.term == hardState.term { leadership?.progress[position].recentlyHeard = true }
        switch message.body {
        case .preVoteRequest(let lastIndex, let lastTerm):
            answerPreVote(message, lastIndex: lastIndex, lastTerm: lastTerm)
        case .preVoteResponse(let granted):
            preVoteAnswered(granted, term: message.term, from: position)
        case .voteRequest(let lastIndex, let lastTerm):
            answerVote(message.from, lastIndex: lastIndex, lastTerm: lastTerm)
        case .voteResponse(let granted):
            voteAnswered(granted, from: position)
        case .append(let previousIndex, let previousTerm, let entries, let commit, let floor):
            follow(message.from)
            compactionFloor = max(compactionFloor, floor)
            append(entries, after: previousIndex, previousTerm: previousTerm, commit: commit)
        case .heartbeat(let commit, let round, let floor):
            follow(message.from)
            compactionFloor = max(compactionFloor, floor)
            heartbeat(commit: commit, round: round)
        case .appendAccepted(let matchIndex):
            appendAccepted(matchIndex: matchIndex, from: position)
        case .appendRejected(let previousIndex, let hintIndex, let hintTerm):
            appendRejected(previousIndex: previousIndex, hintIndex: hintIndex, hintTerm: hintTerm, from: position)
        case .heartbeatResponse(let round):
            heartbeatAnswered(round: round, from: position)
        case .readRequest(let tag):
            readRequested(tag: tag, by: message.from)
        case .readResponse(let tag, let index):
            readAnswered(tag: tag, index: index)
        }
    }

    /// A sender behind our term is told of it. Silence would leave a node with a higher term and a shorter log, and
    /// its cluster, deaf to each other for ever: it refuses their leader, and they refuse its candidacy.
    private mutating func answerFromThePast(_ message: Message) {
        switch message.body {
        case .append, .heartbeat: send(.heartbeatResponse(round: 0), to: message.from)
        case .preVoteRequest: send(.preVoteResponse(granted: false), to: message.from)
        case .voteRequest: send(.voteResponse(granted: false), to: message.from)
        case .readRequest(let tag): send(.readResponse(tag: tag, index: nil), to: message.from)
        case .preVoteResponse, .voteResponse, .appendAccepted, .appendRejected, .heartbeatResponse, .readResponse:
            break
        }
    }
}
