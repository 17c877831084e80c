/// The rules about terms, which come before what a message says.
extension Raft {
    mutating func receive(_ message: Message) {
        guard message.to == id, message.from != id else { return }
        let position = roster.position(of: message.from)
        // A node that this one does not know as a member may know better: it may ask for votes, or lead. But its answers
        // count for nothing, not even their term: a removed node could else depose a leader by a word (B50).
        guard position != nil || message.body.isForAnyone else { return }
        if message.term < hardState.term { return answerFromThePast(message) }
        if message.term > hardState.term {
            switch message.body {
            case .voteRequest(_, _, isTransfer: false) where isLeaderProtected(from: message.from):
                // Not even its term is taken over: the leader that we hear would have to give way to it.
                return
            case .preVoteRequest, .preVoteResponse(granted: true):
                break  // The term is one that does not exist yet.
            case .append, .heartbeat, .timeoutNow, .snapshotChunk:
                becomeFollower(term: message.term, leader: message.from)
            default:
                becomeFollower(term: message.term, leader: nil)
            }
        }
        handle(message, from: position)
    }

    private mutating func handle(_ message: Message, from position: Int?) {
        switch message.body {
        case .preVoteRequest(let lastIndex, let lastTerm):
            answerPreVote(message, lastIndex: lastIndex, lastTerm: lastTerm)
        case .voteRequest(let lastIndex, let lastTerm, _):
            answerVote(message.from, lastIndex: lastIndex, lastTerm: lastTerm)
        case .append(let previousIndex, let previousTerm, let entries, let commit, let floor):
            follow(message.from)
            compactionFloor = max(compactionFloor, floor)
            heardCommit = max(heardCommit ?? .zero, commit)
            append(entries, after: previousIndex, previousTerm: previousTerm, commit: commit)
        case .heartbeat(let commit, let round, let floor):
            follow(message.from)
            compactionFloor = max(compactionFloor, floor)
            heartbeat(commit: commit, round: round)
        case .snapshotChunk(let outline, let offset, let byteCount):
            follow(message.from)
            snapshotChunk(outline, offset: offset, byteCount: byteCount)
        case .timeoutNow:
            calledToLead(by: message.from)
        default:
            if let position { handleAnswer(message, from: position) }
        }
    }

    /// What only members say, and mostly to a leader.
    private mutating func handleAnswer(_ message: Message, from position: Int) {
        if message.term == hardState.term { leadership?.progress[position].heard() }
        switch message.body {
        case .preVoteResponse(let granted):
            preVoteAnswered(granted, term: message.term, from: position)
        case .voteResponse(let granted):
            voteAnswered(granted, from: position)
        case .appendAccepted(let matchIndex):
            appendAccepted(matchIndex: matchIndex, from: position)
        case .appendRejected(let previousIndex, let hintIndex, let hintTerm):
            appendRejected(previousIndex: previousIndex, hintIndex: hintIndex, hintTerm: hintTerm, from: position)
        case .heartbeatResponse(let round, let mayLead):
            heartbeatAnswered(round: round, mayLead: mayLead, from: position)
        case .readRequest(let tag):
            readRequested(tag: tag, by: message.from)
        case .readResponse(let tag, let index):
            readAnswered(tag: tag, index: index)
        case .snapshotReceived(let id, let through):
            snapshotReceived(id: id, through: through, from: position)
        case .preVoteRequest, .voteRequest, .append, .heartbeat, .snapshotChunk, .timeoutNow:
            preconditionFailure("these are handled whoever sends them")
        }
    }

    /// A sender behind our term is told of it. Silence would leave a node with a higher term and a shorter log, and
    /// its cluster, deaf to each other for ever: it refuses their leader, and they refuse its candidacy.
    private mutating func answerFromThePast(_ message: Message) {
        switch message.body {
        case .append, .heartbeat, .snapshotChunk:
            send(.heartbeatResponse(round: 0, mayLead: isFitToLead), to: message.from)
        case .preVoteRequest: send(.preVoteResponse(granted: false), to: message.from)
        case .voteRequest: send(.voteResponse(granted: false), to: message.from)
        case .readRequest(let tag): send(.readResponse(tag: tag, index: nil), to: message.from)
        case .preVoteResponse, .voteResponse, .appendAccepted, .appendRejected, .heartbeatResponse, .readResponse,
            .snapshotReceived, .timeoutNow:
            break
        }
    }
}

extension Message.Body {
    /// Asks or tells something by itself; all else is an answer, or is asked of a leader by its followers.
    fileprivate var isForAnyone: Bool {
        switch self {
        case .preVoteRequest, .voteRequest, .append, .heartbeat, .snapshotChunk, .timeoutNow: true
        case .preVoteResponse, .voteResponse, .appendAccepted, .appendRejected, .heartbeatResponse, .readRequest,
            .readResponse, .snapshotReceived:
            false
        }
    }
}
