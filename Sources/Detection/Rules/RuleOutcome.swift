/// What the rules of one phase say of one payment.
public struct RuleOutcome: Sendable, Equatable {
    /// 1 - Π(1 - points) over the live rules that fired: each takes its share of the doubt that is left. 0...1.
    public internal(set) var points: Double
    /// What the deciding rule says, if a live rule with a decision fired.
    public internal(set) var decision: Decision?
    /// The deciding rule's priority; meaningful only beside `decision`.
    public internal(set) var priority: Int
    /// Why: of the deciding rule first, then of the others that fired, by priority; at most `maximumReasons`.
    public internal(set) var reasons: [Reason]
    /// What the rules in shadow mode would have said, by priority; at most `maximumReasons`.
    public internal(set) var shadowHits: [ShadowHit]

    public static let maximumReasons = 16

    /// The deciding rule approves: neither points nor models count against that.
    public var allowed: Bool { decision == .approve }

    /// Nothing fired.
    public static let none = RuleOutcome()

    init(
        points: Double = 0, decision: Decision? = nil, priority: Int = 0, reasons: [Reason] = [],
        shadowHits: [ShadowHit] = []
    ) {
        self.points = points
        self.decision = decision
        self.priority = priority
        self.reasons = reasons
        self.shadowHits = shadowHits
    }

    /// This phase's outcome and a later one's, as one.
    public func combined(with later: RuleOutcome) -> RuleOutcome {
        var all = self
        all.points = 1 - (1 - points) * (1 - later.points)
        let laterDecides = later.outranks(self)
        if laterDecides {
            all.decision = later.decision
            all.priority = later.priority
        }
        all.reasons = Array(
            (laterDecides ? later.reasons + reasons : reasons + later.reasons).prefix(Self.maximumReasons))
        all.shadowHits = Array((shadowHits + later.shadowHits).prefix(Self.maximumReasons))
        return all
    }

    private func outranks(_ other: RuleOutcome) -> Bool {
        guard let decision else { return false }
        guard let against = other.decision else { return true }
        return RuleRank(priority, decision) > RuleRank(other.priority, against)
    }
}

/// A rule in shadow mode that fired.
public struct ShadowHit: Sendable, Equatable {
    /// The rule's id.
    public let rule: String
    /// What it would have added, 0...1.
    public let points: Double
    /// What it would have decided, if it decides.
    public let decision: Decision?

    public init(rule: String, points: Double, decision: Decision?) {
        self.rule = rule
        self.points = points
        self.decision = decision
    }
}

/// Which of several decisions counts: that of the highest priority; among equals an allow list overrides a block,
/// and a block a review.
struct RuleRank: Comparable {
    let priority: Int
    let weight: Int

    init(_ priority: Int, _ decision: Decision) {
        self.priority = priority
        weight =
            switch decision {
            case .approve: 2
            case .block: 1
            case .review: 0
            }
    }

    static func < (left: Self, right: Self) -> Bool { (left.priority, left.weight) < (right.priority, right.weight) }
}
