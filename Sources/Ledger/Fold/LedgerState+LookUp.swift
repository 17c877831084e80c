import Detection
public import Raft

extension LedgerState {
    /// What the memories may have forgotten came from entries up to here; zero while nothing was forgotten. A database that
    /// has applied the log through here knows all of it.
    ///
    /// `LogIndex(.max)` while the newest forgotten entry is itself a proposal that is not committed yet: no database can
    /// know it. That takes more pending transactions than half the configured memory, and passes.
    public var evictedThrough: LogIndex {
        guard let ids = idStamps.evicted.index, let keys = keyStamps.evicted.index else { return LogIndex(.max) }
        return max(ids, keys)
    }

    /// Whether the group's ids and key must be looked up in a database before it is taken: something was forgotten, and the
    /// memories neither know all of its ids (if they may have come before) nor its key.
    public func needsLookUp(_ group: IntakeGroup) -> Bool {
        if let key = group.key, keyStamps.evicted.index != .zero, keys[key] == nil { return true }
        guard group.mayBeKnown, idStamps.evicted.index != .zero else { return false }
        return group.records.contains { ids[$0.id] == nil }
    }

    /// Whether a database's answer still covers all that was forgotten. To be asked right before `take`: in the meantime
    /// more may have been forgotten.
    public func isCovered(by known: KnownDuplicates) -> Bool { evictedThrough <= known.through }
}
