/// Where reading of a partition begins.
public enum KafkaStartingPoint: Equatable, Sendable {
    /// At this offset, zero or more; one that the partition does not hold stops the partition with an error.
    case offset(Int64)
    /// At the oldest record that is there.
    case earliest
    /// Behind the newest record.
    case latest
    /// Not yet: nothing is read until `seek` says where.
    case hold
}

/// Why partitions went away.
public enum KafkaRevocation: Equatable, Sendable {
    /// In good order: until the call returns they are nobody else's, and what was read may still be finished.
    case revoked
    /// Somebody else may have had them for a while: nothing more may be done with what was read of them.
    case lost
}

/// Who a consumer asks and tells. All calls come from the consumer's thread, one after another; while one runs, nothing is
/// read, and beyond five minutes the group gives the member up.
public protocol KafkaConsumerDelegate: AnyObject, Sendable {
    /// Partitions were assigned. Tells where to begin with each; one that is not named is held.
    ///
    /// May block, to ask for what is stored: the group waits.
    func startingPoints(of partitions: [KafkaPartition]) -> [KafkaPartition: KafkaStartingPoint]

    /// Partitions went away; what was read of them and not yet taken has been dropped.
    func partitionsWentAway(_ partitions: [KafkaPartition], _ how: KafkaRevocation)

    /// Reading of the partition stopped, the others go on: `offsetExpired`, `offsetBeyondEnd`, `offsetOutOfRange`,
    /// `unknownTopic`, `notAuthorized` or what else does not pass by itself. `seek` starts it again.
    func partitionStopped(_ partition: KafkaPartition, _ error: KafkaError)

    /// The consumer came to its end by itself: `fenced` or `fatal`. `nextBatch` throws the same.
    func consumerFailed(_ error: KafkaError)
}
