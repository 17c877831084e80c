import Gateway
import Ledger
import Logging
import Pipeline
import Raft
import Replica
import Synchronization

/// Hands on what the replica tells: to the pipeline what is of payments, to the steward what is of members, to the warden
/// what is of names.
final class NodeDelegate: ReplicaDelegate {
    private let pipeline: Pipeline
    private let steward: Steward
    private let administrator: ClusterAdministrator
    private let warden: BootWarden
    private let directory: DataDirectory
    private let history: History
    private let fatal: FatalFault
    private let logger: Logger
    /// A snapshot is being installed, or was, and the log does not follow it durably yet.
    private let installing = Mutex<(index: LogIndex, path: String)?>(nil)
    private let lastLeader = Mutex<Term>(.zero)

    init(
        pipeline: Pipeline, steward: Steward, administrator: ClusterAdministrator, warden: BootWarden,
        directory: DataDirectory, history: History, fatal: FatalFault, logger: Logger
    ) {
        self.pipeline = pipeline
        self.steward = steward
        self.administrator = administrator
        self.warden = warden
        self.directory = directory
        self.history = history
        self.fatal = fatal
        self.logger = logger
    }

    func statusChanged(_ status: Status) {
        pipeline.statusChanged(status)
        guard let leader = status.leader else { return }
        let isNew = lastLeader.withLock { term in
            guard status.term > term else { return false }
            term = status.term
            return true
        }
        if isNew { history.record(.leader, term: status.term, index: nil, "\(leader) leads") }
    }

    func committed(through index: LogIndex) {
        let done = installing.withLock { installing -> String? in
            guard let under = installing, under.index <= index else { return nil }
            installing = nil
            return under.path
        }
        // The log follows the snapshot, durably: nothing is left to be done again after a crash.
        if let done { directory.endInstallationSoon(done) }
        pipeline.committed(through: index)
    }

    func membershipChanged(_ membership: Membership, index: LogIndex, isCommitted: Bool) {
        if isCommitted, index > .zero { history.record(.membership, term: .zero, index: index, "\(membership)") }
        // At once, for tasks might overtake each other: the loop is the warden's too.
        warden.assumeIsolated { $0.membershipChanged(membership, index: index, isCommitted: isCommitted) }
    }

    func received(_ content: [UInt8], from node: NodeID) {
        guard ClusterMessage.isOne(content) else { return pipeline.received(content, from: node) }
        let message: ClusterMessage
        do {
            message = try ClusterMessage.decode(content)
        } catch {
            logger.error("dropped a malformed message", metadata: ["peer": "\(node)", "error": "\(error)"])
            return
        }
        switch message {
        case .application(let address, let url):
            Task { await steward.applied(node, address: address, url: url) }
        case .answer(let reason):
            logger.notice("not admitted yet", metadata: ["peer": "\(node)", "reason": "\(reason)"])
        case .readiness(let isReady):
            Task { await steward.heard(from: node, isReady: isReady) }
        case .request(let id, let request):
            Task { await administrator.perform(request, id: id, for: node) }
        case .response(let id, let response):
            administrator.answered(id, response)
        }
    }

    func peerConnected(_ node: NodeID) { pipeline.peerConnected(node) }
    func peerLost(_ node: NodeID) { pipeline.peerLost(node) }
    func compactionFloorRose(to index: LogIndex) { pipeline.compactionFloorRose(to: index) }
    func failed(_ error: any Error) { fatal.stop(error) }

    // MARK: Snapshots

    func snapshotWanted(_ answer: @escaping @Sendable (OfferedSnapshot?) -> Void) {
        Task { [pipeline, directory, logger] in
            do {
                let made = try await pipeline.makeSnapshot(
                    directory: directory.snapshots, id: .random(in: 1...(.max)))
                logger.info(
                    "snapshot made",
                    metadata: [
                        "index": "\(made.outline.index)", "bytes": "\(made.outline.byteCount)",
                        "took": "\(made.duration)",
                    ])
                answer(OfferedSnapshot(outline: made.outline, path: made.path, hold: made.hold))
            } catch {
                logger.error("no snapshot can be made", metadata: ["error": "\(error)"])
                answer(nil)
            }
        }
    }

    func install(_ outline: SnapshotOutline, path: String, _ answer: @escaping @Sendable (Bool) -> Void) {
        Task { [self] in
            do {
                try directory.beginInstallation(path)
                // The tables may be ahead of the index: the log will follow.
                try directory.setCatchingUp(true)
                installing.withLock { $0 = (outline.index, path) }
                try await pipeline.install(snapshotPath: path)
                history.record(
                    .snapshot, term: outline.term, index: outline.index, "installed, \(outline.byteCount) bytes")
                logger.info("snapshot installed", metadata: ["index": "\(outline.index)"])
                answer(true)
            } catch {
                logger.error("the snapshot can't be installed", metadata: ["error": "\(error)"])
                installing.withLock { $0 = nil }
                directory.endInstallation(path)
                answer(false)
            }
        }
    }
}
