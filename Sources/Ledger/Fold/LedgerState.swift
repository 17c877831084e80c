public import Detection
public import Raft
public import Security

/// What every node folds out of the log: which transactions, keys and labels were taken lately, the profiles of users and
/// merchants, and what payments are judged by.
///
/// Equal on all nodes at the same index, to the byte (`encode`). Not for sharing between threads: a copy shares its
/// storage, and the first write after copying copies whole memories.
///
/// Entries reach it on one of two ways, each in log order without gaps:
/// - a follower, or a node replaying its log, calls `fold` for each `command` entry that is committed and `advance` for
///   each other one;
/// - a leader calls `take` (or `takeLabels`, `takeChange` …) before the entry exists, then `confirm` when the entry is committed, or `undo`, newest first,
///   for all that is not confirmed when it stops leading. Before its first `take` it must have folded everything up to
///   and including the no-op of its own term, or it could take again what its predecessor's last entries hold.
public struct LedgerState: Sendable {
    public let configuration: LedgerConfiguration
    /// The last entry folded or confirmed.
    public internal(set) var applied = LogIndex.zero
    /// Time of the last entry that moves it, a leader's proposals included. Verifications don't.
    public internal(set) var timeMicroseconds: Int64 = 0
    /// Transactions taken since the log began, a leader's proposals included.
    public internal(set) var transactionCount: UInt64 = 0
    var ids: GenerationalMap<TransactionID, UInt64>
    var keys: GenerationalMap<IdempotencyKey, KnownKey>
    /// What the newest label of a payment says, for payments labelled lately.
    var verdicts: GenerationalMap<TransactionID, Verdict>
    /// What became of labels that were taken lately, by their numbers.
    var takenLabels: GenerationalMap<UInt64, LabelOutcome>
    /// Where alerts stand that were reviewed lately.
    var standings: GenerationalMap<TransactionID, AlertStanding>
    public internal(set) var profiles: Profiles
    /// What payments are judged by, a leader's proposals included.
    public internal(set) var registry = DetectionRegistry()
    var reports = ModelReports()
    /// How far each stream has been taken, a leader's proposals included.
    public internal(set) var streams = StreamOffsets()
    /// Of the registry, without what is pending.
    public internal(set) var changes = SettledChanges()
    /// What leaves the cluster, and how far it has come, a leader's proposals included.
    public internal(set) var outbox = Outbox()
    var idStamps = EvictionStamps()
    var keyStamps = EvictionStamps()
    var verdictStamps = EvictionStamps()
    var standingStamps = EvictionStamps()

    /// Proposals neither confirmed nor undone have the ordinals from `oldestPending` up to `nextOrdinal`.
    private var oldestPending: UInt64 = 0
    private var nextOrdinal: UInt64 = 0
    /// The pending ones that change the registry, and the revision that they bring.
    private var pendingRevisions: [(ordinal: UInt64, revision: UInt64)] = []

    public init(configuration: LedgerConfiguration = LedgerConfiguration()) {
        self.configuration = configuration
        ids = GenerationalMap(capacity: configuration.transactionIDs)
        keys = GenerationalMap(capacity: configuration.idempotencyKeys)
        verdicts = GenerationalMap(capacity: configuration.labels)
        takenLabels = GenerationalMap(capacity: configuration.labels)
        standings = GenerationalMap(capacity: configuration.labels)
        profiles = Profiles(users: configuration.users, merchants: configuration.merchants)
    }

    /// How this model does; nil: it is not kept.
    public func report(of model: ModelID) -> ModelReport? { reports[model] }

    /// Proposals of a leader that are neither confirmed nor undone.
    public var pendingCount: Int { Int(nextOrdinal - oldestPending) }

    // MARK: The leader's way

