/// How often an alert is tried, and how long the pauses are.
public struct RetryPolicy: Sendable, Equatable {
    /// After so many attempts a delivery is given up; at least 1.
    public var attempts: Int
    /// The first pause is at most this; each one after may be twice as long.
    public var shortest: Duration
    /// No pause is longer, whatever the receiver asks for.
    public var longest: Duration

    public init(attempts: Int = 12, shortest: Duration = .seconds(1), longest: Duration = .seconds(300)) {
        precondition(attempts >= 1, "an alert is tried at least once")
        precondition(shortest > .zero && shortest <= longest, "the shortest pause is above 0 and not above the longest")
        self.attempts = attempts
        self.shortest = shortest
        self.longest = longest
    }

    /// The pause after that many failed attempts: between half of its bound and all of it, so that receivers who come back
    /// don't meet everybody at once. Not shorter than what the receiver has asked for, within the longest.
    public func pause(
        after failures: Int, askedFor: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        var bound = shortest
        for _ in 1..<max(1, failures) where bound < longest { bound *= 2 }
        bound = min(bound, longest)
        let jittered = bound / 2 + (bound / 2) * Double.random(in: 0...1, using: &generator)
        return min(longest, max(jittered, askedFor ?? .zero))
    }
}
