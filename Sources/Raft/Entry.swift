/// What an entry is for. Consensus treats all kinds alike; only the driver and the state machine look inside.
public enum EntryKind: UInt8, Sendable {
    /// Written by a new leader, so that it can commit what its predecessors left.
    case noop = 0
    /// A command of the state machine.
    case command = 1
}

/// What consensus needs to know of an entry. The payload itself stays with the driver: it is found by its index.
public struct EntryOutline: Equatable, Sendable {
    public var term: Term
    public var kind: EntryKind
    /// Payload size, for flow control.
    public var byteCount: Int

    public init(term: Term, kind: EntryKind, byteCount: Int) {
        self.term = term
        self.kind = kind
        self.byteCount = byteCount
    }
}
