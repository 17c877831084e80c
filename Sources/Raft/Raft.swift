/// The consensus of one node, as a value: events go in, effects come out, and nothing else happens. It knows no clock,
/// no disk, no network and no chance but its seed; the same events give the same effects.
///
/// After Ongaro's dissertation (2014): elections with pre-vote (§9.6) and a leader that steps down without a quorum
/// (§6.2), replication (§3.5), leadership transfer (§3.10), joint consensus (§4.3), reads by ReadIndex (§6.4).
///
/// The driver must
/// - carry out effects in their order, and send a message only when its `after` ticket is durable;
/// - report what became durable, for the tickets in their order;
/// - give reads tags that it has never used before, not even before a restart;
/// - write `Membership.encode()` as the payload of a membership's entry, and keep the newest membership of what it
///   compacts or installs, for the next start.
public struct Raft: Sendable {
    let configuration: RaftConfiguration
    var random: SplitMix64

    // What must survive a crash, as it will stand when all that was asked of the disk is done.
    var hardState: HardState
    var isHardStateUnsaved = false
    var log: LogOutline
    var durability: Durability

    /// The newest membership that is known from elsewhere than the entries of the log.
    var membershipBase: (index: LogIndex, membership: Membership)
    /// The newest of all, committed or not: it is what counts.
    public internal(set) var membership: Membership
    /// The entry of `membership`, or the snapshot or founding that it is known from.
    public internal(set) var membershipIndex: LogIndex
    var isMembershipReportedCommitted: Bool
    /// `membership` by positions.
    var roster: Roster
    /// nil where this node is no member.
    var selfPosition: Int?
    /// The state of the log's memberships that `membership` was taken from.
    var membershipVersion: Int

    /// What this node knows to be committed. The commit effect may trail it: see `reportProgress`.
    public internal(set) var commitIndex: LogIndex
    var reportedCommit: LogIndex
    /// The most that a leader has said to be committed since this node came up, whether its log reaches there or not;
    /// nil: none has said yet.
    var heardCommit: LogIndex?
    /// Everything up to here is on the disk of every member.
    var compactionFloor = LogIndex.zero
    var reportedFloor: LogIndex

    var role = Role.follower
    var leader: NodeID?
    var clock: ElectionClock
    /// Since a leader was last heard, somebody who takes this node for a voter asked for its vote and could not have it,
    /// for this log is the longer one.
    var isLogNeeded = false
    /// The present round, as candidate or pre-candidate.
    var ballot = Ballot(members: 0)
    /// As leader only.
    var leadership: Leadership?
    /// May outlast the leadership that it ends, until it is known who leads next.
    var transfer: Transfer?
    /// As follower: the log equals the present leader's up to here.
    var matchedIndex: LogIndex
    /// As follower: what the present leader was told to be matched and durable.
    var acknowledgedIndex = LogIndex.zero
    var forwardedReads = ForwardedReads()
    var incoming: IncomingSnapshot?

    var disk = DiskHealth.healthy
    var mayLead = true

    var effects: [Effect] = []
    var reportedStatus: Status

    /// A node as it comes up from its disk: `log` and `hardState` are what recovery found, all of it durable; `commit`
    /// is what is already known to be committed, such as what the state machine has applied. `membership` is the newest
    /// at or below `commit` that is known from elsewhere than the log: of the founding (at index zero), of a snapshot, or
    /// of a checkpoint. Those that the log holds above its index are found there. A node that has been told of none
    /// begins with `Membership.none`, and only listens.
    public init(
        configuration: RaftConfiguration, hardState: HardState, log: LogOutline,
        membership: (index: LogIndex, Membership), commit: LogIndex
    ) {
        configuration.validate()
        precondition(commit >= log.baseIndex, "only committed entries are ever compacted")
        precondition(commit <= log.lastIndex, "the log holds all that is known to be committed")
        precondition(hardState.term >= log.lastTerm, "a node has seen the terms of its own log")
        precondition(membership.index <= commit, "a membership from elsewhere than the log is committed")
        self.configuration = configuration
        self.random = SplitMix64(seed: configuration.randomSeed)
        self.hardState = hardState
        self.log = log
        self.durability = Durability(durableIndex: log.lastIndex)
        self.membershipBase = (membership.index, membership.1)
        let newest = Self.newestMembership(in: log, over: membershipBase)
        self.membership = newest.membership
        self.membershipIndex = newest.index
        self.isMembershipReportedCommitted = newest.index <= commit
        self.membershipVersion = log.membershipVersion
        self.roster = Roster(newest.membership)
        self.selfPosition = roster.position(of: configuration.id)
        self.commitIndex = commit
        self.reportedCommit = commit
        self.reportedFloor = log.baseIndex
        self.matchedIndex = commit
        self.clock = ElectionClock(electionTicks: configuration.electionTicks, random: &random)
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
        case .changeMembership(let change, let tag): changeMembership(change, tag: tag)
        case .transferLeadership(let target, let tag): transferLeadership(to: target, tag: tag)
        case .disk(let health): diskChanged(health)
        case .mayLead(let mayLead): maintenanceChanged(mayLead: mayLead)
        case .snapshotReady(let outline): snapshotReady(outline)
        case .snapshotUnavailable: break  // It is asked for again in its time.
        case .chunkStored(let id, let through): chunkStored(id: id, through: through)
        case .snapshotInstalled(let id): snapshotInstalled(id: id)
        case .snapshotFailed(let id): snapshotFailed(id: id)
        }
        settle()
    }
}
