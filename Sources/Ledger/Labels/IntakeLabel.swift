public import Detection
public import Raft

/// What somebody says of a payment afterwards, on its way to the leader.
public struct IntakeLabel: Sendable, Equatable {
    /// Of this saying, and of no other: when it has to be carried to the leader again it is known by it. The ledger remembers
    /// the numbers of the labels that were taken last, `LedgerConfiguration.labels` of them at most, half at least.
    public let number: UInt64
    /// The payment's.
    public let id: TransactionID
    public let verdict: Verdict
    /// Who says so; 1...`maximumSourceBytes` bytes without control characters.
    public let source: String
    /// When it was found out; microseconds since 1970 UTC, within `PaymentEvent.occurredAtRange`.
    public let labelledAtMicroseconds: Int64

    public static let maximumSourceBytes = 64

    public init(
        number: UInt64 = .random(in: .min ... .max), id: TransactionID, verdict: Verdict, source: String,
        labelledAtMicroseconds: Int64
    ) {
        self.number = number
        self.id = id
        self.verdict = verdict
        self.source = source
        self.labelledAtMicroseconds = labelledAtMicroseconds
    }

    /// Whether `source` may be a label's.
    public static func isValid(source: String) -> Bool {
        1...maximumSourceBytes ~= source.utf8.count && !source.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }
}

/// What became of a label. Final once the entry that carries it is committed.
public enum LabelOutcome: UInt8, Sendable, CaseIterable {
    /// The payment had none before.
    case accepted = 0
    /// The payment had another verdict before, whose effect is taken back.
    case changed = 1
    /// The payment has this verdict already: nothing was done.
    case unchanged = 2
    case unknownTransaction = 3
}

/// What a database knows of a payment that is to be labelled, or of whose alert something is said.
public struct KnownPayment: Sendable, Equatable {
    public let userKey: UInt64
    /// Sealed, as in `LedgerRecord`.
    public let body: [UInt8]
    /// How it was judged.
    public let judged: JudgedPayment
    /// Of its newest label.
    public let verdict: Verdict?
    /// Where its alert stands; nil: it is none.
    public let alert: AlertStanding?

    public init(
        userKey: UInt64, body: [UInt8], judged: JudgedPayment, verdict: Verdict?, alert: AlertStanding? = nil
    ) {
        self.userKey = userKey
        self.body = body
        self.judged = judged
        self.verdict = verdict
        self.alert = alert
    }
}

/// Which models a payment was judged by, and whether they would have had somebody look at it.
public struct JudgedPayment: Sendable, Equatable {
    /// Nil: rules alone.
    public let model: ModelID?
    /// Decided otherwise than approve.
    public let isFlagged: Bool
    public let shadowModel: ModelID?
    public let isFlaggedByShadow: Bool

    public init(
        model: ModelID? = nil, isFlagged: Bool = false, shadowModel: ModelID? = nil, isFlaggedByShadow: Bool = false
    ) {
        self.model = model
        self.isFlagged = isFlagged
        self.shadowModel = shadowModel
        self.isFlaggedByShadow = isFlaggedByShadow
    }
}

/// A database's answer about payments that are to be labelled.
public struct KnownPayments: Sendable, Equatable {
    public var payments: [TransactionID: KnownPayment]
    /// The database had applied the log through here when it answered.
    public var through: LogIndex

    public init(payments: [TransactionID: KnownPayment] = [:], through: LogIndex = .zero) {
        self.payments = payments
        self.through = through
    }
}
