import Foundation
import Glibc
import Node
import Raft
import RaftLog
import Testing

@Suite struct QuorumRecoveryTests {
    /// A node's log directory with a few entries of terms 1 and 3, its hard state in term 5.
    private final class Directory {
        static let clusterID = "lost"
        static let node = NodeID(2)
        let path: String
        var log: String { path + "/log" }

        init(withLog: Bool = true) throws {
            path = NSTemporaryDirectory() + "redoubt-recovery-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            guard withLog else { return }
            let (log, _) = try open()
            log.persist(
                ticket: PersistTicket(1), hardState: HardState(term: Term(5), vote: NodeID(3)),
                entries: [
                    LogEntry(index: LogIndex(1), term: Term(1), kind: .noop, payload: []),
                    LogEntry(index: LogIndex(2), term: Term(1), kind: .command, payload: Array("one".utf8)),
                    LogEntry(index: LogIndex(3), term: Term(3), kind: .command, payload: Array("two".utf8)),
                ])
            log.close()
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func open() throws -> (log: RaftLog, recovered: RecoveredLog) {
            try RaftLog.open(
                RaftLogOptions(
                    directory: log, identity: LogIdentity(clusterID: Self.clusterID, nodeID: Self.node),
                    segmentBytes: 8192), onDurable: { _ in }, onFailure: { _ in })
        }

        func recovery(
            clusterID: String = Directory.clusterID, answering: [NodeID] = []
        ) -> QuorumRecovery {
            QuorumRecovery(
                clusterID: clusterID, node: Self.node, logDirectory: log, contact: Array("here".utf8),
                answeringMembers: { answering })
        }

        /// What a start of the node would find.
        func content() throws -> (recovered: RecoveredLog, entries: [LogEntry]) {
            let (log, recovered) = try open()
            defer { log.close() }
            return (recovered, try log.entries(from: log.firstIndex, through: LogIndex(.max), maxBytes: .max))
        }
    }

    @Test func `the node becomes the only voter, durably, in a new term, and keeps what it has`() throws {
        let directory = try Directory()
        let before = try directory.content()
        let plan = try directory.recovery().perform(acceptsDataLoss: true, typedClusterID: "lost")
        #expect(plan.index == LogIndex(4))
        #expect(plan.term == Term(6))
        #expect(plan.voters == nil)

        let after = try directory.content()
        #expect(after.recovered.hardState == HardState(term: Term(6), vote: NodeID(2)))
        #expect(after.entries.dropLast() == before.entries[...])
        let last = try #require(after.entries.last)
        #expect(last.index == LogIndex(4))
        #expect(last.term == Term(6))
        #expect(last.kind == .membership)
        let membership = try #require(Membership(decoding: last.payload))
        #expect(membership.voters == [NodeID(2)])
        #expect(!membership.isJoint)
        #expect(membership.learners.isEmpty)
        #expect(membership.contacts == [NodeID(2): Array("here".utf8)])
    }

    @Test func `a plan tells what would be done, and does nothing`() throws {
        let directory = try Directory()
        let before = try directory.content()
        let plan = try directory.recovery().plan()
        #expect(plan.clusterID == "lost")
        #expect(plan.node == NodeID(2))
        #expect(plan.lastIndex == LogIndex(3))
        #expect(plan.lastTerm == Term(3))
        #expect(plan.hardState == HardState(term: Term(5), vote: NodeID(3)))
        #expect(plan.index == LogIndex(4))
        #expect(plan.term == Term(6))
        let after = try directory.content()
        #expect(after.recovered == before.recovered)
        #expect(after.entries == before.entries)
    }

    @Test func `the voters that are given up are those of the newest membership in the log`() throws {
        let directory = try Directory()
        let (log, _) = try directory.open()
        let voters = [NodeID(1), NodeID(2), NodeID(4)]
        let membership = Membership(
            voters: voters, outgoing: [], learners: [NodeID(5)],
            contacts: Dictionary(uniqueKeysWithValues: (voters + [NodeID(5)]).map { ($0, []) }))
        log.persist(
            ticket: PersistTicket(1), hardState: nil,
            entries: [
                LogEntry(index: LogIndex(4), term: Term(3), kind: .membership, payload: membership.encode()),
                LogEntry(index: LogIndex(5), term: Term(7), kind: .command, payload: []),
            ])
        log.close()
        let plan = try directory.recovery().perform(acceptsDataLoss: true, typedClusterID: "lost")
        #expect(plan.voters == voters)
        // The log's last term may be above that of the hard state only by mistake; it counts all the same.
        #expect(plan.term == Term(8))
        #expect(try directory.content().recovered.hardState == HardState(term: Term(8), vote: NodeID(2)))
    }

