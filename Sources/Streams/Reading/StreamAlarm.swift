/// Why a partition is not read any more. Nothing of it is skipped: somebody has to look.
public struct StreamAlarm: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// Retention has passed what the ledger wants next.
        case offsetExpired = "offset_expired"
        /// The partition ends before what the ledger wants next: the topic was made anew, or lost its end.
        case offsetBeyondEnd = "offset_beyond_end"
        /// The partition does not hold the offset, and which of the two it is could not be found out.
        case offsetOutOfRange = "offset_out_of_range"
        /// The ledger's offset belongs to another Kafka cluster.
        case otherCluster = "other_cluster"
        /// The topic or the partition is no longer there.
        case topicMissing = "topic_missing"
        /// This node may not read it.
        case notAuthorized = "not_authorized"
        /// The ledger keeps offsets of no more partitions.
        case tooManyPartitions = "too_many_partitions"
        /// The ledger refuses what was read, for good.
        case refused
        /// The library can't read on.
        case failed
    }

    public var kind: Kind
    public var message: String
    /// Since 1970.
    public var sinceMilliseconds: Int64

    public init(_ kind: Kind, _ message: String, sinceMilliseconds: Int64) {
        self.kind = kind
        self.message = message
        self.sinceMilliseconds = sinceMilliseconds
    }

    /// Whether only an operator can end it, by telling the ledger where to go on. A topic that was made anew would sooner or
    /// later be long enough to look like the old one: time must not heal that.
    public var needsOperator: Bool {
        switch kind {
        case .offsetExpired, .offsetBeyondEnd, .offsetOutOfRange, .otherCluster, .topicMissing: true
        case .notAuthorized, .tooManyPartitions, .refused, .failed: false
        }
    }

    public var description: String { "\(kind.rawValue): \(message)" }
}
