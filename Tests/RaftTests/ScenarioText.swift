import Raft

/// How effects and messages read in a scenario's transcript.
enum ScenarioText {
    static func describe(_ effect: Effect) -> String {
        switch effect {
        case .persist(let ticket, let hardState, let entries):
            var parts: [String] = []
            if let hardState {
                parts.append("\(hardState.term)" + (hardState.vote.map { " vote \($0)" } ?? ""))
            }
            if let entries { parts.append(describe(entries.outlines, from: entries.first)) }
            return "persist \(ticket) " + parts.joined(separator: ", ")
        case .send(let message, _): return describe(message)
        case .commit(let index): return "commit \(index)"
        case .proposalAccepted(let first, let count, let term):
            return "proposal accepted at \(first)...\(first.advanced(by: count - 1)) in \(term)"
        case .proposalRefused(.notLeader(let leader)):
            return "proposal refused, leader is " + (leader?.description ?? "unknown")
        case .proposalRefused(.tooMuchUncommitted): return "proposal refused, too much is uncommitted"
        case .proposalRefused(.transferring): return "proposal refused, leadership is being handed over"
        case .readReady(let tag, let index): return "read \(tag) ready at \(index)"
        case .readRefused(let tag): return "read \(tag) refused"
        case .statusChanged(let status): return describe(status)
        case .compactionFloor(let index): return "compaction floor \(index)"
        case .membershipAccepted(_, let index): return "change accepted at \(index)"
        case .membershipRefused(_, let refusal): return "change refused: \(refusal)"
        case .membershipChanged(let membership, let index, let isCommitted):
            return "members \(membership) since \(index)" + (isCommitted ? ", committed" : "")
        case .transferEnded(_, let outcome):
            return "transfer ended: " + "\(outcome)".replacing("Raft.TransferRefusal.", with: "")
        case .snapshotWanted(let node): return "wants a snapshot for \(node)"
        case .storeChunk(let snapshot, let offset, let byteCount):
            return "store \(bytes(offset, byteCount)) of snapshot \(snapshot.id)"
        case .installSnapshot(let snapshot):
            return "install snapshot \(snapshot.id) of \(snapshot.index) \(snapshot.term)"
        case .resetLog(let ticket, let hardState, let index, let term):
            return "reset \(ticket) log to \(index) \(term)" + (hardState.map { ", \($0.term)" } ?? "")
        }
    }

    static func describe(_ member: MemberProgress) -> String {
        let part = member.isLearner ? " learner," : ""
        let inflight = member.inflightMessages == 0 ? "" : ", \(member.inflightMessages) in flight"
        let snapshot =
            member.snapshotBytes == 0 ? "" : ", \(member.snapshotStoredBytes) of \(member.snapshotBytes) bytes"
        let reach = "match \(member.match), next \(member.next)"
        return "\(member.id)\(part) \(member.state.rawValue): \(reach)\(inflight)\(snapshot)"
    }

    private static func bytes(_ offset: Int, _ count: Int) -> String {
        count == 0 ? "nothing at \(offset)" : "bytes \(offset)..<\(offset + count)"
    }

    static func describe(_ status: Status) -> String {
        switch status.role {
        case .leader: return "leads \(status.term)" + (status.established ? ", established" : "")
        case .follower: return "follows \(status.leader?.description ?? "nobody") in \(status.term)"
        case .preCandidate: return "is pre-candidate in \(status.term)"
        case .candidate: return "is candidate in \(status.term)"
        }
    }

    static func describe(_ message: Message) -> String {
        "\(message.from) -> \(message.to) \(message.term): \(describe(message.body))"
    }

    private static func describe(_ body: Message.Body) -> String {
        switch body {
        case .preVoteRequest(let index, let term): return "pre-vote? log ends \(index) \(term)"
        case .preVoteResponse(let granted): return granted ? "pre-vote yes" : "pre-vote no"
        case .voteRequest(let index, let term, let isTransfer):
            return "vote? log ends \(index) \(term)" + (isTransfer ? ", as asked by the leader" : "")
        case .voteResponse(let granted): return granted ? "vote yes" : "vote no"
        case .append(let index, let term, let entries, let commit, _):
            let what = entries.isEmpty ? "nothing" : describe(entries, from: index.next)
            return "append \(what) after \(index) \(term), commit \(commit)"
        case .appendAccepted(let match): return "accepted through \(match)"
        case .appendRejected(let previous, let hint, let term): return "rejected after \(previous), try \(hint) \(term)"
        case .heartbeat(let commit, let round, _):
            return "heartbeat commit \(commit)" + (round == 0 ? "" : " round \(round)")
        case .heartbeatResponse(let round, let mayLead):
            return "heartbeat answer" + (round == 0 ? "" : " round \(round)") + (mayLead ? "" : ", may not lead")
        case .readRequest(let tag): return "read? \(tag)"
        case .readResponse(let tag, let index):
            return "read \(tag) " + (index.map { "at \($0)" } ?? "refused")
        case .timeoutNow: return "lead now"
        case .snapshotChunk(let snapshot, let offset, let byteCount):
            return "snapshot \(snapshot.id) of \(snapshot.index): \(bytes(offset, byteCount))"
        case .snapshotReceived(let id, let through): return "has \(through) of snapshot \(id)"
        }
    }

    /// `4...6 t2` for entries of one term, `4 t1, 5...6 t2` for more.
    private static func describe(_ outlines: [EntryOutline], from first: LogIndex) -> String {
        var runs: [(first: LogIndex, last: LogIndex, term: Term)] = []
        for (offset, outline) in outlines.enumerated() {
            let index = first.advanced(by: offset)
            if runs.last?.term == outline.term, outline.membership == nil, outlines[offset - 1].membership == nil {
                runs[runs.count - 1].last = index
            } else {
                runs.append((index, index, outline.term))
            }
        }
        let members = outlines.compactMap(\.membership).map { " (members \($0))" }.joined()
        return runs.map { ($0.first == $0.last ? "\($0.first)" : "\($0.first)...\($0.last)") + " \($0.term)" }
            .joined(separator: ", ") + members
    }
}
