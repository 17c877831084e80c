/// Which offsets a partition holds.
public struct KafkaWatermarks: Equatable, Sendable {
    /// Of the oldest record that is still there.
    public var low: Int64
    /// The one that the next record will get.
    public var high: Int64

    public init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }

    /// Whether reading may go on at `offset`; the end itself is a good place to wait.
    ///
    /// A topic that was deleted and made anew shows only as long as it has fewer records than were read from the old one:
    /// this version of the library does not tell topics of one name apart.
    public func error(readingAt offset: Int64, of partition: KafkaPartition) -> KafkaError? {
        if offset < low {
            return KafkaError(
                .offsetExpired, "offset \(offset) of \(partition) is no longer there; the oldest is \(low)")
        }
        if offset > high {
            return KafkaError(
                .offsetBeyondEnd,
                "\(partition) ends at \(high), before offset \(offset): it was made anew or has lost its end")
        }
        return nil
    }
}
