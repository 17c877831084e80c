import HTTPTypes
import Ledger
import NIOHTTP1
import Pipeline
import Security

extension Problem {
    init(_ error: TransactionParserError) {
        switch error {
        case .tooLarge(let limit):
            self = .bodyTooLarge(limit)
        case .syntax(let offset, let reason):
            self.init(.malformedDocument, "not JSON at byte \(offset): \(reason)")
        case .fields(let fields):
            self.init(fields)
        }
    }

    init(_ error: TransactionBatchError) {
        switch error {
        case .tooLarge(let limit):
            self = .bodyTooLarge(limit)
        case .tooManyLines(let limit):
            self.init(.tooLarge, "the batch has more than \(limit) transactions")
        case .empty:
            self.init(.malformedDocument, "the batch holds no transaction")
        case .faults(let listed, let total, let hasSyntaxFault):
            let listing = total > listed.count ? ", of which the first \(listed.count) are listed" : ""
            self.init(
                hasSyntaxFault ? .malformedDocument : .invalidFields,
                "nothing of the batch was taken: it has \(total) \(total == 1 ? "fault" : "faults")\(listing)",
                faults: listed.map { Fault(field: $0.field, detail: $0.reason, line: $0.line) })
        }
    }

    init(_ fields: [InvalidField]) {
        self.init(
            .invalidFields, fields.count == 1 ? fields[0].description : "\(fields.count) fields are invalid",
            faults: fields.map { Fault(field: $0.field, detail: $0.reason) })
    }

    /// Nil if nobody is left to be told.
    init?(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow: self.init(.headersTooLarge, "the headers are larger or more than is allowed")
        case .closedConnection, .invalidEOFState: return nil
        default: self.init(.malformedRequest, "\(error)")
        }
    }

    init(_ error: TokenError) {
        self.init(.unauthorized, error.description)
        extraFields = [.wwwAuthenticate: "Bearer realm=\"redoubt\", error=\"invalid_token\""]
    }

    /// - Parameter requestID: made when an internal error is to be logged and told.
    init(_ error: BackendError, requestID: () -> String) {
        switch error {
        case .unavailable(let reason, let seconds):
            self.init(.unavailable, reason, retryAfterSeconds: seconds)
        case .overloaded(let reason, let seconds):
            self.init(.overloaded, reason, retryAfterSeconds: seconds)
        case .deadlineExceeded:
            self.init(
                .outcomeUnknown,
                "the deadline passed before the outcome was known: the request may or may not have been taken. Repeat it "
                    + "with the same Idempotency-Key or the same transaction_id; it then has its effect once",
                retryAfterSeconds: 1)
        case .idempotencyKeyReused:
            self.init(.idempotencyKeyReused, "the Idempotency-Key was used before, with other content")
            faults = [Fault(field: "Idempotency-Key", detail: "was used before, with other content")]
        case .transactionIDReused(let ids):
            self.init(.transactionIDReused, "nothing was taken: transaction ids were used before, with other content")
            faults = ids.prefix(TransactionBatchParser.maxReportedFaults).map {
                Fault(field: "transaction_id", detail: "\($0) was used before, with other content")
            }
        case .invalid(let fields):
            self.init(fields)
        case .conflict(let code, let detail):
            self.init(.conflict, detail.isEmpty ? code.advice : "\(detail); \(code.advice)")
            conflict = code
        case .notFound(let what):
            self.init(.notFound, "there is no \(what)")
        case .invalidRules(let line, let column, let reason):
            let place = line.map { "line \($0)" + (column.map { ", column \($0)" } ?? "") + ": " } ?? ""
            self.init(.invalidRules, place + reason, faults: [Fault(detail: reason, line: line, column: column)])
        case .internal:
            self.init(.internalError, "the fault is in the node's log under the request_id")
            self.requestID = requestID()
        }
    }

    static func bodyTooLarge(_ limit: Int) -> Problem { Problem(.tooLarge, "the body is larger than \(limit) bytes") }
}
