/// What stands in the way of training or evaluation, in words for whoever asked for it.
public struct TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
