/// One request on the wire as its client saw it. chaos/HISTORY.md describes the fields.
package struct CallRecord: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
        /// A payment with an id of the client's own.
        case pay
        /// A payment that an idempotency key names.
        case payKeyed = "pay_keyed"
        /// Many payments, all or none.
        case batch
        /// A payment that must be refused: it has a fault.
        case payInvalid = "pay_invalid"
        /// Writes a register: the label of a payment.
        case label
        /// Reads a payment, with all in it that was acknowledged before.
        case read
        /// Reads a payment as the node has it.
        case readLocal = "read_local"
        /// A payment as a record on the topic.
        case stream
        /// A record on the topic that is no payment.
        case poison
    }

    /// Who says `ok` to a payment, where it is not the ledger.
    package enum Acknowledger: String, Codable, Sendable {
        /// It is on the topic; the ledger takes it from there.
        case brokers
    }

    package enum Outcome: String, Codable, Sendable {
        /// The node said yes.
        case ok
        /// The node said no, or was not reached: nothing has happened, and nothing will.
        case refused
        /// Nobody knows: it may have happened, may happen yet, or never.
        case unknown
    }

    package var number: Int
    /// Tries of one call have the same.
    package var operation: Int
    package var client: Int
    /// `brokers` for a record on the topic.
    package var node: Int
    package var kind: Kind
    /// Microseconds since the run began.
    package var sent: Int64
    package var ended: Int64
    package var outcome: Outcome
    /// Of HTTP; absent where no answer came.
    package var status: Int?
    /// The ids in it or, where the node gives them, in its answer.
    package var transactions: [String]
    /// Whose payments they are, in the same order.
    package var users: [String]?
    package var key: String?
    /// Absent: the ledger.
    package var acknowledger: Acknowledger?
    /// Of a label: what was written, `verdict:source`. Of a read: what the register held, `none` for no label, `absent` if
    /// there is no such payment. Of a record on the topic: where it stands, `topic/partition@offset`.
    package var value: String?
    /// Of a label: `accepted`, `changed` or `unchanged`.
    package var effect: String?
    /// What went wrong, in the node's or the client's words.
    package var problem: String?

    package init(
        number: Int, operation: Int, client: Int, node: Int, kind: Kind, sent: Int64, ended: Int64, outcome: Outcome,
        status: Int? = nil, transactions: [String] = [], users: [String]? = nil, key: String? = nil,
        acknowledger: Acknowledger? = nil, value: String? = nil, effect: String? = nil, problem: String? = nil
    ) {
        self.number = number
        self.operation = operation
        self.client = client
        self.node = node
        self.kind = kind
        self.sent = sent
        self.ended = ended
        self.outcome = outcome
        self.status = status
        self.transactions = transactions
        self.users = users
        self.key = key
        self.acknowledger = acknowledger
        self.value = value
        self.effect = effect
        self.problem = problem
    }

    /// Whether it writes payments.
    package var isPayment: Bool { kind == .pay || kind == .payKeyed || kind == .batch || kind == .stream }

    /// In place of a node's number.
    package static let brokers = 0
}
