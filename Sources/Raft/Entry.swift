/// What an entry is for. But for memberships, consensus treats all kinds alike; the driver and the state machine look
/// inside.
public enum EntryKind: UInt8, Sendable {
    /// Written by a new leader, so that it can commit what its predecessors left.
    case noop = 0
    /// A command of the state machine.
    case command = 1
    /// Who belongs to the cluster from this entry on. Its payload is `Membership.encode()`.
    case membership = 2
}

/// What consensus needs to know of an entry. The payload itself stays with the driver: it is found by its index.
public struct EntryOutline: Equatable, Sendable {
    /// Boxed, because nearly no entry has one.
    private final class Box: Sendable {
        let membership: Membership
        init(_ membership: Membership) { self.membership = membership }
    }

    public let term: Term
    public let kind: EntryKind
    /// Payload size, for flow control.
    public let byteCount: Int
    private let box: Box?

    /// Of the kind `.membership`, and of no other.
    public var membership: Membership? { box?.membership }

    public init(term: Term, kind: EntryKind, byteCount: Int, membership: Membership?) {
        precondition((kind == .membership) == (membership != nil), "membership entries, and no others, hold one")
        self.term = term
        self.kind = kind
        self.byteCount = byteCount
        self.box = membership.map(Box.init)
    }

    /// Of any kind but `.membership`.
    public init(term: Term, kind: EntryKind, byteCount: Int) {
        precondition(kind != .membership, "membership entries hold one")
        self.term = term
        self.kind = kind
        self.byteCount = byteCount
        self.box = nil
    }

    public init(term: Term, membership: Membership) {
        self.init(term: term, kind: .membership, byteCount: membership.encode().count, membership: membership)
    }

    public static func == (left: EntryOutline, right: EntryOutline) -> Bool {
        left.term == right.term && left.kind == right.kind && left.byteCount == right.byteCount
            && (left.box === right.box || left.membership == right.membership)
    }
}
