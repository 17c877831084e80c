package import Ledger
package import Raft

/// What the leader is asked to put into the log.
package enum Work: Sendable {
    case groups([IntakeGroup])
    /// At least one.
    case labels([IntakeLabel])
    /// At least one.
    case reviews([IntakeReview])
    case change(author: String, RegistryChange)
    /// What leaves the cluster; at least one.
    case outbox(author: String, [OutboxChange])
    /// An operator says where a stream goes on.
    case stream(author: String, StreamChange)
    /// A barrier at which every node computes its digest.
    case verification(id: UInt64)
}

/// What became of the work.
package enum WorkOutcome: Sendable {
    /// Committed at or below the index.
    case committed(LogIndex, WorkAnswer)
    case refused(WorkRefusal)
}

/// What the leader has to say of work that is committed.
package enum WorkAnswer: Sendable, Equatable {
    /// One for each group.
    case groups([GroupOutcome])
    /// One for each label.
    case labels([LabelOutcome])
    /// One for each review.
    case reviews([ReviewOutcome])
    case change(RegistryOutcome)
    /// One for each change.
    case outbox([OutboxOutcome])
    case stream(StreamChangeOutcome)
    /// Of a verification.
    case nothing
}

package enum WorkRefusal: UInt8, Sendable {
    /// Not the leader: nothing was taken.
    case notLeader = 1
    /// The leader lost its office while the work was under way: it may or may not have been taken.
    case leadershipLost
    /// The leader's queue is at its bound: nothing was taken.
    case overloaded
    /// Whether the work is a repetition, or what it is of, can't be told while the leader's PostgreSQL is away: nothing
    /// was taken.
    case lookUpUnavailable
    /// The leader can't open a body: the nodes' sealing keys differ. Nothing was taken.
    case unreadable
}

extension Work {
    var byteCount: Int {
        switch self {
        case .groups(let groups):
            groups.reduce(0) { total, group in
                let letters = group.stream?.deadLetters.reduce(128) { $0 + $1.content.count + 256 } ?? 0
                return total + letters + group.records.reduce(64) { $0 + $1.body.count + 72 }
            }
        // The leader adds the payments' bodies.
        case .labels(let labels): labels.count * 320
        case .reviews(let reviews): reviews.reduce(0) { $0 + 1_280 + ($1.note?.count ?? 0) }
        case .change(_, let change): change.byteCount
        case .outbox(_, let changes): changes.reduce(256) { $0 + $1.byteCount }
        case .stream: 1_024
        case .verification: 64
        }
    }

    var lane: IntakeState.Lane {
        switch self {
        case .groups(let groups):
            if groups.contains(where: { $0.stream != nil }) {
                .stream
            } else {
                groups.contains { $0.mayBeKnown || $0.key != nil } ? .repeatable : .new
            }
        case .stream: .stream
        case .labels, .reviews, .change: .detection
        case .outbox: .outbox
        case .verification: .repeatable
        }
    }

    /// The ids may be known, and all of them are to be looked up. Those of a stream need not: were they taken, the stream
    /// would not go on where they begin.
    func markedAsRepetition() -> Work {
        guard case .groups(var groups) = self else { return self }
        for position in groups.indices where groups[position].stream == nil { groups[position].mayBeKnown = true }
        return .groups(groups)
    }

    /// Both may be one: two of groups, or two of labels.
    func isJoinable(with other: Work) -> Bool {
        switch (self, other) {
        case (.groups, .groups), (.labels, .labels): true
        default: false
        }
    }

    /// Works of which all are joinable, as one, in their order.
    static func joined(_ works: [Work]) -> Work {
        guard works.count > 1 else { return works[0] }
        var groups: [IntakeGroup] = []
        var labels: [IntakeLabel] = []
        for work in works {
            switch work {
            case .groups(let own): groups += own
            case .labels(let own): labels += own
            case .reviews, .change, .outbox, .stream, .verification: preconditionFailure("such work travels alone")
            }
        }
        precondition(groups.isEmpty || labels.isEmpty, "work of two kinds is not joined")
        return groups.isEmpty ? .labels(labels) : .groups(groups)
    }
}

extension WorkAnswer {
    /// Takes the answer to `work` off the front of the answer to work that it was joined to; nil if it is too short, or of
    /// another kind.
    mutating func removeFirst(for work: Work) -> WorkAnswer? {
        switch (work, self) {
        case (.groups(let groups), .groups(let outcomes)):
            guard outcomes.count >= groups.count else { return nil }
            self = .groups(Array(outcomes.dropFirst(groups.count)))
            return .groups(Array(outcomes.prefix(groups.count)))
        case (.labels(let labels), .labels(let outcomes)):
            guard outcomes.count >= labels.count else { return nil }
            self = .labels(Array(outcomes.dropFirst(labels.count)))
            return .labels(Array(outcomes.prefix(labels.count)))
        case (.reviews(let reviews), .reviews(let outcomes)): return reviews.count == outcomes.count ? self : nil
        case (.outbox(_, let changes), .outbox(let outcomes)): return changes.count == outcomes.count ? self : nil
        case (.change, .change), (.stream, .stream), (.verification, .nothing): return self
        default: return nil
        }
    }
}
