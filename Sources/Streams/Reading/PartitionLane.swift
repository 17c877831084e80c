/// What a worker knows of a partition that is assigned to it.
struct PartitionLane {
    enum Phase {
        /// Where to begin is being found out.
        case opening
        case reading(PartitionWindow)
        case stopped
    }

    /// Tells this time of reading from another of the same partition: what belongs to an older one is dropped.
    let generation: UInt64
    var phase = Phase.opening
    /// The ledger has an offset of it.
    var isKnown = false

    var window: PartitionWindow? {
        if case .reading(let window) = phase { window } else { nil }
    }

    var isStopped: Bool {
        if case .stopped = phase { true } else { false }
    }
}

/// An alarm, and where the ledger stood then: as long as it stands there nobody has dealt with it.
struct StandingAlarm {
    var alarm: StreamAlarm
    /// Nil if the ledger did not know the partition, so that nothing can be skipped.
    var clusterID: String?
    /// From what the ledger had taken to what may still have been on its way.
    var offsets: ClosedRange<Int64>

    /// Whether the partition may be looked at anew.
    func isAnswered(by stored: LedgerOffset?) -> Bool {
        guard alarm.needsOperator, let clusterID, let stored else { return true }
        return stored.clusterID != clusterID || !offsets.contains(stored.next)
    }
}
