import Raft
import Replica
import Synchronization

/// Carries news of the log's disk to the replica, which can only be made after the log is open. Nothing is written
/// before that, so nothing is missed.
final class DurabilityHook: Sendable {
    private let replica = Mutex<Replica?>(nil)

    func attach(_ replica: Replica) { self.replica.withLock { $0 = replica } }

    func persisted(_ ticket: PersistTicket) { replica.withLock { $0 }?.persisted(ticket) }
}
