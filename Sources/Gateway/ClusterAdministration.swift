public import Pipeline

/// What an operator can do to a cluster. Called from any thread, by many requests at once.
///
/// Any node takes these. A call that changes the members or the leader throws `.conflict` where the cluster's state does
/// not allow it, `.unavailable` where there is no leader to ask, both with nothing changed; and `.deadlineExceeded` where
/// the outcome is not known.
public protocol ClusterAdministration: Sendable {
    /// Admits a node as a learner, and unless told otherwise lets it vote once it has caught up. Returns when the
    /// admission is committed, which may be before the node votes.
    func add(_ member: MemberAddition) async throws(BackendError) -> MembershipReceipt

    /// Takes a member out. If it leads, it hands over first.
    func remove(number: UInt64) async throws(BackendError) -> MembershipReceipt

    /// Puts a node in a member's place: admits it, lets it catch up, and changes both in one step. The new node may have
    /// the old one's number if it begins with an empty disk.
    func replace(number: UInt64, by: MemberAddition) async throws(BackendError) -> MembershipReceipt

    /// Hands the leadership over; nil: to the voter that is best prepared. Returns when the new leader is established.
    func transferLeadership(to number: UInt64?) async throws(BackendError) -> TransferReceipt

    /// Writes a snapshot of the ledger on the node that is asked.
    func takeSnapshot() async throws(BackendError) -> SnapshotReceipt

    /// What happened to the cluster as the node that is asked has seen it, newest first.
    /// - Parameter limit: 1...1000.
    func history(limit: Int) async throws(BackendError) -> [HistoryEvent]

    /// Puts the node that is asked into maintenance or takes it out of it. In maintenance it votes and replicates, and does
    /// not lead: if it does, it hands over first.
    func setMaintenance(_ isOn: Bool) async throws(BackendError) -> MaintenanceReceipt
}

/// A node that is to become a member.
public struct MemberAddition: Sendable, Equatable, Codable {
    /// 1...65535, as its certificate names it.
    public var number: UInt64
    /// Where the other nodes reach it, `host:port`; at most 300 bytes.
    public var peerAddress: String
    /// Where clients reach it, `https://host:port`; at most 512 bytes.
    public var url: String
    /// It votes once it has caught up; else it stays a learner.
    public var promote: Bool

    public init(number: UInt64, peerAddress: String, url: String, promote: Bool = true) {
        self.number = number
        self.peerAddress = peerAddress
        self.url = url
        self.promote = promote
    }

    private enum CodingKeys: String, CodingKey {
        case number, url, promote
        case peerAddress = "peer_address"
    }
}

/// The members after a change that is committed.
public struct MembershipReceipt: Sendable, Equatable, Codable {
    /// The log entry of the change.
    public var index: UInt64
    /// Ascending.
    public var voters: [UInt64]
    /// Ascending.
    public var learners: [UInt64]
    /// Nothing is left to be done; else a learner catches up, or a joint membership is still to be left.
    public var isFinal: Bool

    public init(index: UInt64, voters: [UInt64], learners: [UInt64], isFinal: Bool) {
        self.index = index
        self.voters = voters
        self.learners = learners
        self.isFinal = isFinal
    }

    private enum CodingKeys: String, CodingKey {
        case index, voters, learners
        case isFinal = "final"
    }
}

/// A leadership that was handed over.
public struct TransferReceipt: Sendable, Equatable, Codable {
    public var from: UInt64
    public var to: UInt64
    /// In which the new leader reigns.
    public var term: UInt64
    /// From the last write that the old leader took to the first that the new one could.
    public var pauseMilliseconds: Double

    public init(from: UInt64, to: UInt64, term: UInt64, pauseMilliseconds: Double) {
        self.from = from
        self.to = to
        self.term = term
        self.pauseMilliseconds = pauseMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case from, to, term
        case pauseMilliseconds = "pause_ms"
    }
}

/// A snapshot on a node's disk.
public struct SnapshotReceipt: Sendable, Equatable, Codable {
    /// That of the profiles in it, and the one the log goes on from.
    public var index: UInt64
    /// That of the tables in it; at or after `index`.
    public var appliedIndex: UInt64
    public var bytes: Int
    /// On the node that wrote it.
    public var path: String
    public var seconds: Double

    public init(index: UInt64, appliedIndex: UInt64, bytes: Int, path: String, seconds: Double) {
        self.index = index
        self.appliedIndex = appliedIndex
        self.bytes = bytes
        self.path = path
        self.seconds = seconds
    }

    private enum CodingKeys: String, CodingKey {
        case index, bytes, path, seconds
        case appliedIndex = "applied_index"
    }
}

/// Something that happened to the cluster, or to the node that tells of it.
public struct HistoryEvent: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable {
        case leader, membership, identity, snapshot, maintenance
    }

    /// RFC 3339, UTC, with microseconds where there are any.
    public var time: String
    public var kind: Kind
    public var term: UInt64
    /// The log index it belongs to; nil where it belongs to none.
    public var index: UInt64?
    /// For people.
    public var detail: String

    /// - Parameter microseconds: since 1970 UTC.
    public init(microseconds: Int64, kind: Kind, term: UInt64, index: UInt64?, detail: String) {
        var bytes: [UInt8] = []
        RFC3339.append(microseconds, to: &bytes)
        time = String(decoding: bytes, as: UTF8.self)
        self.kind = kind
        self.term = term
        self.index = index
        self.detail = detail
    }
}

/// Whether a node is in maintenance.
public struct MaintenanceReceipt: Sendable, Equatable, Codable {
    public var maintenance: Bool
    /// The leader afterwards; nil: none known.
    public var leader: UInt64?

    public init(maintenance: Bool, leader: UInt64?) {
        self.maintenance = maintenance
        self.leader = leader
    }
}
