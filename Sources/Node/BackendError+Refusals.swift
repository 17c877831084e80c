import Pipeline
import Raft
import Replica

/// The core's refusals in the words of the API.
extension BackendError {
    init(_ refused: ChangeRefused) {
        switch refused {
        case .stopped: self = .unavailable(reason: "this node is stopping", retryAfterSeconds: 1)
        case .refused(let refusal): self.init(refusal)
        }
    }

    init(_ refusal: MembershipRefusal) {
        switch refusal {
        case .notLeader: self = .unavailable(reason: "the leader has changed", retryAfterSeconds: 1)
        case .notEstablished: self = .unavailable(reason: "the leader has just been elected", retryAfterSeconds: 1)
        case .changeUnderWay: self = .conflict(code: .changeUnderWay, detail: "the change before it is not finished")
        case .notCaughtUp(let node):
            self = .conflict(code: .notCaughtUp, detail: "node \(node.number) lacks too much of the log")
        case .noVoters: self = .conflict(code: .lastVoter, detail: "nobody would be left who votes")
        case .tooManyMembers:
            self = .conflict(code: .tooManyMembers, detail: "a cluster has at most \(Membership.maxMembers) members")
        case .unchanged: self = .conflict(code: .alreadyMember, detail: "the members are these already")
        case .transferUnderWay:
            self = .conflict(code: .transferUnderWay, detail: "the leadership is being handed over")
        }
    }

    init(_ refusal: TransferRefusal) {
        switch refusal {
        case .notLeader: self = .unavailable(reason: "the leader has changed", retryAfterSeconds: 1)
        case .transferUnderWay:
            self = .conflict(code: .transferUnderWay, detail: "the leadership is being handed over")
        case .alreadyLeader: self = .conflict(code: .transferFailed, detail: "this node leads already")
        case .notVoter(let node): self = .conflict(code: .transferFailed, detail: "node \(node.number) does not vote")
        case .unreachable(let node):
            self = .conflict(code: .transferFailed, detail: "node \(node.number) was not heard of late")
        case .mayNotLead(let node):
            self = .conflict(code: .inMaintenance, detail: "node \(node.number) may not lead now")
        case .nobodyFit: self = .conflict(code: .transferFailed, detail: "no other voter is fit to lead")
        }
    }
}
