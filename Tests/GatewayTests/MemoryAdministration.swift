import Gateway
import Pipeline
import Synchronization

/// A stand-in for what an operator can do, that remembers what it was asked for and fails on request.
final class MemoryAdministration: ClusterAdministration {
    enum Call: Equatable {
        case add(MemberAddition)
        case remove(UInt64)
        case replace(UInt64, by: MemberAddition)
        case transfer(to: UInt64?)
        case snapshot
        case history(limit: Int)
        case maintenance(Bool)
    }

    struct State {
        var calls: [Call] = []
        var failure: BackendError?
        var isFinal = true
    }

    let state = Mutex(State())
    var calls: [Call] { state.withLock { $0.calls } }

    private func note(_ call: Call) throws(BackendError) {
        let failure = state.withLock { state in
            state.calls.append(call)
            return state.failure
        }
        if let failure { throw failure }
    }

    private var receipt: MembershipReceipt {
        MembershipReceipt(index: 12, voters: [1, 2, 3], learners: [4], isFinal: state.withLock { $0.isFinal })
    }

    func add(_ member: MemberAddition) async throws(BackendError) -> MembershipReceipt {
        try note(.add(member))
        return receipt
    }

    func remove(number: UInt64) async throws(BackendError) -> MembershipReceipt {
        try note(.remove(number))
        return receipt
    }

    func replace(number: UInt64, by: MemberAddition) async throws(BackendError) -> MembershipReceipt {
        try note(.replace(number, by: by))
        return receipt
    }

    func transferLeadership(to number: UInt64?) async throws(BackendError) -> TransferReceipt {
        try note(.transfer(to: number))
        return TransferReceipt(from: 1, to: number ?? 2, term: 8, pauseMilliseconds: 3.25)
    }

    func takeSnapshot() async throws(BackendError) -> SnapshotReceipt {
        try note(.snapshot)
        return SnapshotReceipt(index: 90, appliedIndex: 95, bytes: 4096, path: "/data/snapshots/90", seconds: 0.5)
    }

    func history(limit: Int) async throws(BackendError) -> [HistoryEvent] {
        try note(.history(limit: limit))
        return [
            HistoryEvent(
                microseconds: 1_763_819_100_250_000, kind: .leader, term: 8, index: nil, detail: "node 2 leads"),
            HistoryEvent(
                microseconds: 1_763_819_100_000_000, kind: .membership, term: 7, index: 12, detail: "node 4 was added"),
        ]
    }

    func setMaintenance(_ isOn: Bool) async throws(BackendError) -> MaintenanceReceipt {
        try note(.maintenance(isOn))
        return MaintenanceReceipt(maintenance: isOn, leader: nil)
    }
}
