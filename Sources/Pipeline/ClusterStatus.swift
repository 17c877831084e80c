/// The cluster as one node sees it. Encodes to JSON with snake_case keys.
public struct ClusterStatus: Sendable, Equatable, Encodable {
    public var clusterID: String
    /// The node that answers.
    public var node: UInt64
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

    /// A member of the cluster as the answering node sees it.
    public struct Member: Sendable, Equatable, Encodable {
        public enum Role: String, Sendable, Encodable { case leader, follower, candidate, learner, unknown }

        public var id: UInt64
        public var role: Role
        public var address: String
        /// Both directions of its connection with the answering node stand; true for the node itself.
        public var reachable: Bool
        /// Known durable on it; nil unless the answering node leads or is the member.
        public var matchIndex: UInt64?
        /// Entries that it lacks of the answering node's commit index; nil where `matchIndex` is.
        public var lag: UInt64?

        public init(
            id: UInt64, role: Role, address: String, reachable: Bool, matchIndex: UInt64? = nil, lag: UInt64? = nil
        ) {
            self.id = id
            self.role = role
            self.address = address
            self.reachable = reachable
            self.matchIndex = matchIndex
            self.lag = lag
        }

        private enum CodingKeys: String, CodingKey {
            case id, role, address, reachable, lag
            case matchIndex = "match_index"
        }
    }

    public init(
        clusterID: String, node: UInt64, leader: UInt64?, term: UInt64, lastIndex: UInt64, commitIndex: UInt64,
        foldedIndex: UInt64, appliedIndex: UInt64, flushedIndex: UInt64, firstIndex: UInt64, logBytes: Int,
        postgres: Postgres, members: [Member]
    ) {
        self.clusterID = clusterID
        self.node = node
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
        self.members = members
    }

    private enum CodingKeys: String, CodingKey {
        case node, leader, term, postgres, members
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
