/// A member of the cluster: the number that people gave it, and its life.
///
/// A node that begins anew with an empty disk takes a new life. To consensus two lives of one number are two members:
/// what the old one had promised (its votes, its acknowledgements) is never expected of the new one, which has
/// forgotten it (B46).
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let numbers: ClosedRange<UInt64> = 1...0xFFFF
    public static let lives: ClosedRange<UInt64> = 0...0xFFFF_FFFF_FFFF

    /// The life in the upper 48 bits, the number in the lower 16.
    public let rawValue: UInt64

    /// A raw value that may have come from anywhere: nil if it holds no number.
    public init?(validating rawValue: UInt64) {
        guard rawValue & 0xFFFF != 0 else { return nil }
        self.rawValue = rawValue
    }

    public init(_ rawValue: UInt64) {
        precondition(rawValue & 0xFFFF != 0, "a node's number is from 1 to 65535")
        self.rawValue = rawValue
    }

    public init(number: UInt64, life: UInt64 = 0) {
        precondition(Self.numbers.contains(number), "a node's number is from 1 to 65535")
        precondition(Self.lives.contains(life), "a node's life has 48 bits")
        rawValue = life << 16 | number
    }

    /// What people configure and certificates name, 1...65535.
    public var number: UInt64 { rawValue & 0xFFFF }
    /// Zero for a founder, else random: which of the number's beginnings this is.
    public var life: UInt64 { rawValue >> 16 }

    public static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
    /// `n2` for a founder, `n2/1a2b` for a later life.
    public var description: String { life == 0 ? "n\(number)" : "n\(number)/\(String(life, radix: 16))" }
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
