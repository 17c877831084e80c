public import Detection
public import Ledger

/// What somebody wants done with an alert.
public struct ReviewRequest: Sendable, Equatable {
    public let action: ReviewAction
    /// At most `ReviewNote.maximumBytes` bytes; `.note` must have one.
    public let note: String?
    /// Only if so many reviews came before it; nil: in any case.
    public let expectedRevision: UInt32?
    /// The caller's own, so that a repetition of the request changes nothing; nil: the node makes one.
    public let number: UInt128?

    public init(
        action: ReviewAction, note: String? = nil, expectedRevision: UInt32? = nil, number: UInt128? = nil
    ) {
        self.action = action
        self.note = note
        self.expectedRevision = expectedRevision
        self.number = number
    }
}

/// What became of a review: it is committed on a majority.
public struct ReviewReceipt: Sendable, Equatable {
    /// How the alert stands now.
    public let standing: AlertStanding
    /// What a verdict did as a label of the payment; nil: it was none, or the review was made before.
    public let label: LabelOutcome?
    /// This very review was made before.
    public let isRepeated: Bool
    /// The log index at or below which it is committed.
    public let commitIndex: UInt64

    public init(standing: AlertStanding, label: LabelOutcome?, isRepeated: Bool, commitIndex: UInt64) {
        self.standing = standing
        self.label = label
        self.isRepeated = isRepeated
        self.commitIndex = commitIndex
    }
}

/// A payment that was not approved, opened.
public struct AlertView: Sendable, Equatable {
    /// Among all alerts. With the transaction's id it names the alert for good: whoever gets it twice can tell.
    public let position: OutboxPosition
    public let createdAtMicroseconds: Int64
    /// Blinded; equal for equal users.
    public let userKey: UInt64
    public let standing: AlertStanding
    public let transaction: TransactionView

    public init(
        position: OutboxPosition, createdAtMicroseconds: Int64, userKey: UInt64, standing: AlertStanding,
        transaction: TransactionView
    ) {
        self.position = position
        self.createdAtMicroseconds = createdAtMicroseconds
        self.userKey = userKey
        self.standing = standing
        self.transaction = transaction
    }
}

/// One thing that was done with an alert.
public struct ReviewView: Sendable, Equatable {
    /// Counts an alert's reviews, from 1.
    public let revision: UInt32
    public let reviewedAtMicroseconds: Int64
    public let author: String
    /// "assign", "confirm", "dismiss" or "note".
    public let action: String
    /// Afterwards.
    public let state: AlertState
    public let assignee: String?
    public let note: String?
    public let logIndex: UInt64

    public init(
        revision: UInt32, reviewedAtMicroseconds: Int64, author: String, action: String, state: AlertState,
        assignee: String?, note: String?, logIndex: UInt64
    ) {
        self.revision = revision
        self.reviewedAtMicroseconds = reviewedAtMicroseconds
        self.author = author
        self.action = action
        self.state = state
        self.assignee = assignee
        self.note = note
        self.logIndex = logIndex
    }
}

/// An alert and what was done with it.
public struct AlertHistoryView: Sendable, Equatable {
    public let alert: AlertView
    /// The newest 200, oldest first.
    public let reviews: [ReviewView]

    public init(alert: AlertView, reviews: [ReviewView]) {
        self.alert = alert
        self.reviews = reviews
    }
}

/// Which alerts to list, newest first.
public struct AlertQuery: Sendable, Equatable {
    public var state: AlertState?
    public var decision: Decision?
    public var userID: String?
    /// Inclusive; of the alert, not of the payment.
    public var fromMicroseconds: Int64?
    /// Exclusive.
    public var toMicroseconds: Int64?
    /// 1...1000.
    public var limit: Int
    /// The last alert of the page before; the page starts strictly after it.
    public var after: AlertCursor?

    public init(
        state: AlertState? = nil, decision: Decision? = nil, userID: String? = nil, fromMicroseconds: Int64? = nil,
        toMicroseconds: Int64? = nil, limit: Int = 100, after: AlertCursor? = nil
    ) {
        self.state = state
        self.decision = decision
        self.userID = userID
        self.fromMicroseconds = fromMicroseconds
        self.toMicroseconds = toMicroseconds
        self.limit = limit
        self.after = after
    }
}

/// One page of a list.
public struct AlertPage: Sendable, Equatable {
    public let alerts: [AlertView]
    /// Where the next page starts; nil: this was the last.
    public let next: AlertCursor?

    public init(alerts: [AlertView], next: AlertCursor?) {
        self.alerts = alerts
        self.next = next
    }
}
