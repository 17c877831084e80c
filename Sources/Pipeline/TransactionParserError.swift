public import Ledger

/// Why a document is not a transaction.
public enum TransactionParserError: Error, Sendable, Equatable, CustomStringConvertible {
    /// More bytes than `limit`.
    case tooLarge(limit: Int)
    /// Not JSON, or not an object. The offset is in bytes from the document's start.
    case syntax(offset: Int, reason: String)
    /// Sound JSON, but these fields are wrong: all of them, at most one fault each, in the order of the schema; unknown
    /// and repeated fields stand after those, as the document has them.
    case fields([InvalidField])

    public var description: String {
        switch self {
        case .tooLarge(let limit): "the document is larger than \(limit) bytes"
        case .syntax(let offset, let reason): "not JSON at byte \(offset): \(reason)"
        case .fields(let fields): fields.map(\.description).joined(separator: "; ")
        }
    }
}
