import Dispatch
import Ledger
import Raft
import Security
import Synchronization

/// Digests of the fold at verification entries, computed beside the fold; the last few are kept.
final class FoldDigests: Sendable {
    private static let kept = 16

    private let digests = Mutex<[LogIndex: SHA256Digest?]>([:])
    private let queue = DispatchQueue(label: "redoubt.fold-digest", qos: .utility)

    func compute(_ state: LedgerState, at index: LogIndex) {
        digests.withLock { digests in
            digests[index] = .some(nil)
            if digests.count > Self.kept { digests[digests.keys.min()!] = nil }
        }
        queue.async { [self] in
            let digest = state.digest()
            digests.withLock { $0[index] = digest }
        }
    }

    /// Outer nil: no verification is known at the index. Inner nil: still computing.
    func digest(at index: LogIndex) -> SHA256Digest?? { digests.withLock { $0[index] } }
}
