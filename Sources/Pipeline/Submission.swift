public import Detection
public import Ledger

/// One transaction as a client sent it: checked, but not yet sealed, ordered or scored.
public struct SubmittedTransaction: Sendable, Equatable {
    public let transaction: Transaction
    /// The client's own id, given so that a retry of the same request has its effect once; nil: the node makes one.
    public let id: TransactionID?
    /// The client said when it occurred; else the node put in its own time, which a repetition will not have.
    public let isOccurrenceGiven: Bool

    public init(transaction: Transaction, id: TransactionID? = nil, isOccurrenceGiven: Bool = true) {
        self.transaction = transaction
        self.id = id
        self.isOccurrenceGiven = isOccurrenceGiven
    }
}

/// The transactions of one client request, taken all or not at all.
public struct Submission: Sendable, Equatable {
    /// Whose token carried the request. An idempotency key means something only together with its subject.
    public let subject: String
    /// 1...255 visible ASCII characters.
    public let idempotencyKey: String?
    /// At least one.
    public let transactions: [SubmittedTransaction]
    /// The client waits for decisions: the verdicts of duplicates are filled in too.
    public let wantsVerdicts: Bool
    /// How long the node may carry the request, elections included, before it gives up.
    public let deadlineMilliseconds: Int

    public init(
        subject: String, idempotencyKey: String?, transactions: [SubmittedTransaction], wantsVerdicts: Bool,
        deadlineMilliseconds: Int
    ) {
        precondition(!transactions.isEmpty, "a submission carries at least one transaction")
        self.subject = subject
        self.idempotencyKey = idempotencyKey
        self.transactions = transactions
        self.wantsVerdicts = wantsVerdicts
        self.deadlineMilliseconds = deadlineMilliseconds
    }
}

/// What the detectors said of one transaction.
public struct Judgement: Sendable, Equatable {
    public let decision: Decision
    /// 0...1.
    public let score: Float
    /// The reasons as the text of a JSON array, as it is replicated and stored.
    public let reasonsJSON: [UInt8]

    public init(decision: Decision, score: Float, reasonsJSON: [UInt8]) {
        self.decision = decision
        self.score = score
        self.reasonsJSON = reasonsJSON
    }
}

/// What became of a submission: it is committed on a majority.
public struct SubmissionReceipt: Sendable, Equatable {
    /// What became of one transaction.
    public struct Item: Sendable, Equatable {
        public let id: TransactionID
        /// It had been taken before; this request changed nothing for it.
        public let isDuplicate: Bool
        /// Nil for a duplicate, unless verdicts are wanted.
        public let verdict: Judgement?

        public init(id: TransactionID, isDuplicate: Bool, verdict: Judgement?) {
            self.id = id
            self.isDuplicate = isDuplicate
            self.verdict = verdict
        }
    }

    /// In the order of the submission. For a repeated idempotency key: those of the first request.
    public let items: [Item]
    /// The log index at or below which all of them are committed.
    public let commitIndex: UInt64

    public init(items: [Item], commitIndex: UInt64) {
        self.items = items
        self.commitIndex = commitIndex
    }
}

/// Why the node did not do what a request asked for.
public enum BackendError: Error, Sendable, Equatable {
    /// No leader, no quorum, PostgreSQL away, or the node is stopping. Nothing of the request was taken.
    case unavailable(reason: String, retryAfterSeconds: Int)
    /// A queue of the node is at its bound. Nothing of the request was taken.
    case overloaded(reason: String, retryAfterSeconds: Int)
    /// The deadline passed while the outcome was open: the request may or may not have been taken. Safe to repeat with
    /// the same idempotency key or the same transaction ids.
    case deadlineExceeded
    /// The subject has used the idempotency key for a request with other content.
    case idempotencyKeyReused
    /// These transaction ids have been used for other content. Nothing of the request was taken.
    case transactionIDReused([TransactionID])
    /// The request cannot be carried out as it stands; the fields are named.
    case invalid([InvalidField])
    /// There is no such thing: "model 0123456789abcdef". Nothing was changed.
    case notFound(what: String)
    /// The rules can't be used as they stand. Line and column count from 1.
    case invalidRules(line: Int?, column: Int?, reason: String)
    /// The cluster's present state does not allow it. Nothing of the request was taken. The text tells the particulars,
    /// without the full stop: "node 4 lacks 3012 entries".
    case conflict(code: ConflictCode, detail: String)
    /// A fault of the node's own. The text is for its log, never for a client.
    case `internal`(String)
}
