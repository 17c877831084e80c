/// The cluster as one node sees it. Encodes to JSON with snake_case keys.
public struct ClusterStatus: Sendable, Equatable, Encodable {
    public var clusterID: String
    /// The node that answers.
    public var node: UInt64
    /// Under which name the answering node speaks; nil: not known yet.
    public var identity: Identity?
    /// The answering node is in maintenance: it votes and replicates, and does not lead.
    public var maintenance: Bool
    /// The leader it follows or is; nil: none known.
    public var leader: UInt64?
    public var term: UInt64
    public var lastIndex: UInt64
    public var commitIndex: UInt64
    /// Folded into the profiles.
    public var foldedIndex: UInt64
    /// Written to this node's PostgreSQL.
    public var appliedIndex: UInt64
    /// Flushed by this node's PostgreSQL: the log may be compacted up to here.
    public var flushedIndex: UInt64
    public var firstIndex: UInt64
    public var logBytes: Int
    public var postgres: Postgres
    public var membership: Membership
    public var members: [Member]

    /// A node's PostgreSQL as the node sees it.
    public struct Postgres: Sendable, Equatable, Encodable {
        public enum State: String, Sendable, Encodable { case connected, reconnecting, unknown }

        public var state: State
        /// Why it is not connected; nil when it is.
        public var detail: String?

        public init(state: State, detail: String? = nil) {
            self.state = state
            self.detail = detail
        }
    }

    public init(
        clusterID: String, node: UInt64, identity: Identity? = nil, maintenance: Bool = false, leader: UInt64?,
        term: UInt64, lastIndex: UInt64, commitIndex: UInt64, foldedIndex: UInt64, appliedIndex: UInt64,
        flushedIndex: UInt64, firstIndex: UInt64, logBytes: Int, postgres: Postgres, membership: Membership,
        members: [Member]
    ) {
        self.clusterID = clusterID
        self.node = node
        self.identity = identity
        self.maintenance = maintenance
        self.leader = leader
        self.term = term
        self.lastIndex = lastIndex
        self.commitIndex = commitIndex
        self.foldedIndex = foldedIndex
        self.appliedIndex = appliedIndex
        self.flushedIndex = flushedIndex
        self.firstIndex = firstIndex
        self.logBytes = logBytes
        self.postgres = postgres
        self.membership = membership
        self.members = members
    }

    private enum CodingKeys: String, CodingKey {
        case node, identity, maintenance, leader, term, postgres, membership, members
        case clusterID = "cluster_id"
        case lastIndex = "last_index"
        case commitIndex = "commit_index"
        case foldedIndex = "folded_index"
        case appliedIndex = "applied_index"
        case flushedIndex = "flushed_index"
        case firstIndex = "first_index"
        case logBytes = "log_bytes"
    }
}
