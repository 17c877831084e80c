/// What a relay does to what goes through it; nothing, as it begins.
package struct RelaySettings: Codable, Hashable, Sendable {
    /// How long every piece waits, 0...60,000, in each direction.
    package var delayMilliseconds = 0
    /// By so much the wait is longer or shorter, drawn for every piece; 0...`delayMilliseconds`. The order stays.
    package var jitterMilliseconds = 0
    /// Of each direction, 1...10,000,000; nil: as fast as it goes.
    package var kilobitsPerSecond: Int?
    /// A connection that is about this old, half as much more or less, is broken as soon as a piece has been passed on to
    /// the target and nothing follows it: the sender does not learn that it has come. 1...3,600,000; nil: none is.
    package var lifeMilliseconds: Int?

    package init(
        delayMilliseconds: Int = 0, jitterMilliseconds: Int = 0, kilobitsPerSecond: Int? = nil,
        lifeMilliseconds: Int? = nil
    ) {
        self.delayMilliseconds = delayMilliseconds
        self.jitterMilliseconds = jitterMilliseconds
        self.kilobitsPerSecond = kilobitsPerSecond
        self.lifeMilliseconds = lifeMilliseconds
    }

    /// Whether every field is within its bounds.
    package var isValid: Bool {
        (0...60_000).contains(delayMilliseconds) && (0...delayMilliseconds).contains(jitterMilliseconds)
            && kilobitsPerSecond.map { (1...10_000_000).contains($0) } ?? true
            && lifeMilliseconds.map { (1...3_600_000).contains($0) } ?? true
    }
}
