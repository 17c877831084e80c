/// The consensus of one node, as a value: events go in, effects come out, and nothing else happens. It knows no clock,
/// no disk, no network and no chance but its seed; the same events give the same effects.
///
/// After Ongaro's dissertation (2014): elections with pre-vote (§9.6) and a leader that steps down without a quorum
/// (§6.2), replication (§3.5), reads by ReadIndex (§6.4).
///
/// The driver must
/// - carry out effects in their order, and send a message only when its `after` ticket is durable;
/// - report what became durable, for the tickets in their order;
/// - give reads tags that it has never used before, not even before a restart.
public struct Raft: Sendable {
    let configuration: RaftConfiguration
    let voters: VoterSet
    let selfPosition: Int
    var random: SplitMix64

    // What must survive a crash, as it will stand when all that was asked of the disk is done.
    var hardState: HardState
    var isHardStateUnsaved = false
    var log: LogOutline
    var durability: Durability

    /// What this node knows to be committed. The commit effect may trail it: see `reportProgress`.
    public internal(set) var commitIndex: LogIndex
    var reportedCommit: LogIndex
    /// Everything up to here is on the disk of every member.
    var compactionFloor = LogIndex.zero
    var reportedFloor: LogIndex

    var role = Role.follower
    var leader: NodeID?
    var clock: ElectionClock
    /// The present round, as candidate or pre-candidate.
    var ballot: Ballot
    /// As leader only.
    var leadership: Leadership?
    /// As follower: the log equals the present leader's up to here.
    var matchedIndex: LogIndex
    /// As follower: what the present leader was told to be matched and durable.
    var acknowledgedIndex = LogIndex.zero
    var forwardedReads = ForwardedReads()

    var effects: [Effect] = []
    var reportedStatus: Status

    /// A node as it comes up from its disk: `log` and `hardState` are what recovery found, all of it durable; `commit`
    /// is what is already known to be committed, such as what the state machine has applied.
    public init(configuration: RaftConfiguration, hardState: HardState, log: LogOutline, commit: LogIndex) {
        configuration.validate()
        precondition(commit >= log.baseIndex, "only committed entries are ever compacted")
        precondition(commit <= log.lastIndex, "the log holds all that is known to be committed")
        precondition(hardState.term >= log.lastTerm, "a node has seen the terms of its own log")
        let voters = VoterSet(configuration.voters)
        guard let selfPosition = voters.position(of: configuration.id) else {
            preconditionFailure("a node is one of its cluster's voters")
        }
        self.configuration = configuration
        self.voters = voters
        self.selfPosition = selfPosition
        self.random = SplitMix64(seed: configuration.randomSeed)
        self.hardState = hardState
        self.log = log
        self.durability = Durability(durableIndex: log.lastIndex)
        self.commitIndex = commit
        self.reportedCommit = commit
        self.reportedFloor = log.baseIndex
        self.matchedIndex = commit
        self.clock = ElectionClock(electionTicks: configuration.electionTicks, random: &random)
        self.ballot = Ballot(voters: voters)
        self.reportedStatus = Status(role: .follower, term: hardState.term, leader: nil, established: false)
    }

    /// Takes one event and appends what follows from it to `effects`.
    public mutating func step(_ event: Event, into effects: inout [Effect]) {
        swap(&self.effects, &effects)
        defer { swap(&self.effects, &effects) }
        switch event {
        case .tick: tick()
        case .receive(let message): receive(message)
        case .persisted(let ticket): persisted(ticket)
        case .propose(let byteCounts, let term): propose(byteCounts: byteCounts, term: term)
        case .read(let tag): read(tag: tag)
        case .peerLost(let peer): peerLost(peer)
        case .compacted(let index): compacted(through: index)
        }
        settle()
    }
}

extension Raft {
    public var id: NodeID { configuration.id }
    public var term: Term { hardState.term }
    public var lastIndex: LogIndex { log.lastIndex }
    /// The log, as it stands in memory, is on this node's disk up to here.
    public var durableIndex: LogIndex { durability.durableIndex }

    public var status: Status {
        Status(role: role, term: hardState.term, leader: leader, established: isEstablished)
    }

    /// As leader: how far each member has come, in the order of their ids. Empty otherwise.
    public var progress: [MemberProgress] {
        guard let leadership else { return [] }
        return voters.members.indices.map { position in
            if position == selfPosition {
                return MemberProgress(
                    id: id, match: durableIndex, next: lastIndex.next, state: .leader, inflightMessages: 0,
                    inflightBytes: 0)
            }
            let progress = leadership.progress[position]
            return MemberProgress(
                id: voters.members[position], match: progress.match, next: progress.next,
                state: progress.state == .probe ? .probe : .replicate,
                inflightMessages: progress.inflights.count, inflightBytes: progress.inflights.byteCount)
        }
    }

    /// Once the commit of the no-op has been reported: whoever hears of it has heard of all that was committed before.
    var isEstablished: Bool {
        guard let leadership else { return false }
        return reportedCommit >= leadership.noopIndex
    }
}