    @Test func `the only voter is not recovered again`() throws {
        let directory = try Directory()
        _ = try directory.recovery().perform(acceptsDataLoss: true, typedClusterID: "lost")
        let before = try directory.content()
        #expect(throws: QuorumRecoveryError.isOnlyVoter(NodeID(2))) {
            try directory.recovery().perform(acceptsDataLoss: true, typedClusterID: "lost")
        }
        #expect(try directory.content().entries == before.entries)
    }

    @Test func `a node that runs is refused`() throws {
        let directory = try Directory()
        let (log, _) = try directory.open()
        defer { log.close() }
        #expect(throws: QuorumRecoveryError.nodeRuns(directory.log)) { try directory.recovery().plan() }
        #expect(throws: QuorumRecoveryError.nodeRuns(directory.log)) {
            try directory.recovery().perform(acceptsDataLoss: true, typedClusterID: "lost")
        }
    }

    @Test func `without the operator's word nothing is done`() throws {
        let directory = try Directory()
        let before = try directory.content()
        #expect(throws: QuorumRecoveryError.notAccepted) {
            try directory.recovery().perform(acceptsDataLoss: false, typedClusterID: "lost")
        }
        #expect(try directory.content().entries == before.entries)
    }

    @Test(arguments: ["other", "", nil]) func `another cluster's id, or none, is refused`(typed: String?) throws {
        let directory = try Directory()
        let before = try directory.content()
        #expect(throws: QuorumRecoveryError.otherCluster(typed: typed, found: "lost")) {
            try directory.recovery().perform(acceptsDataLoss: true, typedClusterID: typed)
        }
        #expect(try directory.content().entries == before.entries)
    }

    @Test func `the log of another cluster is refused`() throws {
        let directory = try Directory()
        let error = #expect(throws: QuorumRecoveryError.self) {
            try directory.recovery(clusterID: "mine").perform(acceptsDataLoss: true, typedClusterID: "mine")
        }
        #expect(error?.description.contains("belongs to node n2 of cluster \"lost\"") == true)
    }

    @Test func `while other members answer nothing is done`() throws {
        let directory = try Directory()
        let before = try directory.content()
        let error = #expect(throws: QuorumRecoveryError.membersAnswer([NodeID(1), NodeID(3)])) {
            try directory.recovery(answering: [NodeID(1), NodeID(3)])
                .perform(acceptsDataLoss: true, typedClusterID: "lost")
        }
        #expect(error?.description.contains("n1, n3 can be reached") == true)
        #expect(try directory.content().entries == before.entries)
    }

    @Test func `a directory without a log is refused, and none is made`() throws {
        let directory = try Directory(withLog: false)
        #expect(throws: QuorumRecoveryError.nothingToRecover(directory.log)) { try directory.recovery().plan() }
        #expect(!FileManager.default.fileExists(atPath: directory.log))
    }

    @Test func `a damaged log is not built upon`() throws {
        let directory = try Directory()
        let segment = directory.log + "/00000000000000000001.segment"
        let handle = try #require(FileHandle(forUpdatingAtPath: segment))
        try handle.seek(toOffset: 100)
        try handle.write(contentsOf: Data([0xFF]))
        try handle.close()
        let error = #expect(throws: QuorumRecoveryError.self) {
            try directory.recovery().perform(acceptsDataLoss: true, typedClusterID: "lost")
        }
        #expect(error?.description.contains("damaged") == true)
    }

    @Test func `a port that takes connections answers, and a closed one does not`() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                #expect(bind(listener, generic, size) == 0)
                #expect(listen(listener, 1) == 0)
                #expect(getsockname(listener, generic, &size) == 0)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        #expect(PeerProbe.answers(host: "127.0.0.1", port: port))
        close(listener)
        #expect(!PeerProbe.answers(host: "127.0.0.1", port: port))
    }
}
