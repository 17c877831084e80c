import Foundation
import Identity
import PeerTransport
public import Raft
import RaftLog
import Replica
import Synchronization

/// Makes a stopped node the only voter of its cluster, for when the majority of the members is lost for good.
///
/// A membership entry that names this node alone is appended to its log in a new term. Raft gives no such right: whatever
/// only the lost members had acknowledged is gone, whatever stands in this log becomes the truth, and a former member that
/// is ever started with its old disk would lead a second cluster of the same name. So nothing is done without the
/// operator's word, and the other members must be wiped before they join again.
public struct QuorumRecovery: Sendable {
    /// What stands in the node's log, and what is to be appended to it.
    public struct Plan: Sendable, Equatable {
        public let clusterID: String
        public let node: NodeID
        public let logDirectory: String
        public let lastIndex: LogIndex
        public let lastTerm: Term
        public let hardState: HardState
        /// The voters by the newest membership in the log; nil: there is none in it, the founding one holds.
        public let voters: [NodeID]?

        package init(
            clusterID: String, node: NodeID, logDirectory: String, lastIndex: LogIndex, lastTerm: Term,
            hardState: HardState, voters: [NodeID]?
        ) {
            self.clusterID = clusterID
            self.node = node
            self.logDirectory = logDirectory
            self.lastIndex = lastIndex
            self.lastTerm = lastTerm
            self.hardState = hardState
            self.voters = voters
        }

        /// Where the new membership is to stand.
        public var index: LogIndex { lastIndex.next }
        /// Above every term that this node knows of.
        public var term: Term { max(hardState.term, lastTerm).next }
    }

    public let clusterID: String
    /// With the life under which the node spoke last.
    public let node: NodeID
    public let logDirectory: String
    private let contact: [UInt8]
    /// Where the node notes who its members are; nil: nowhere.
    private var directory: DataDirectory?
    private let answeringMembers: @Sendable () -> [NodeID]

    /// - Parameters:
    ///   - contact: how the node is reached, as memberships hold it.
    ///   - answeringMembers: the other members that can be reached now.
    package init(
        clusterID: String, node: NodeID, logDirectory: String, contact: [UInt8],
        answeringMembers: @escaping @Sendable () -> [NodeID]
    ) {
        self.clusterID = clusterID
        self.node = node
        self.logDirectory = logDirectory
        self.contact = contact
        self.answeringMembers = answeringMembers
    }

    /// Reads a node's configuration. Throws `ConfigurationError`.
    public init(configurationPath: String) throws {
        let configuration = try NodeConfiguration.load(path: configurationPath)
        let directory = try DataDirectory(configuration.dataDirectory)
        let own = configuration.peers[configuration.nodeID]!
        var others = configuration.peers
        for (member, contact) in directory.knownMembers.contacts {
            others[member] = MemberContact(decoding: contact)?.address
        }
        others = others.filter { $0.key.number != configuration.nodeID.number }
        let asked = others.sorted { $0.key < $1.key }
        self.init(
            clusterID: configuration.clusterID,
            node: try NodeIdentity.read(path: directory.identity)?.node ?? configuration.nodeID,
            logDirectory: directory.log,
            contact: MemberContact(
                address: own, url: configuration.gateway.advertisedURLs[configuration.nodeID] ?? ""
            ).encode()
        ) {
            asked.filter { PeerProbe.answers(host: $0.value.host, port: $0.value.port) }.map(\.key)
        }
        self.directory = directory
    }

    /// Looks at the log and changes nothing but what every start of the node would: the rest of a write that was cut short
    /// is trimmed.
    public func plan() throws(QuorumRecoveryError) -> Plan {
        let opened = try open()
        defer { opened.log.close() }
        return try plan(opened)
    }

    /// Appends the membership and returns when it is durable and has been read back.
    ///
    /// - Parameter typedClusterID: the cluster's id as the operator typed it, against the wrong terminal.
    public func perform(acceptsDataLoss: Bool, typedClusterID: String?) throws(QuorumRecoveryError) -> Plan {
        guard acceptsDataLoss else { throw .notAccepted }
        guard typedClusterID == clusterID else { throw .otherCluster(typed: typedClusterID, found: clusterID) }
        let answering = answeringMembers()
        guard answering.isEmpty else { throw .membersAnswer(answering) }

        let opened = try open()
        let plan: Plan
        do throws(QuorumRecoveryError) {
            plan = try self.plan(opened)
            guard plan.voters != [node] else { throw .isOnlyVoter(node) }
        } catch {
            opened.log.close()
            throw error
        }
        let membership = Membership(voters: [node], outgoing: [], learners: [], contacts: [node: contact])
        let entry = LogEntry(index: plan.index, term: plan.term, kind: .membership, payload: membership.encode())
        let hardState = HardState(term: plan.term, vote: node)
        opened.log.persist(ticket: PersistTicket(1), hardState: hardState, entries: [entry])
        // Returns when all is durable, or has failed.
        opened.log.close()
        if let failure = opened.failure.current { throw .log("\(failure)") }
        try confirm(entry, hardState)
        // Whom the node asks when it starts: nobody but itself is left.
        do {
            try directory?.setMembers(membership, index: plan.index)
        } catch {
            throw .log("the members can't be noted: \(error)")
        }
        return plan
    }

