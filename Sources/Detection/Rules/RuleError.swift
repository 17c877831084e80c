/// Why a text of rules cannot be used: the first thing that is wrong with it, and where.
public struct RuleError: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// From 1, in characters; nil where only the line is known.
    public let column: Int?
    /// What is wrong and what is expected.
    public let reason: String

    public init(line: Int, column: Int? = nil, reason: String) {
        self.line = line
        self.column = column
        self.reason = reason
    }

    public var description: String {
        column.map { "line \(line), column \($0): \(reason)" } ?? "line \(line): \(reason)"
    }
}
