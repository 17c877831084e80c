import Detection
import Ledger
import Pipeline

/// What became of one label.
public struct LabelResult: Sendable, Equatable, Codable {
    public enum Status: String, Sendable, Codable {
        /// The transaction's first label.
        case accepted
        /// The transaction had the other one.
        case changed
        /// The transaction had the same one.
        case unchanged
        /// There is no such transaction.
        case unknownTransaction = "unknown_transaction"
        /// The line is no label; `errors` says why.
        case invalid
    }

    /// What is wrong with a line.
    public struct Fault: Sendable, Equatable, Codable {
        /// Nil where the line is not JSON.
        public var field: String?
        public var detail: String

        public init(field: String?, detail: String) {
            self.field = field
            self.detail = detail
        }
    }

    /// Of the request's body, counted from 1, blank lines included; nil for a label that came alone.
    public var line: Int?
    /// Nil where the line does not tell.
    public var transactionID: String?
    public var status: Status
    /// Nil but for `invalid`.
    public var errors: [Fault]?

    public init(line: Int?, transactionID: String?, status: Status, errors: [Fault]? = nil) {
        self.line = line
        self.transactionID = transactionID
        self.status = status
        self.errors = errors
    }

    private enum CodingKeys: String, CodingKey {
        case line, status, errors
        case transactionID = "transaction_id"
    }
}

extension LabelResult.Status {
    init(_ outcome: LabelOutcome) {
        self =
            switch outcome {
            case .accepted: .accepted
            case .changed: .changed
            case .unchanged: .unchanged
            case .unknownTransaction: .unknownTransaction
            }
    }
}

/// What became of the labels of one request, line by line.
public struct LabelResults: Sendable, Equatable, Codable {
    public var accepted: Int
    public var changed: Int
    public var unchanged: Int
    public var unknown: Int
    public var invalid: Int
    /// The log index at or below which those that were taken stand; nil: none was.
    public var logIndex: UInt64?
    /// In the order of the lines.
    public var results: [LabelResult]

    public init(_ results: [LabelResult], logIndex: UInt64?) {
        func count(_ status: LabelResult.Status) -> Int { results.count { $0.status == status } }
        accepted = count(.accepted)
        changed = count(.changed)
        unchanged = count(.unchanged)
        unknown = count(.unknownTransaction)
        invalid = count(.invalid)
        self.logIndex = logIndex
        self.results = results
    }

    /// Lines without effect that were meant to have one.
    public var refused: Int { unknown + invalid }

    private enum CodingKeys: String, CodingKey {
        case accepted, changed, unchanged, unknown, invalid, results
        case logIndex = "log_index"
    }
}

/// What became of a label that came alone.
public struct LabelAnswer: Sendable, Equatable, Codable {
    public var transactionID: String
    public var status: LabelResult.Status
    public var logIndex: UInt64

    init(_ result: LabelResult, logIndex: UInt64) {
        transactionID = result.transactionID ?? ""
        status = result.status
        self.logIndex = logIndex
    }

    private enum CodingKeys: String, CodingKey {
        case status
        case transactionID = "transaction_id"
        case logIndex = "log_index"
    }
}
