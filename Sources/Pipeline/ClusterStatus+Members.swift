/// Who belongs to the cluster, as the answering node sees it.
extension ClusterStatus {
    /// Which of the lives of a node's number this is: zero for a founder's first, random for one that began anew with an
    /// empty disk. Text in JSON, in hexadecimal digits, since JavaScript's numbers are not made for it.
    public struct Life: Sendable, Equatable, Encodable, CustomStringConvertible {
        public let rawValue: UInt64

        public init(_ rawValue: UInt64) { self.rawValue = rawValue }

        public var description: String { String(rawValue, radix: 16) }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }
    }

    /// Under which name a node speaks.
    public struct Identity: Sendable, Equatable, Encodable {
        public enum State: String, Sendable, Encodable {
            /// It asks the others whether it may still speak under its name.
            case claiming
            /// It waits to be admitted.
            case joining
            /// It belongs to the cluster, as a voter or a learner.
            case member
            /// It was taken out of the cluster.
            case removed
        }

        public var number: UInt64
        public var life: Life
        /// How often it was started in this life.
        public var boot: UInt64
        public var state: State
        /// Why it is in this state; nil when there is nothing to say.
        public var reason: String?

        public init(number: UInt64, life: Life, boot: UInt64, state: State, reason: String? = nil) {
            self.number = number
            self.life = life
            self.boot = boot
            self.state = state
            self.reason = reason
        }
    }

    /// Who votes and who only listens, by numbers, ascending.
    public struct Membership: Sendable, Equatable, Encodable {
        /// The set that is to remain.
        public var voters: [UInt64]
        /// The set that is being left; empty unless a change is under way.
        public var outgoing: [UInt64]
        public var learners: [UInt64]
        /// The log entry that it was decided by; zero: the founding.
        public var index: UInt64
        /// The entry is known to be committed.
        public var committed: Bool

        public init(
            voters: [UInt64], outgoing: [UInt64] = [], learners: [UInt64] = [], index: UInt64 = 0,
            committed: Bool = true
        ) {
            self.voters = voters
            self.outgoing = outgoing
            self.learners = learners
            self.index = index
            self.committed = committed
        }
    }

    /// A member of the cluster as the answering node sees it.
    public struct Member: Sendable, Equatable, Encodable {
        public enum Role: String, Sendable, Encodable { case leader, voter, learner }

        /// How the leader sends to a member.
        public enum State: String, Sendable, Encodable {
            /// It looks for the place where their logs part.
            case probe
            /// Entry after entry, many under way at once.
            case replicate
            /// What the member lacks is compacted: it gets a snapshot.
            case snapshot
        }

        /// How far a snapshot has come.
        public struct SnapshotProgress: Sendable, Equatable, Encodable {
            public var sentBytes: Int
            public var totalBytes: Int

            public init(sentBytes: Int, totalBytes: Int) {
                self.sentBytes = sentBytes
                self.totalBytes = totalBytes
            }

            private enum CodingKeys: String, CodingKey {
                case sentBytes = "sent_bytes"
                case totalBytes = "total_bytes"
            }
        }

        public var id: UInt64
        public var life: Life
        public var role: Role
        /// `host:port` for the other nodes.
        public var address: String
        /// For clients; nil: not known.
        public var url: String?
        /// Both directions of its connection with the answering node stand; true for the node itself.
        public var reachable: Bool
        /// Known durable on it; nil unless the answering node leads or is the member.
        public var matchIndex: UInt64?
        /// Entries that it lacks of the answering node's commit index; nil where `matchIndex` is.
        public var lag: UInt64?
        /// Nil unless the answering node leads and the member is another.
        public var state: State?
        /// Nil unless `state` is `snapshot`.
        public var snapshot: SnapshotProgress?

        public init(
            id: UInt64, life: Life = Life(0), role: Role, address: String, url: String? = nil, reachable: Bool,
            matchIndex: UInt64? = nil, lag: UInt64? = nil, state: State? = nil, snapshot: SnapshotProgress? = nil
        ) {
            self.id = id
            self.life = life
            self.role = role
            self.address = address
            self.url = url
            self.reachable = reachable
            self.matchIndex = matchIndex
            self.lag = lag
            self.state = state
            self.snapshot = snapshot
        }

        private enum CodingKeys: String, CodingKey {
            case id, life, role, address, url, reachable, lag, state, snapshot
            case matchIndex = "match_index"
        }
    }
}
