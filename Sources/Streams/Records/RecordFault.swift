/// Why a record is no payment.
public struct RecordFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// For programs; never changes its spelling.
    public enum Code: String, Sendable, CaseIterable {
        /// A record without a value.
        case noValue = "no_value"
        /// Longer than a payment may be.
        case tooLarge = "too_large"
        /// Neither an envelope nor JSON.
        case notJSON = "not_json"
        /// Sound JSON, but fields are wrong.
        case invalidFields = "invalid_fields"
        /// An envelope of a version, or with a schema, that this version does not know.
        case unknownSchema = "unknown_schema"
        /// An envelope that is not one: a header is missing or wrong, or what was sealed is no payment.
        case malformedEnvelope = "malformed_envelope"
        /// Sealed with a key that this cluster does not have.
        case unknownKey = "unknown_key"
        /// The envelope was changed after it was sealed.
        case tampered
    }

    public let code: Code
    /// For people; never holds what a payment says.
    public let detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
