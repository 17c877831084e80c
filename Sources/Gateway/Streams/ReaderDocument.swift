import Kafka
import Pipeline
public import Streams

/// How it stands between Kafka and the ledger on one node.
public struct ReaderDocument: Sendable, Equatable, Codable {
    /// Why a partition is not read any more.
    public struct Alarm: Sendable, Equatable, Codable {
        public var kind: String
        public var message: String
        /// RFC 3339.
        public var since: String
        /// Only an operator can end it: see POST /pipeline/reset.
        public var needsOperator: Bool

        public init(_ alarm: StreamAlarm) {
            kind = alarm.kind.rawValue
            message = alarm.message
            since = RFC3339.text(alarm.sinceMilliseconds * 1000)
            needsOperator = alarm.needsOperator
        }

        private enum CodingKeys: String, CodingKey {
            case kind, message, since
            case needsOperator = "needs_operator"
        }
    }

    /// One that is assigned to the node.
    public struct Partition: Sendable, Equatable, Codable {
        public var partition: Int32
        /// opening, reading, waiting or stopped.
        public var state: String
        /// The ledger's next offset; nil while it is not known.
        public var committedOffset: Int64?
        /// Where reading stands.
        public var readOffset: Int64?
        /// Records that the ledger has not taken; nil while it is not known.
        public var lag: Int64?
        /// Records that an open transaction keeps from being read.
        public var heldBack: Int64
        /// Read, and not yet taken.
        public var heldRecords: Int
        public var batchesUnderWay: Int
        public var alarm: Alarm?

        public init(_ report: PipelineReport.Partition) {
            partition = report.partition.number
            state = report.state.rawValue
            committedOffset = report.committedOffset
            readOffset = report.readOffset
            lag = report.lag
            heldBack = report.heldBack
            heldRecords = report.heldRecords
            batchesUnderWay = report.batchesUnderWay
            alarm = report.alarm.map(Alarm.init)
        }

        private enum CodingKeys: String, CodingKey {
            case partition, state, lag, alarm
            case committedOffset = "committed_offset"
            case readOffset = "read_offset"
            case heldBack = "held_back"
            case heldRecords = "held_records"
            case batchesUnderWay = "batches_under_way"
        }
    }

    /// Since the node began.
    public struct Counters: Sendable, Equatable, Codable {
        public var batches: Int
        public var records: Int
        public var duplicates: Int
        public var deadLetters: Int
        public var conflicts: Int
        public var refusals: Int
        public var seeks: Int
        public var alarms: Int
        public var replacements: Int

        public init(_ counters: StreamCounters) {
            batches = counters.batches
            records = counters.records
            duplicates = counters.duplicates
            deadLetters = counters.deadLetters
            conflicts = counters.conflicts
            refusals = counters.refusals
            seeks = counters.seeks
            alarms = counters.alarms
            replacements = counters.replacements
        }

        private enum CodingKeys: String, CodingKey {
            case batches, records, duplicates, conflicts, refusals, seeks, alarms, replacements
            case deadLetters = "dead_letters"
        }
    }

    /// starting, running, paused, waiting, alarm or stopped.
    public var state: String
    public var topic: String
    public var group: String
    /// Nil before the brokers said so.
    public var clusterID: String?
    /// Of all partitions of the node; nil if one is not known.
    public var lag: Int64?
    public var paused: Bool
    /// Read and decoded, and not yet taken by the ledger.
    public var heldRecords: Int
    public var heldBytes: Int
    /// Read, and not yet decoded.
    public var queuedRecords: Int
    public var queuedBytes: Int
    /// What went wrong last, if nothing has gone well since.
    public var trouble: String?
    public var counters: Counters
    public var partitions: [Partition]

    public init(_ report: PipelineReport) {
        state = report.state.rawValue
        topic = report.topic
        group = report.group
        clusterID = report.clusterID
        lag = report.lag
        paused = report.isPaused
        heldRecords = report.heldRecords
        heldBytes = report.heldBytes
        queuedRecords = report.queuedRecords
        queuedBytes = report.queuedBytes
        trouble = report.trouble
        counters = Counters(report.counters)
        partitions = report.partitions.map(Partition.init)
    }

    private enum CodingKeys: String, CodingKey {
        case state, topic, group, lag, paused, trouble, counters, partitions
        case clusterID = "cluster_id"
        case heldRecords = "held_records"
        case heldBytes = "held_bytes"
        case queuedRecords = "queued_records"
        case queuedBytes = "queued_bytes"
    }
}
