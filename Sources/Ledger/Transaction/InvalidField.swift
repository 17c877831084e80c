/// What is wrong with one field of a transaction, in words for its sender.
public struct InvalidField: Error, Equatable, Sendable, CustomStringConvertible {
    /// The field's name in the API: "user_id".
    public let field: String
    /// Continues the field's name: "must not be empty".
    public let reason: String

    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    public var description: String { "\(field) \(reason)" }
}
