import Dispatch
import Ledger
import Raft
import Security
import Synchronization

/// Digests of the fold at verification entries, computed beside the fold; the last few are kept. One that is asked for
/// while others are still being computed is left out.
final class FoldDigests: Sendable {
    private static let kept = 16
    /// Each holds a whole state in memory.
    private static let pending = 2

    private let digests = Mutex<[LogIndex: SHA256Digest?]>([:])
    private let queue = DispatchQueue(label: "redoubt.fold-digest", qos: .utility)

    func compute(_ state: LedgerState, at index: LogIndex) {
        let isTaken = digests.withLock { digests in
            guard digests.values.count(where: { $0 == nil }) < Self.pending else { return false }
            digests[index] = .some(nil)
            if digests.count > Self.kept { digests[digests.keys.min()!] = nil }
            return true
        }
        guard isTaken else { return }
        queue.async { [self] in
            let digest = state.digest()
            digests.withLock { $0[index] = digest }
        }
    }

    /// Outer nil: no verification is known at the index. Inner nil: still computing.
    func digest(at index: LogIndex) -> SHA256Digest?? { digests.withLock { $0[index] } }
}
