package import Kafka

/// Where reading begins in a partition that no ledger has heard of.
public enum StreamStart: String, Sendable, CaseIterable {
    /// At the oldest record that is there.
    case earliest
    /// Behind the newest one.
    case latest
}

/// Where reading of a partition begins, or why it must not.
package enum PartitionOpening: Equatable {
    /// `isKnown`: the ledger has an offset of it.
    case begin(offset: Int64, isKnown: Bool)
    case alarm(StreamAlarm.Kind, String)

    package init(
        of partition: KafkaPartition, stored: LedgerOffset?, clusterID: String, watermarks: KafkaWatermarks,
        start: StreamStart
    ) {
        guard let stored else {
            self = .begin(offset: start == .earliest ? watermarks.low : watermarks.high, isKnown: false)
            return
        }
        guard stored.clusterID == clusterID else {
            self = .alarm(
                .otherCluster,
                "offset \(stored.next) of \(partition) belongs to the Kafka cluster \"\(stored.clusterID)\", and this is "
                    + "\"\(clusterID)\"")
            return
        }
        if let error = watermarks.error(readingAt: stored.next, of: partition) {
            self = .alarm(StreamAlarm.Kind(error.kind), error.message)
            return
        }
        self = .begin(offset: stored.next, isKnown: true)
    }
}

extension StreamAlarm.Kind {
    init(_ kind: KafkaError.Kind) {
        switch kind {
        case .offsetExpired: self = .offsetExpired
        case .offsetBeyondEnd: self = .offsetBeyondEnd
        case .offsetOutOfRange: self = .offsetOutOfRange
        case .unknownTopic, .unknownPartition: self = .topicMissing
        case .notAuthorized: self = .notAuthorized
        case .invalidConfiguration, .overloaded, .tooLarge, .unreachable, .timedOut, .notAuthenticated, .notAssigned,
            .fenced, .fatal, .closed, .other:
            self = .failed
        }
    }
}