    /// The oldest pending proposal is committed at `index`, which must follow `applied`.
    public mutating func confirm(at index: LogIndex) {
        precondition(pendingCount > 0, "nothing is pending")
        precondition(index == applied.next, "entry \(index) confirmed after \(applied)")
        idStamps.settle(oldestPending, at: index)
        keyStamps.settle(oldestPending, at: index)
        verdictStamps.settle(oldestPending, at: index)
        standingStamps.settle(oldestPending, at: index)
        if let first = pendingRevisions.first, first.ordinal == oldestPending {
            pendingRevisions.removeFirst()
            changes.note(first.revision, at: index)
        }
        oldestPending += 1
        applied = index
    }

    /// Takes back the newest pending proposal, exactly.
    public mutating func undo(_ undo: LedgerUndo) {
        precondition(pendingCount > 0 && undo.ordinal == nextOrdinal - 1, "an undo out of order")
        rollBack(undo)
        idStamps.undo(undo.ordinal)
        keyStamps.undo(undo.ordinal)
        verdictStamps.undo(undo.ordinal)
        standingStamps.undo(undo.ordinal)
        if pendingRevisions.last?.ordinal == undo.ordinal { pendingRevisions.removeLast() }
        nextOrdinal = undo.ordinal
    }

    /// Runs `work` as the next proposal. It stays pending if `work` says that it changed something; otherwise, or if
    /// `work` throws, nothing of it remains.
    mutating func propose(
        _ work: (inout LedgerState, inout LedgerUndo) throws(LedgerError) -> Bool
    ) throws(LedgerError) -> LedgerUndo? {
        var undo = beginUndo()
        let stamps = (idStamps, keyStamps, verdictStamps, standingStamps)
        do {
            if try work(&self, &undo) {
                if undo.registry != nil { pendingRevisions.append((nextOrdinal, registry.revision)) }
                nextOrdinal += 1
                return undo
            }
        } catch {
            rollBack(undo)
            (idStamps, keyStamps, verdictStamps, standingStamps) = stamps
            throw error
        }
        rollBack(undo)
        (idStamps, keyStamps, verdictStamps, standingStamps) = stamps
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
        if let time = command.timeThatMoves, time < timeMicroseconds { throw .timeWentBack(index: index) }
        switch command {
        case .transactions(let time, let groups, let models):
            try fold(groups, models, timeMicroseconds: time, at: index, sealer: sealer)
        case .labels(let time, let labels):
            try fold(labels, at: .settled(index), sealer: sealer)
            timeMicroseconds = time
        case .reviews(let time, let reviews):
            try fold(reviews, at: .settled(index), sealer: sealer)
            timeMicroseconds = time
        case .change(let time, let author, let change):
            guard case .changed = registry.apply(change, author: author, timeMicroseconds: time) else {
                throw .impossibleChange(index: index)
            }
            reports.keep(registry)
            changes.note(registry.revision, at: index)
            timeMicroseconds = time
        case .outbox(let time, let author, let changes):
            guard fold(changes, author: author, timeMicroseconds: time) else { throw .impossibleChange(index: index) }
            timeMicroseconds = time
        case .stream(let time, _, let change):
            guard streams.make(change).undo != nil else { throw .impossibleChange(index: index) }
            timeMicroseconds = time
        case .verify: break
        }
        applied = index
    }

    private mutating func fold(
        _ groups: [LedgerGroup], _ models: JudgingModels, timeMicroseconds time: Int64, at index: LogIndex,
        sealer: Sealer
    ) throws(LedgerError) {
        // All that can fail comes before the first change that is not in `undo`.
        var events = try BodyReader(sealer: sealer).events(of: groups)
        var undo = beginUndo()
        let stamps = idStamps
        for source in groups.lazy.compactMap(\.source) {
            if let refusal = streams.refusal(of: source) {
                rollBack(undo)
                throw .streamOutOfPlace(index: index, partition: source.partition, refusal)
            }
            undo.streams.append(streams.advance(source))
        }
        for record in groups.lazy.flatMap(\.records) {
            guard ids[record.id] == nil else {
                rollBack(undo)
                idStamps = stamps
                throw .repeatedID(index: index, id: record.id)
            }
            insert(record.id, record.fingerprint, .settled(index), &undo)
        }
        // What was known before each payment is the same here as it was for the leader that observed it.
        for (event, record) in zip(events, groups.lazy.flatMap(\.records)) {
            profiles.fold(event, record.token ?? profiles.observe(event).token)
        }
        events.removeAll()
        for group in groups {
            if let key = group.key { insert(key, time, .settled(index), &undo) }
        }
        reports.note(groups.lazy.flatMap(\.records), models)
        timeMicroseconds = time
    }

