/// Why the cluster's present state does not allow a change that is asked for as such rightly. The raw value stands in
/// the problem document: `urn:redoubt:problem:change-under-way`.
public enum ConflictCode: String, Sendable, CaseIterable {
    /// Another change of the members is not finished.
    case changeUnderWay = "change-under-way"
    /// The node that is to vote lacks too much of the log.
    case notCaughtUp = "not-caught-up"
    /// No node with this number asks to be admitted.
    case nodeNotWaiting = "node-not-waiting"
    /// No member has this number.
    case memberUnknown = "member-unknown"
    /// The member that is to be replaced is still there.
    case memberAlive = "member-alive"
    /// A member has this number already.
    case alreadyMember = "already-member"
    /// Nobody would be left who votes.
    case lastVoter = "last-voter"
    /// Too few of those who would vote can be reached.
    case quorumAtRisk = "quorum-at-risk"
    /// As many members as a cluster may have.
    case tooManyMembers = "too-many-members"
    /// The leadership is being handed over.
    case transferUnderWay = "transfer-under-way"
    /// The member that is to lead cannot, or did not within an election timeout.
    case transferFailed = "transfer-failed"
    /// The member that is to lead is in maintenance.
    case inMaintenance = "in-maintenance"
    /// A snapshot is being written.
    case snapshotUnderWay = "snapshot-under-way"
    /// Other rules are active than the request takes for granted.
    case rulesChanged = "rules-changed"
    /// Another model is active than the request takes for granted.
    case modelChanged = "model-changed"
    /// The model is active or in shadow.
    case modelInUse = "model-in-use"
    /// As many models as the cluster keeps.
    case tooManyModels = "too-many-models"
    /// As many lists, or values of lists, as there may be.
    case tooManyLists = "too-many-lists"
    /// The list holds values of another kind.
    case listKindDiffers = "list-kind-differs"
    /// No model was active before the present one.
    case noEarlierModel = "no-earlier-model"
    /// As many webhooks, or channels, as there may be.
    case tooManyWebhooks = "too-many-webhooks"
    /// Somebody else has reviewed the alert.
    case alertChanged = "alert-changed"
    /// As many partitions of streams as the cluster knows.
    case tooManyStreams = "too-many-streams"
    /// The node does a backtest already.
    case backtestUnderWay = "backtest-under-way"

    /// What is so, in a few words; the same for every problem of this code.
    public var title: String {
        switch self {
        case .changeUnderWay: "Another change of the members is under way"
        case .notCaughtUp: "The node lacks too much of the log to vote"
        case .nodeNotWaiting: "The node does not ask to be admitted"
        case .memberUnknown: "There is no such member"
        case .memberAlive: "The member to be replaced is alive"
        case .alreadyMember: "A member has this number already"
        case .lastVoter: "Nobody would be left who votes"
        case .quorumAtRisk: "Too few voters could be reached"
        case .tooManyMembers: "The cluster has as many members as it may"
        case .transferUnderWay: "The leadership is being handed over"
        case .transferFailed: "The leadership was not handed over"
        case .inMaintenance: "The member is in maintenance"
        case .snapshotUnderWay: "A snapshot is being written"
        case .rulesChanged: "Other rules are active"
        case .modelChanged: "Another model is active"
        case .modelInUse: "The model is in use"
        case .tooManyModels: "The cluster keeps as many models as it may"
        case .tooManyLists: "There are as many lists or entries as there may be"
        case .listKindDiffers: "The list holds entries of another kind"
        case .noEarlierModel: "There is no earlier model"
        case .tooManyWebhooks: "There are as many webhooks as there may be"
        case .alertChanged: "The alert stands otherwise by now"
        case .tooManyStreams: "As many partitions are known as may be"
        case .backtestUnderWay: "A backtest is under way"
        }
    }

    /// What whoever asked can do about it; one sentence, without the full stop.
    public var advice: String {
        switch self {
        case .changeUnderWay: "wait until GET /cluster shows the membership committed and nothing outgoing, then repeat"
        case .notCaughtUp: "watch its lag in GET /cluster and repeat when it is small"
        case .nodeNotWaiting:
            "start it with cluster.join: true and an empty data directory; its log tells what it waits for"
        case .memberUnknown: "GET /cluster lists the members and their numbers"
        case .memberAlive: "stop the node first, or remove it and add the new one"
        case .alreadyMember: "take a number that is free, or replace the member by POST /cluster/replace"
        case .lastVoter: "add a voter first"
        case .quorumAtRisk: "bring members back first; GET /cluster shows which cannot be reached"
        case .tooManyMembers: "remove a member first"
        case .transferUnderWay: "repeat when GET /cluster names a leader"
        case .transferFailed: "see in GET /cluster that the member votes, is reachable and has no lag, then repeat"
        case .inMaintenance: "end its maintenance first, or name another member"
        case .snapshotUnderWay: "wait for it to end, then repeat"
        case .rulesChanged: "look at GET /rules, and repeat with its version if the change still makes sense"
        case .modelChanged: "look at GET /models, then repeat"
        case .modelInUse: "activate another model, or end its shadow, first"
        case .tooManyModels: "remove one that is not in use first"
        case .tooManyLists: "remove entries or lists first"
        case .listKindDiffers: "take another name, or delete the list first"
        case .noEarlierModel: "activate one by its id"
        case .tooManyWebhooks: "remove one first"
        case .alertChanged: "look at GET /alerts/{id}, and repeat with its revision if the review still makes sense"
        case .tooManyStreams: "have the ledger forget partitions that are no longer read"
        case .backtestUnderWay: "wait for it to end, or cancel it, then repeat"
        }
    }
}