    private func plan(_ opened: OpenedLog) throws(QuorumRecoveryError) -> Plan {
        let recovered = opened.recovered
        return Plan(
            clusterID: clusterID, node: node, logDirectory: logDirectory, lastIndex: recovered.lastIndex,
            lastTerm: recovered.outlines.last?.term ?? recovered.baseTerm, hardState: recovered.hardState,
            voters: try newestMembership(opened)?.voters)
    }

    private func newestMembership(_ opened: OpenedLog) throws(QuorumRecoveryError) -> Membership? {
        let recovered = opened.recovered
        guard let place = recovered.outlines.lastIndex(where: { $0.kind == .membership }) else { return nil }
        let index = recovered.baseIndex.advanced(by: place + 1)
        do throws(RaftLogError) {
            let entry = try opened.log.entries(from: index, through: index, maxBytes: .max).first
            return entry.flatMap { Membership(decoding: $0.payload) }
        } catch {
            throw .log("\(error)")
        }
    }

    /// The disk may have said yes to what it did not keep: what a start of the node would find is what counts.
    private func confirm(_ entry: LogEntry, _ hardState: HardState) throws(QuorumRecoveryError) {
        let opened = try open()
        defer { opened.log.close() }
        var last: LogEntry?
        do throws(RaftLogError) {
            last = try opened.log.entries(from: entry.index, through: entry.index, maxBytes: .max).first
        } catch {
            throw .log("\(error)")
        }
        guard last == entry, opened.recovered.lastIndex == entry.index, opened.recovered.hardState == hardState else {
            throw .notKept(logDirectory)
        }
    }

    // MARK: The log

    private struct OpenedLog {
        let log: RaftLog
        let recovered: RecoveredLog
        let failure: WriteFailure
    }

    /// What the log's thread says of a write that failed.
    private final class WriteFailure: Sendable {
        private let error = Mutex<RaftLogError?>(nil)

        func set(_ error: RaftLogError) { self.error.withLock { $0 = error } }
        var current: RaftLogError? { error.withLock { $0 } }
    }

    private func open() throws(QuorumRecoveryError) -> OpenedLog {
        // To open a log is to make one where there is none.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: logDirectory)) ?? []
        guard names.contains(where: { $0.hasSuffix(".segment") }) else { throw .nothingToRecover(logDirectory) }
        let failure = WriteFailure()
        do throws(RaftLogError) {
            let (log, recovered) = try RaftLog.open(
                RaftLogOptions(directory: logDirectory, identity: LogIdentity(clusterID: clusterID, nodeID: node)),
                onDurable: { _ in }, onFailure: { failure.set($0) })
            return OpenedLog(log: log, recovered: recovered, failure: failure)
        } catch .locked(let directory) {
            throw .nodeRuns(directory)
        } catch {
            throw .log("\(error)")
        }
    }
}

/// Why a quorum was not recovered. Nothing was changed, except where it is said.
public enum QuorumRecoveryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The log is open in another process.
    case nodeRuns(String)
    /// There is no log in the directory.
    case nothingToRecover(String)
    /// The operator did not accept that data may be lost.
    case notAccepted
    case otherCluster(typed: String?, found: String)
    /// These members can be reached: they may still have a quorum.
    case membersAnswer([NodeID])
    case isOnlyVoter(NodeID)
    /// The log can't be read, or not be written; it is as it was, or has the new entry at its end.
    case log(String)
    /// What was written was not found again.
    case notKept(String)

    public var description: String {
        switch self {
        case .nodeRuns(let directory):
            "\(directory) is in use: the node runs. Stop it first; as long as it runs it may yet find its quorum."
        case .nothingToRecover(let directory):
            "\(directory) holds no log: there is nothing to recover here. Take the node whose log reaches furthest."
        case .notAccepted:
            "Nothing was changed. What only the lost members had acknowledged would be gone: say --accept-data-loss."
        case .otherCluster(let typed, let found):
            typed.map { "This node belongs to cluster \(found), not to \($0). Nothing was changed." }
                ?? "Nothing was changed. Type the cluster's id to show that this is the right one: --cluster-id \(found)"
        case .membersAnswer(let members):
            "Nothing was changed: \(members.map { "\($0)" }.joined(separator: ", ")) can be reached. If a majority of the "
                + "members can be started, start them. If not, stop and wipe every other member first."
        case .isOnlyVoter(let node): "Nothing was changed: \(node) is the only voter already. Start it."
        case .log(let reason): "The log can't be used: \(reason)"
        case .notKept(let directory):
            "\(directory) does not hold what was written to it: its disk can't be trusted. Do not start the node."
        }
    }
}
