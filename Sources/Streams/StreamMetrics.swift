import Kafka
import Metrics
import Synchronization

/// The pipeline's numbers, through swift-metrics. To be told whenever somebody asks for them.
public final class StreamMetrics: Sendable {
    /// Those of one partition; they go when the partition goes.
    private struct PartitionGauges: Sendable {
        let lag, committed, held, underWay, stopped: Gauge

        init(_ partition: KafkaPartition) {
            let dimensions = [("topic", partition.topic), ("partition", "\(partition.number)")]
            func gauge(_ name: String) -> Gauge { Gauge(label: "redoubt_stream_\(name)", dimensions: dimensions) }
            lag = gauge("lag_records")
            committed = gauge("committed_offset")
            held = gauge("partition_held_records")
            underWay = gauge("batches_under_way")
            stopped = gauge("partition_stopped")
        }

        /// A registry that keeps what it has heard of must not go on telling it.
        func destroy() {
            for gauge in [lag, committed, held, underWay, stopped] {
                gauge.record(0)
                gauge.destroy()
            }
        }
    }

    private struct State {
        var partitions: [KafkaPartition: PartitionGauges] = [:]
        var counted = StreamCounters()
        var refused = 0
    }

    private let heldRecords = Gauge(label: "redoubt_stream_held_records")
    private let heldBytes = Gauge(label: "redoubt_stream_held_bytes")
    private let queuedRecords = Gauge(label: "redoubt_stream_queued_records")
    private let queuedBytes = Gauge(label: "redoubt_stream_queued_bytes")
    private let paused = Gauge(label: "redoubt_stream_paused")
    private let batches = Counter(label: "redoubt_stream_batches_total")
    private let records = Counter(label: "redoubt_stream_records_total")
    private let duplicates = Counter(label: "redoubt_stream_duplicates_total")
    private let deadLetters = Counter(label: "redoubt_stream_dead_letters_total")
    private let conflicts = Counter(label: "redoubt_stream_conflicts_total")
    private let refusals = Counter(label: "redoubt_stream_refusals_total")
    private let seeks = Counter(label: "redoubt_stream_seeks_total")
    private let alarms = Counter(label: "redoubt_stream_alarms_total")
    private let replacements = Counter(label: "redoubt_stream_consumer_replacements_total")
    private let bufferedRecords = Gauge(label: "redoubt_stream_producer_buffered_records")
    private let bufferedBytes = Gauge(label: "redoubt_stream_producer_buffered_bytes")
    private let unavailable = Gauge(label: "redoubt_stream_producer_unavailable")
    private let refused = Counter(label: "redoubt_stream_producer_refused_total")
    private let state = Mutex(State())

    /// Names and what they mean, for a registry that wants to know.
    public static let descriptions: [(name: String, help: String)] = [
        ("redoubt_stream_lag_records", "Records of the partition that the ledger has not taken."),
        ("redoubt_stream_committed_offset", "The ledger's next offset of the partition."),
        ("redoubt_stream_partition_held_records", "Records of the partition that were read and wait for the ledger."),
        ("redoubt_stream_batches_under_way", "Batches of the partition that the ledger has not answered yet."),
        ("redoubt_stream_partition_stopped", "1 if the partition is not read until somebody has looked, else 0."),
        ("redoubt_stream_held_records", "Records that were read and decoded and wait for the ledger."),
        ("redoubt_stream_held_bytes", "Bytes of the records that wait for the ledger."),
        ("redoubt_stream_queued_records", "Records that were read and wait to be decoded."),
        ("redoubt_stream_queued_bytes", "Bytes of the records that wait to be decoded."),
        ("redoubt_stream_paused", "1 if an operator has paused reading on this node, else 0."),
        ("redoubt_stream_batches_total", "Batches that the ledger has taken from this node."),
        ("redoubt_stream_records_total", "Payments in those batches, repetitions included."),
        ("redoubt_stream_duplicates_total", "Payments in those batches that the ledger had already."),
        ("redoubt_stream_dead_letters_total", "Records that are no payments."),
        ("redoubt_stream_conflicts_total", "Batches whose offset was not the ledger's next one."),
        ("redoubt_stream_refusals_total", "Times that the ledger could not take a batch and was asked again."),
        ("redoubt_stream_seeks_total", "Times that reading was moved to where the ledger stands."),
        ("redoubt_stream_alarms_total", "Times that a partition had to be stopped."),
        ("redoubt_stream_consumer_replacements_total", "Times that the consumer had to be made anew."),
        ("redoubt_stream_producer_buffered_records", "Records that the brokers have not acknowledged yet."),
        ("redoubt_stream_producer_buffered_bytes", "Bytes of the records that the brokers have not acknowledged yet."),
        ("redoubt_stream_producer_unavailable", "1 while no broker acknowledges anything, else 0."),
        ("redoubt_stream_producer_refused_total", "Requests that were not given to the brokers for that."),
    ]

    public init() {}

    public func publish(_ report: PipelineReport) {
        heldRecords.record(report.heldRecords)
        heldBytes.record(report.heldBytes)
        queuedRecords.record(report.queuedRecords)
        queuedBytes.record(report.queuedBytes)
        paused.record(report.isPaused ? 1 : 0)
        state.withLock { state in
            add(report.counters, to: &state.counted)
            let there = Set(report.partitions.map(\.partition))
            for gone in state.partitions.keys.filter({ !there.contains($0) }) {
                state.partitions.removeValue(forKey: gone)!.destroy()
            }
            for partition in report.partitions {
                let gauges = state.partitions[partition.partition] ?? PartitionGauges(partition.partition)
                state.partitions[partition.partition] = gauges
                if let lag = partition.lag { gauges.lag.record(lag) }
                if let offset = partition.committedOffset { gauges.committed.record(offset) }
                gauges.held.record(partition.heldRecords)
                gauges.underWay.record(partition.batchesUnderWay)
                gauges.stopped.record(partition.state == .stopped ? 1 : 0)
            }
        }
    }

    public func publish(_ report: StreamProducerReport) {
        bufferedRecords.record(report.bufferedRecords)
        bufferedBytes.record(report.bufferedBytes)
        unavailable.record(report.isAvailable ? 0 : 1)
        state.withLock { state in
            refused.increment(by: Int64(report.refused - state.refused))
            state.refused = report.refused
        }
    }

    private func add(_ now: StreamCounters, to counted: inout StreamCounters) {
        func add(_ counter: Counter, _ path: KeyPath<StreamCounters, Int>) {
            counter.increment(by: Int64(max(0, now[keyPath: path] - counted[keyPath: path])))
        }
        add(batches, \.batches)
        add(records, \.records)
        add(duplicates, \.duplicates)
        add(deadLetters, \.deadLetters)
        add(conflicts, \.conflicts)
        add(refusals, \.refusals)
        add(seeks, \.seeks)
        add(alarms, \.alarms)
        add(replacements, \.replacements)
        counted = now
    }
}
