import Foundation
import Gateway
import Identity
import Ledger
import Logging
import Pipeline
import Raft
import Replica
import Synchronization

/// What operators ask of any node: carried to the leader where it concerns the cluster, done here where it concerns this
/// node.
final class ClusterAdministrator: ClusterAdministration {
    /// How long a request is carried, elections included.
    private static let deadline: Duration = .seconds(10)
    /// How many of the snapshots that operators asked for are kept.
    private static let keptSnapshots = 2

    private typealias Waiter = CheckedContinuation<AdministrationResponse, Never>

    private let node: NodeID
    private let replica: Replica
    private let pipeline: Pipeline
    private let steward: Steward
    private let directory: DataDirectory
    private let history: History
    private let logger: Logger
    private let waiters = Mutex<(last: UInt64, open: [UInt64: Waiter])>((UInt64.random(in: 0...(.max / 2)), [:]))
    private let isInMaintenance: Mutex<Bool>

    init(
        node: NodeID, replica: Replica, pipeline: Pipeline, steward: Steward, directory: DataDirectory,
        history: History, logger: Logger
    ) {
        self.node = node
        self.replica = replica
        self.pipeline = pipeline
        self.steward = steward
        self.directory = directory
        self.history = history
        self.logger = logger
        isInMaintenance = Mutex(directory.isInMaintenance)
    }

    var maintenance: Bool { isInMaintenance.withLock { $0 } }

    /// A node that was in maintenance when it stopped still is.
    func start() async { if maintenance { await replica.setMayLead(false) } }

    // MARK: The cluster's

    func add(_ member: MemberAddition) async throws(BackendError) -> MembershipReceipt {
        try await membership(.add(member))
    }

    func remove(number: UInt64) async throws(BackendError) -> MembershipReceipt {
        try await membership(.remove(number: number))
    }

    func replace(number: UInt64, by member: MemberAddition) async throws(BackendError) -> MembershipReceipt {
        try await membership(.replace(number: number, by: member))
    }

    func transferLeadership(to number: UInt64?) async throws(BackendError) -> TransferReceipt {
        guard case .transfer(let receipt) = try await carry(.transfer(to: number)) else {
            throw .internal("the leader answered a transfer with something else")
        }
        return receipt
    }

    private func membership(_ request: AdministrationRequest) async throws(BackendError) -> MembershipReceipt {
        guard case .membership(let receipt) = try await carry(request) else {
            throw .internal("the leader answered a change of the members with something else")
        }
        return receipt
    }

    /// Waits for a leader, and asks it once: what it answers is final.
    private func carry(_ request: AdministrationRequest) async throws(BackendError) -> AdministrationResponse {
        let deadline = ContinuousClock.now + Self.deadline
        while ContinuousClock.now < deadline {
            let status = replica.overview.status
            if status.leader == node, status.established { return try await steward.perform(request) }
            if let leader = status.leader, leader != node {
                return try await ask(leader, request).receipt()
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        throw .unavailable(reason: "no leader is known", retryAfterSeconds: 1)
    }

    private func ask(_ leader: NodeID, _ request: AdministrationRequest) async -> AdministrationResponse {
        await withCheckedContinuation { continuation in
            let id = waiters.withLock { waiters in
                waiters.last += 1
                waiters.open[waiters.last] = continuation
                return waiters.last
            }
            let message = ClusterMessage.request(id: id, request).encode()
            replica.send(application: message, to: leader) { [self] isSent in
                if !isSent { answered(id, .unavailable(reason: "the leader can't be reached")) }
            }
            Task { [self] in
                try? await Task.sleep(for: Self.deadline)
                answered(id, .unknown)
            }
        }
    }

    /// The leader's answer has come.
    func answered(_ id: UInt64, _ response: AdministrationResponse) {
        waiters.withLock { $0.open.removeValue(forKey: id) }?.resume(returning: response)
    }

    /// A request that another node was asked and passes on.
    func perform(_ request: AdministrationRequest, id: UInt64, for asking: NodeID) async {
        let response: AdministrationResponse
        do throws(BackendError) {
            let status = replica.overview.status
            guard status.leader == node, status.established else {
                throw .unavailable(reason: "the leader has changed", retryAfterSeconds: 1)
            }
            response = try await steward.perform(request)
        } catch {
            response = AdministrationResponse(error)
        }
        replica.send(application: ClusterMessage.response(id: id, response).encode(), to: asking)
    }

    // MARK: This node's

    func takeSnapshot() async throws(BackendError) -> SnapshotReceipt {
        let made: MadeSnapshot
        do {
            made = try await pipeline.makeSnapshot(directory: directory.keptSnapshots, id: .random(in: 1...(.max)))
        } catch {
            throw BackendError(snapshot: error)
        }
        directory.removeKeptSnapshots(but: Self.keptSnapshots)
        let seconds = Double(made.duration / .milliseconds(1)) / 1_000
        history.record(
            .snapshot, term: made.outline.term, index: made.outline.index,
            "written to \(made.path), \(made.outline.byteCount) bytes")
        return SnapshotReceipt(
            index: made.outline.index.rawValue, appliedIndex: made.appliedIndex.rawValue,
            bytes: made.outline.byteCount,
            path: made.path, seconds: seconds)
    }

    func history(limit: Int) async throws(BackendError) -> [HistoryEvent] { try history.newest(limit) }

    func setMaintenance(_ isOn: Bool) async throws(BackendError) -> MaintenanceReceipt {
        do {
            try directory.setMaintenance(isOn)
        } catch {
            throw .internal("maintenance can't be noted: \(error)")
        }
        let didChange = isInMaintenance.withLock { isInMaintenance in
            defer { isInMaintenance = isOn }
            return isInMaintenance != isOn
        }
        await replica.setMayLead(!isOn)
        let status = replica.overview.status
        if didChange { history.record(.maintenance, term: status.term, index: nil, isOn ? "begun" : "ended") }
        if isOn { await leaveOffice() }
        return MaintenanceReceipt(maintenance: isOn, leader: replica.overview.status.leader?.number)
    }

    /// Waits, but not for ever, until another node leads.
    private func leaveOffice() async {
        let deadline = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < deadline {
            if let leader = replica.overview.status.leader, leader != node { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}

extension BackendError {
    init(snapshot error: any Error) {
        switch error {
        case is NothingToSnapshot:
            self = .unavailable(reason: "nothing is committed yet", retryAfterSeconds: 1)
        case LedgerSnapshotError.busy:
            self = .conflict(code: .snapshotUnderWay, detail: "this node is writing one")
        default: self = .internal("no snapshot: \(error)")
        }
    }
}
