public import Kafka
import Synchronization

/// How it stands between Kafka and the ledger on this node: what `GET /pipeline` tells.
public struct PipelineReport: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// No partition is assigned yet, or where to begin is being found out.
        case starting
        /// All assigned partitions are read.
        case running
        /// An operator wants nothing to be read on this node.
        case paused
        /// The ledger can't take more at the moment; reading goes on when it can.
        case waiting
        /// Some partition is stopped; somebody has to look.
        case alarm
        case stopped
    }

    public struct Partition: Sendable, Equatable {
        public enum State: String, Sendable, CaseIterable {
            case opening, reading, waiting, stopped
        }

        public var partition: KafkaPartition
        public var state: State
        /// The ledger's next offset, as far as this node knows; nil before it does.
        public var committedOffset: Int64?
        /// Where reading stands; what is between the two waits for the ledger.
        public var readOffset: Int64?
        /// Records that the ledger has not taken, markers of transactions included; nil until the brokers have said where the
        /// partition ends.
        public var lag: Int64?
        /// Records that an open transaction keeps from being read.
        public var heldBack: Int64
        public var heldRecords: Int
        public var batchesUnderWay: Int
        public var alarm: StreamAlarm?
    }

    public var state: State
    /// An operator wants it so, whatever else is the matter.
    public var isPaused: Bool
    public var topic: String
    public var group: String
    /// What the brokers call their cluster; nil before they said so.
    public var clusterID: String?
    /// Those assigned to this node, in order.
    public var partitions: [Partition]
    /// Read, and not yet taken by the ledger; by their decoded sizes.
    public var heldRecords: Int
    public var heldBytes: Int
    /// Read by the consumer, and not yet decoded.
    public var queuedRecords: Int
    public var queuedBytes: Int
    public var counters: StreamCounters
    /// What went wrong last, if nothing has gone well since.
    public var trouble: String?

    /// Of all partitions of this node; nil if one is not known.
    public var lag: Int64? {
        partitions.reduce(0) { sum, partition in sum.flatMap { sum in partition.lag.map { sum + $0 } } }
    }
}

extension StreamWorker {
    /// As of this moment; lags as of the library's last figures.
    public var report: PipelineReport {
        let (snapshot, consumer) = state.withLock { ($0, $0.consumer) }
        let figures = Dictionary(
            (consumer?.statistics?.partitions ?? []).map { ($0.partition, $0) }, uniquingKeysWith: { first, _ in first }
        )
        let partitions = snapshot.lanes.sorted { $0.key < $1.key }
            .map { partition, lane in
                PipelineReport.Partition(partition, lane, snapshot.alarms[partition]?.alarm, figures[partition])
            }
        let queued = consumer?.held ?? (records: 0, bytes: 0)
        return PipelineReport(
            state: Self.state(snapshot, partitions), isPaused: snapshot.isPaused, topic: configuration.topic,
            group: configuration.group,
            clusterID: snapshot.clusterID, partitions: partitions, heldRecords: snapshot.heldRecords,
            heldBytes: snapshot.heldBytes, queuedRecords: queued.records, queuedBytes: queued.bytes,
            counters: snapshot.counters, trouble: snapshot.trouble ?? consumer?.lastError.map { "\($0)" })
    }

    private static func state(
        _ snapshot: StreamWorkerState, _ partitions: [PipelineReport.Partition]
    ) -> PipelineReport.State {
        if snapshot.isStopped { return .stopped }
        if partitions.contains(where: { $0.state == .stopped }) { return .alarm }
        if snapshot.isPaused { return .paused }
        if partitions.isEmpty || partitions.contains(where: { $0.state == .opening }) { return .starting }
        return partitions.contains { $0.state == .waiting } ? .waiting : .running
    }
}

extension PipelineReport.Partition {
    fileprivate init(
        _ partition: KafkaPartition, _ lane: PartitionLane, _ alarm: StreamAlarm?,
        _ figures: KafkaStatistics.Partition?
    ) {
        let window = lane.window
        self.partition = partition
        state =
            switch lane.phase {
            case .opening: .opening
            case .reading(let window): window.isWaiting ? .waiting : .reading
            case .stopped: .stopped
            }
        committedOffset = window?.committed
        readOffset = window?.position
        heldRecords = window?.heldRecords ?? 0
        batchesUnderWay = window?.batchesUnderWay ?? 0
        heldBack = figures?.heldBack ?? 0
        self.alarm = lane.isStopped ? alarm : nil
        guard let window, let figures, let end = figures.lastStableOffset ?? figures.highWatermark else { return }
        // Behind the last record there may be markers, which nobody hands on.
        let isAtEnd =
            window.batches == 0 && figures.fetchedRecords == 0 && window.position >= figures.position ?? 0
            && figures.fetchPosition ?? -1 >= end
        lag = isAtEnd ? 0 : max(0, end - window.committed)
    }
}
