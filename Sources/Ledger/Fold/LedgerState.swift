import Bytes
public import Detection
public import Raft
public import Security

/// What every node folds out of the log: which transactions and keys were taken lately, and the users' profiles.
///
/// Equal on all nodes at the same index, to the byte (`encode`). Not for sharing between threads: a copy shares its
/// storage, and the first write after copying copies whole memories.
///
/// Entries reach it on one of two ways, each in log order without gaps:
/// - a follower, or a node replaying its log, calls `fold` for each `command` entry that is committed and `advance` for
///   each other one;
/// - a leader calls `take` before the entry exists, then `confirm` when the entry is committed, or `undo`, newest first,
///   for all that is not confirmed when it stops leading. Before its first `take` it must have folded everything up to
///   and including the no-op of its own term, or it could take again what its predecessor's last entries hold.
public struct LedgerState: Sendable {
    public let configuration: LedgerConfiguration
    /// The last entry folded or confirmed.
    public internal(set) var applied = LogIndex.zero
    /// Time of the last entry with transactions, a leader's proposals included.
    public internal(set) var timeMicroseconds: Int64 = 0
    /// Transactions taken since the log began, a leader's proposals included.
    public internal(set) var transactionCount: UInt64 = 0
    var ids: GenerationalMap<TransactionID, UInt64>
    var keys: GenerationalMap<IdempotencyKey, KnownKey>
    public internal(set) var profiles: Profiles
    var idStamps = EvictionStamps()
    var keyStamps = EvictionStamps()

    /// Proposals neither confirmed nor undone have the ordinals from `oldestPending` up to `nextOrdinal`.
    private var oldestPending: UInt64 = 0
    private var nextOrdinal: UInt64 = 0

    public init(configuration: LedgerConfiguration = LedgerConfiguration()) {
        self.configuration = configuration
        ids = GenerationalMap(capacity: configuration.transactionIDs)
        keys = GenerationalMap(capacity: configuration.idempotencyKeys)
        profiles = Profiles(capacity: configuration.users)
    }

    /// Proposals of a leader that are neither confirmed nor undone.
    public var pendingCount: Int { Int(nextOrdinal - oldestPending) }

    // MARK: The leader's way

    /// The oldest pending proposal is committed at `index`, which must follow `applied`.
    public mutating func confirm(at index: LogIndex) {
        precondition(pendingCount > 0, "nothing is pending")
        precondition(index == applied.next, "entry \(index) confirmed after \(applied)")
        idStamps.settle(oldestPending, at: index)
        keyStamps.settle(oldestPending, at: index)
        oldestPending += 1
        applied = index
    }

    /// Takes back the newest pending proposal, exactly.
    public mutating func undo(_ undo: LedgerUndo) {
        precondition(pendingCount > 0 && undo.ordinal == nextOrdinal - 1, "an undo out of order")
        rollBack(undo)
        idStamps.undo(undo.ordinal)
        keyStamps.undo(undo.ordinal)
        nextOrdinal = undo.ordinal
    }

    /// Runs `work` as the next proposal. It stays pending if `work` says that it changed something; otherwise, or if
    /// `work` throws, nothing of it remains.
    mutating func propose(
        _ work: (inout LedgerState, inout LedgerUndo) throws(LedgerError) -> Bool
    ) throws(LedgerError) -> LedgerUndo? {
        var undo = beginUndo()
        let stamps = (idStamps, keyStamps)
        do {
            if try work(&self, &undo) {
                nextOrdinal += 1
                return undo
            }
        } catch {
            rollBack(undo)
            (idStamps, keyStamps) = stamps
            throw error
        }
        rollBack(undo)
        (idStamps, keyStamps) = stamps
        return nil
    }

    // MARK: Every node's way

    /// The entry at `index` changes nothing here: a no-op, or a `verify`.
    public mutating func advance(to index: LogIndex) {
        precondition(index == applied.next, "entry \(index) after \(applied)")
        applied = index
    }

    /// Takes a committed entry in. Nothing may be pending.
    ///
    /// After an error the state is as before; the entry then cannot be folded on any node, and the node must stop.
    public mutating func fold(_ command: Command, at index: LogIndex, sealer: Sealer) throws(LedgerError) {
        precondition(pendingCount == 0, "proposals are pending; undo them first")
        guard index == applied.next else { throw .outOfOrder(index: index, applied: applied) }
        if case .transactions(let time, let groups) = command {
            try fold(groups, timeMicroseconds: time, at: index, sealer: sealer)
        }
        applied = index
    }

    private mutating func fold(
        _ groups: [LedgerGroup], timeMicroseconds time: Int64, at index: LogIndex, sealer: Sealer
    ) throws(LedgerError) {
        guard time >= timeMicroseconds else { throw .timeWentBack(index: index) }
        // All that can fail comes before the first change that is not in `undo`.
        var events = try BodyReader(sealer: sealer).events(of: groups)
        var undo = beginUndo()
        let stamps = idStamps
        for record in groups.lazy.flatMap(\.records) {
            guard ids[record.id] == nil else {
                rollBack(undo)
                idStamps = stamps
                throw .repeatedID(index: index, id: record.id)
            }
            insert(record.id, record.fingerprint, .settled(index), &undo)
        }
        for event in events { profiles.fold(event) }
        events.removeAll()
        for group in groups {
            if let key = group.key { insert(key, time, .settled(index), &undo) }
        }
        timeMicroseconds = time
    }

    // MARK: The changes themselves

    /// Remembers an id, which must be new.
    mutating func insert(_ id: TransactionID, _ fingerprint: UInt64, _ mark: EntryMark, _ undo: inout LedgerUndo) {
        let change = ids.set(id, fingerprint)
        idStamps.mark(mark, rotating: change.isRotation)
        undo.ids.append(change)
        transactionCount += 1
    }

    mutating func insert(_ key: LedgerKey, _ time: Int64, _ mark: EntryMark, _ undo: inout LedgerUndo) {
        let known = KnownKey(
            first: key.first, count: key.count, fingerprint: key.fingerprint, acceptedAtMicroseconds: time)
        let change = keys.set(key.key, known)
        keyStamps.mark(mark, rotating: change.isRotation)
        undo.keys.append(change)
    }

    private func beginUndo() -> LedgerUndo {
        LedgerUndo(
            ordinal: nextOrdinal, previousTimeMicroseconds: timeMicroseconds,
            previousTransactionCount: transactionCount)
    }

    private mutating func rollBack(_ undo: LedgerUndo) {
        for change in undo.profiles.reversed() { profiles.undo(change) }
        for change in undo.keys.reversed() { keys.undo(change) }
        for change in undo.ids.reversed() { ids.undo(change) }
        timeMicroseconds = undo.previousTimeMicroseconds
        transactionCount = undo.previousTransactionCount
    }
}