    mutating func fold(_ labels: [LedgerLabel], at mark: EntryMark, sealer: Sealer) throws(LedgerError) {
        let events = try BodyReader(sealer: sealer).events(of: labels)
        for (label, event) in zip(labels, events) {
            profiles.fold(event)
            let change = verdicts.set(label.id, label.verdict)
            verdictStamps.mark(mark, rotating: change.isRotation, at: timeMicroseconds)
            if let number = label.number { _ = takenLabels.set(number, label.outcome) }
            reports.note(label)
        }
    }

    // MARK: The changes themselves

    /// Remembers an id, which must be new.
    mutating func insert(_ id: TransactionID, _ fingerprint: UInt64, _ mark: EntryMark, _ undo: inout LedgerUndo) {
        let change = ids.set(id, fingerprint)
        idStamps.mark(mark, rotating: change.isRotation, at: timeMicroseconds)
        undo.ids.append(change)
        transactionCount += 1
    }

    mutating func insert(_ key: LedgerKey, _ time: Int64, _ mark: EntryMark, _ undo: inout LedgerUndo) {
        let known = KnownKey(
            first: key.first, count: key.count, fingerprint: key.fingerprint, acceptedAtMicroseconds: time)
        let change = keys.set(key.key, known)
        keyStamps.mark(mark, rotating: change.isRotation, at: timeMicroseconds)
        undo.keys.append(change)
    }

    /// Remembers a label, and what it says of its payment, whose newest it is.
    mutating func insert(_ label: LedgerLabel, _ mark: EntryMark, _ undo: inout LedgerUndo) {
        let change = verdicts.set(label.id, label.verdict)
        verdictStamps.mark(mark, rotating: change.isRotation, at: timeMicroseconds)
        undo.verdicts.append(change)
        if let number = label.number { undo.takenLabels.append(takenLabels.set(number, label.outcome)) }
    }

    /// Remembers where an alert stands.
    mutating func insert(_ id: TransactionID, _ standing: AlertStanding, _ mark: EntryMark, _ undo: inout LedgerUndo) {
        let change = standings.set(id, standing)
        standingStamps.mark(mark, rotating: change.isRotation, at: timeMicroseconds)
        undo.standings.append(change)
    }

    private func beginUndo() -> LedgerUndo {
        LedgerUndo(
            ordinal: nextOrdinal, previousTimeMicroseconds: timeMicroseconds,
            previousTransactionCount: transactionCount, previousReports: reports)
    }

    private mutating func rollBack(_ undo: LedgerUndo) {
        for change in undo.profiles.reversed() { profiles.undo(change) }
        for change in undo.standings.reversed() { standings.undo(change) }
        for change in undo.takenLabels.reversed() { takenLabels.undo(change) }
        for change in undo.verdicts.reversed() { verdicts.undo(change) }
        for change in undo.keys.reversed() { keys.undo(change) }
        for change in undo.ids.reversed() { ids.undo(change) }
        for change in undo.streams.reversed() { streams.undo(change) }
        timeMicroseconds = undo.previousTimeMicroseconds
        transactionCount = undo.previousTransactionCount
        reports = undo.previousReports
        if let registry = undo.registry { self.registry = registry }
        if let outbox = undo.outbox { self.outbox = outbox }
    }
}
