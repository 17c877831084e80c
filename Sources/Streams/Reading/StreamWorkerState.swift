import DequeModule
import Kafka

/// What a worker has to keep together under one lock.
struct StreamWorkerState {
    /// Something to be done outside of the lock, in the order in which it was decided.
    struct Errand {
        let partition: KafkaPartition
        let generation: UInt64
        let action: PartitionWindow.Action
    }

    var lanes: [KafkaPartition: PartitionLane] = [:]
    /// They outlive the assignment: a partition that comes back has not become sound by it.
    var alarms: [KafkaPartition: StandingAlarm] = [:]
    var lastGeneration: UInt64 = 0
    var errands: Deque<Errand> = []
    /// Somebody runs the errands.
    var isRunningErrands = false
    var consumer: KafkaConsumer?
    var clusterID: String?
    var isPaused = false
    var isStopped = false
    /// The reader waits until there is room for more.
    var reader: CheckedContinuation<Void, Never>?
    var counters = StreamCounters()
    /// Why the last consumer came to its end, or partitions can't be opened; nil when all is well.
    var trouble: String?

    var heldRecords: Int { lanes.values.reduce(0) { $0 + ($1.window?.heldRecords ?? 0) } }
    var heldBytes: Int { lanes.values.reduce(0) { $0 + ($1.window?.heldBytes ?? 0) } }

    /// The reader, if it waits and may go on.
    mutating func takeReader(heldRecords: Int, heldBytes: Int) -> CheckedContinuation<Void, Never>? {
        guard let waiting = reader, isStopped || hasRoom(heldRecords: heldRecords, heldBytes: heldBytes) else {
            return nil
        }
        reader = nil
        return waiting
    }

    func hasRoom(heldRecords: Int, heldBytes: Int) -> Bool {
        self.heldRecords < heldRecords && self.heldBytes < heldBytes
    }

    /// A new lane for the partition, replacing any other.
    mutating func makeLane(_ partition: KafkaPartition) -> UInt64 {
        lastGeneration += 1
        lanes[partition] = PartitionLane(generation: lastGeneration)
        return lastGeneration
    }

    /// Changes the partition's window and takes down what that leads to. Nothing happens if the lane is another one by now.
    mutating func changeWindow(
        of partition: KafkaPartition, _ generation: UInt64, _ body: (inout PartitionWindow) -> [PartitionWindow.Action]
    ) {
        guard var lane = lanes[partition], lane.generation == generation, case .reading(var window) = lane.phase else {
            return
        }
        // The lane gives its window away, or every change would copy it.
        lane.phase = .opening
        lanes[partition] = lane
        let actions = body(&window)
        lane.phase = .reading(window)
        lanes[partition] = lane
        for action in actions {
            errands.append(Errand(partition: partition, generation: generation, action: action))
        }
    }

    /// Reads the partition no more until the alarm is answered. False if that is so already, or it is another lane by now.
    mutating func stop(
        _ partition: KafkaPartition, _ generation: UInt64, _ alarm: StreamAlarm, at stored: LedgerOffset?
    ) -> Bool {
        guard let lane = lanes[partition], lane.generation == generation, !lane.isStopped else { return false }
        var offsets = (stored?.next ?? 0)...(stored?.next ?? 0)
        if let window = lane.window {
            offsets = min(window.committed, window.position)...max(window.committed, window.position)
        }
        alarms[partition] = StandingAlarm(
            alarm: alarm, clusterID: stored?.clusterID ?? (lane.isKnown ? clusterID : nil), offsets: offsets)
        counters.alarms += 1
        lanes[partition]!.phase = .stopped
        return true
    }

    /// The partition has come back, and nobody has dealt with its alarm.
    mutating func stand(_ partition: KafkaPartition, _ generation: UInt64) {
        guard lanes[partition]?.generation == generation else { return }
        lanes[partition]!.phase = .stopped
    }
}
