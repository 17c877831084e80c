public import Detection
public import Raft

/// An alert as the database holds it.
public struct StoredAlert: Sendable, Equatable {
    /// Among all alerts.
    public let position: OutboxPosition
    /// The time of the entry, microseconds since 1970 UTC.
    public let createdAtMicroseconds: Int64
    public let userKey: UInt64
    public let standing: AlertStanding
    /// What it is about.
    public let transaction: StoredTransaction
}

/// A review as the database holds it.
public struct StoredReview: Sendable, Equatable {
    /// Counts an alert's reviews, from 1.
    public let revision: UInt32
    public let reviewedAtMicroseconds: Int64
    public let author: String
    /// As `ReviewAction.name` spells it.
    public let action: String
    /// Afterwards.
    public let state: AlertState
    public let assignee: String?
    public let number: UInt128
    /// Sealed; see `ReviewNote`.
    public let note: [UInt8]?
    public let logIndex: LogIndex
}

/// An alert with all that was done with it: the newest `reviewsKept` reviews, oldest first.
public struct StoredAlertHistory: Sendable, Equatable {
    public static let reviewsKept = 200

    public let alert: StoredAlert
    public let reviews: [StoredReview]
}

/// Which alerts are wanted; all conditions must hold.
public struct AlertFilter: Sendable, Equatable {
    public var state: AlertState?
    public var decision: Decision?
    public var userKey: UInt64?
    /// Not before; microseconds since 1970 UTC, of the alert.
    public var fromMicroseconds: Int64?
    /// Before; likewise.
    public var toMicroseconds: Int64?

    public init(
        state: AlertState? = nil, decision: Decision? = nil, userKey: UInt64? = nil, fromMicroseconds: Int64? = nil,
        toMicroseconds: Int64? = nil
    ) {
        self.state = state
        self.decision = decision
        self.userKey = userKey
        self.fromMicroseconds = fromMicroseconds
        self.toMicroseconds = toMicroseconds
    }
}

/// One page of an answer, newest first.
public struct StoredAlertPage: Sendable, Equatable {
    public let alerts: [StoredAlert]
    /// Asks for the next page, under the same filter; nil at the end.
    public let next: AlertCursor?
    /// The database stood at this entry when it answered.
    public let applied: LogIndex
}

/// Alerts in the order of the log.
public struct StoredAlerts: Sendable, Equatable {
    public let alerts: [StoredAlert]
    /// The database stood at this entry when it answered: unless there are more, it holds none between the last one and
    /// here.
    public let applied: LogIndex
    /// There are more behind the last one.
    public let hasMore: Bool
}

/// A place between two alerts, the last one already seen: its time and its position, written "time-index.ordinal".
public struct AlertCursor: Sendable, Equatable, CustomStringConvertible {
    public let createdAtMicroseconds: Int64
    public let position: OutboxPosition

    public init(createdAtMicroseconds: Int64, position: OutboxPosition) {
        self.createdAtMicroseconds = createdAtMicroseconds
        self.position = position
    }

    /// Reads what `description` writes; throws `LedgerStoreError.invalidCursor` for anything else.
    public init(_ text: String) throws(LedgerStoreError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), let position = OutboxPosition(parts[1]) else {
            throw .invalidCursor(reason: "it was not made by this server")
        }
        self.init(createdAtMicroseconds: time, position: position)
    }

    public var description: String { "\(createdAtMicroseconds)-\(position)" }
}
