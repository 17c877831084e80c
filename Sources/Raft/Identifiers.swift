/// A member of the cluster. Positive; unique for the life of the cluster.
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) {
        precondition(rawValue > 0, "a node id is positive")
        self.rawValue = rawValue
    }

    public static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
    public var description: String { "n\(rawValue)" }
}

/// A leader's reign: at most one leader is ever elected in a term. Zero is before any election.
public struct Term: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    public static let zero = Term(0)
    public var next: Term { Term(rawValue + 1) }
    public static func < (left: Term, right: Term) -> Bool { left.rawValue < right.rawValue }
    public var description: String { "t\(rawValue)" }
}

/// A position in the replicated log. The first entry stands at 1; zero is before it.
public struct LogIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    public static let zero = LogIndex(0)
    public var next: LogIndex { LogIndex(rawValue + 1) }
    public var previous: LogIndex {
        precondition(rawValue > 0, "nothing stands before index zero")
        return LogIndex(rawValue - 1)
    }

    /// The index `count` places further on.
    public func advanced(by count: Int) -> LogIndex { LogIndex(rawValue + UInt64(count)) }
    /// How many places lie between `earlier` and this index; `earlier` must not be later.
    public func distance(from earlier: LogIndex) -> Int { Int(rawValue - earlier.rawValue) }

    public static func < (left: LogIndex, right: LogIndex) -> Bool { left.rawValue < right.rawValue }
    public var description: String { "\(rawValue)" }
}

/// What a node must never forget: the term it has seen and its vote in that term.
public struct HardState: Equatable, Sendable {
    public var term: Term
    public var vote: NodeID?

    public init(term: Term = .zero, vote: NodeID? = nil) {
        self.term = term
        self.vote = vote
    }
}
