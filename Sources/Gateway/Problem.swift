import Bytes
import HTTPTypes
import Ledger
import Pipeline

/// An error as the client gets it (RFC 9457).
struct Problem: Error, Sendable {
    /// What is wrong with one field, header, parameter or line.
    struct Fault: Sendable {
        var field: String?
        let detail: String
        var line: Int?
        /// From 1; only with a line.
        var column: Int?
    }

    enum Kind: String, Sendable {
        case malformedDocument = "malformed-document"
        case unauthorized
        case forbidden
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case idempotencyKeyReused = "idempotency-key-reused"
        case transactionIDReused = "transaction-id-reused"
        /// The problem's `conflict` says which.
        case conflict
        case tooLarge = "too-large"
        case targetTooLong = "target-too-long"
        case malformedRequest = "malformed-request"
        case headersTooLarge = "headers-too-large"
        case unsupportedContentType = "unsupported-content-type"
        case invalidFields = "invalid-fields"
        /// A text of rules that cannot be used.
        case invalidRules = "invalid-rules"
        case invalidRequest = "invalid-request"
        case overloaded
        case internalError = "internal-error"
        case unavailable
        case outcomeUnknown = "outcome-unknown"

        var status: HTTPResponse.Status {
            switch self {
            case .malformedDocument, .malformedRequest: .badRequest
            case .headersTooLarge: .requestHeaderFieldsTooLarge
            case .unauthorized: .unauthorized
            case .forbidden: .forbidden
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .idempotencyKeyReused, .transactionIDReused, .conflict: .conflict
            case .tooLarge: .contentTooLarge
            case .targetTooLong: .uriTooLong
            case .unsupportedContentType: .unsupportedMediaType
            case .invalidFields, .invalidRules, .invalidRequest: .unprocessableContent
            case .overloaded: .tooManyRequests
            case .internalError: .internalServerError
            case .unavailable, .outcomeUnknown: .serviceUnavailable
            }
        }

        var title: String {
            switch self {
            case .malformedDocument: "The body is not the JSON that is expected"
            case .unauthorized: "A valid bearer token is required"
            case .forbidden: "The token's roles do not allow this"
            case .notFound: "There is no such thing"
            case .methodNotAllowed: "The method is not allowed here"
            case .idempotencyKeyReused: "The idempotency key belongs to another request"
            case .transactionIDReused: "A transaction id belongs to another transaction"
            case .conflict: "The cluster's state does not allow this now"
            case .tooLarge: "The request is too large"
            case .targetTooLong: "The request target is too long"
            case .malformedRequest: "The request is not HTTP as it should be"
            case .headersTooLarge: "The request's headers are too large"
            case .unsupportedContentType: "The content type is not supported"
            case .invalidFields: "Fields of the body are invalid"
            case .invalidRules: "The rules cannot be used"
            case .invalidRequest: "Parts of the request are invalid"
            case .overloaded: "The node has too much to do"
            case .internalError: "The node failed to handle the request"
            case .unavailable: "The cluster cannot do this now"
            case .outcomeUnknown: "It is not known whether the request was taken"
            }
        }
    }

    let kind: Kind
    let detail: String
    var faults: [Fault] = []
    var retryAfterSeconds: Int?
    var extraFields: HTTPFields = [:]
    /// Under which the node's log tells more; only for internal errors.
    var requestID: String?
    /// Gives a problem of the kind `conflict` its name and title.
    var conflict: ConflictCode?

    init(_ kind: Kind, _ detail: String, faults: [Fault] = [], retryAfterSeconds: Int? = nil) {
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// One parameter or header that is wrong.
    static func invalid(_ field: String, _ detail: String) -> Problem {
        Problem(.invalidRequest, "\(field) \(detail)", faults: [Fault(field: field, detail: detail)])
    }

    var reply: Reply {
        var body: [UInt8] = []
        body.reserveCapacity(512)
        JSONBytes.append("{\"type\":", to: &body)
        JSONBytes.append(string: "urn:redoubt:problem:\(conflict?.rawValue ?? kind.rawValue)", to: &body)
        JSONBytes.append(",\"title\":", to: &body)
        JSONBytes.append(string: conflict?.title ?? kind.title, to: &body)
        JSONBytes.append(",\"status\":", to: &body)
        JSONBytes.append(number: kind.status.code, to: &body)
        JSONBytes.append(",\"detail\":", to: &body)
        JSONBytes.append(string: detail, to: &body)
        if let requestID {
            JSONBytes.append(",\"request_id\":", to: &body)
            JSONBytes.append(string: requestID, to: &body)
        }
        if !faults.isEmpty { appendFaults(to: &body) }
        JSONBytes.append("}", to: &body)
        var reply = Reply(kind.status, body, contentType: "application/problem+json")
        if let retryAfterSeconds { reply.fields[.retryAfter] = String(max(1, retryAfterSeconds)) }
        for field in extraFields { reply.fields.append(field) }
        return reply
    }

    private func appendFaults(to body: inout [UInt8]) {
        JSONBytes.append(",\"errors\":[", to: &body)
        for (place, fault) in faults.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            body.append(UInt8(ascii: "{"))
            if let line = fault.line {
                JSONBytes.append("\"line\":", to: &body)
                JSONBytes.append(number: line, to: &body)
                body.append(UInt8(ascii: ","))
            }
            if let column = fault.column {
                JSONBytes.append("\"column\":", to: &body)
                JSONBytes.append(number: column, to: &body)
                body.append(UInt8(ascii: ","))
            }
            if let field = fault.field {
                JSONBytes.append("\"field\":", to: &body)
                JSONBytes.append(string: field, to: &body)
                body.append(UInt8(ascii: ","))
            }
            JSONBytes.append("\"detail\":", to: &body)
            JSONBytes.append(string: fault.detail, to: &body)
            body.append(UInt8(ascii: "}"))
        }
        body.append(UInt8(ascii: "]"))
    }
}
