import Foundation
public import Kafka
import Ledger
import Logging
import Synchronization

/// What becomes of partitions: assigned, opened, moved, stopped, looked at again, gone.
extension StreamWorker {
    private static let firstPauseMilliseconds = 50
    private static let pauseLimitMilliseconds = 2_000

    // MARK: Opening

    /// All are held until it is known where to begin: the group does not have to wait for that.
    func assigned(_ partitions: [KafkaPartition]) {
        let generations = state.withLock { state in
            var generations: [KafkaPartition: UInt64] = [:]
            for partition in partitions { generations[partition] = state.makeLane(partition) }
            return generations
        }
        Task { await open(generations) }
    }

    func wentAway(_ partitions: [KafkaPartition]) {
        change { state in
            for partition in partitions { state.lanes[partition] = nil }
        }
    }

    /// Finds out where each begins, for as long as it takes and they are wanted.
    func open(_ generations: [KafkaPartition: UInt64]) async {
        var left = generations
        var pause = Self.firstPauseMilliseconds
        let began = ContinuousClock.now
        while true {
            left = state.withLock { state in
                state.isStopped ? [:] : left.filter { state.lanes[$0.key]?.generation == $0.value }
            }
            if left.isEmpty { return }
            do {
                let offsets = try await sink.nextOffsets()
                guard let clusterID = try await lookUp.clusterID() else {
                    throw KafkaError(.timedOut, "the brokers did not say what their cluster is called")
                }
                guard StreamRange.isValid(clusterID: clusterID) else {
                    throw KafkaError(.other, "the brokers' name of their cluster has \(clusterID.utf8.count) bytes")
                }
                for (partition, generation) in left.sorted(by: { $0.key < $1.key }) {
                    do throws(KafkaError) {
                        let watermarks = try await lookUp.watermarks(of: partition)
                        begin(partition, generation, stored: offsets[partition], clusterID, watermarks)
                        left[partition] = nil
                    } catch {
                        guard Self.isFinal(error, after: ContinuousClock.now - began) else {
                            note("\(error)")
                            continue
                        }
                        let kind = StreamAlarm.Kind(error.kind)
                        raise(kind, error.message, partition, generation, at: offsets[partition])
                        left[partition] = nil
                    }
                }
                if left.isEmpty { return note(nil) }
            } catch {
                note("\(error)")
            }
            try? await Task.sleep(for: .milliseconds(pause))
            pause = min(pause * 2, Self.pauseLimitMilliseconds)
        }
    }

    /// A broker may not have heard of a new partition yet.
    private static func isFinal(_ error: KafkaError, after time: Duration) -> Bool {
        switch error.kind {
        case .notAuthorized: true
        case .unknownTopic, .unknownPartition: time > unknownPatience
        default: false
        }
    }

    private func begin(
        _ partition: KafkaPartition, _ generation: UInt64, stored: LedgerOffset?, _ clusterID: String,
        _ watermarks: KafkaWatermarks
    ) {
        let isStanding = state.withLock { $0.alarms[partition].map { !$0.isAnswered(by: stored) } ?? false }
        if isStanding { return change { $0.stand(partition, generation) } }
        let opening = PartitionOpening(
            of: partition, stored: stored, clusterID: clusterID, watermarks: watermarks, start: configuration.start)
        switch opening {
        case .alarm(let kind, let message):
            raise(kind, message, partition, generation, at: stored)
        case .begin(let offset, let isKnown):
            change { state in
                guard let lane = state.lanes[partition], lane.generation == generation else { return }
                state.clusterID = clusterID
                state.alarms[partition] = nil
                state.lanes[partition]!.isKnown = isKnown
                state.lanes[partition]!.phase = .reading(
                    PartitionWindow(startingAt: offset, flightLimit: configuration.batchesUnderWay))
                state.errands.append(
                    StreamWorkerState.Errand(partition: partition, generation: generation, action: .seek(offset)))
            }
        }
    }

    // MARK: Moving

    func seek(_ partition: KafkaPartition, _ generation: UInt64, to offset: Int64) async {
        var isStill = true
        while isStill {
            let consumer = state.withLock { state -> KafkaConsumer? in
                guard let lane = state.lanes[partition], lane.generation == generation,
                    lane.window?.phase == .seeking(offset)
                else { return nil }
                return state.consumer
            }
            guard let consumer else { return }
            do throws(KafkaError) {
                try await consumer.seek(partition, to: offset)
                // It may have been paused as one that stopped.
                consumer.resume(partition)
                change { state in
                    state.counters.seeks += 1
                    state.changeWindow(of: partition, generation) { window in
                        window.sought(offset)
                        return []
                    }
                }
                return
            } catch {
                switch error.kind {
                case .overloaded: try? await Task.sleep(for: .milliseconds(Self.firstPauseMilliseconds))
                // The lane will be gone in a moment.
                case .notAssigned, .closed: isStill = false
                default:
                    isStill = false
                    raise(StreamAlarm.Kind(error.kind), error.message, partition, generation, at: nil)
                }
            }
        }
    }

    // MARK: Stopping

    func stopped(_ partition: KafkaPartition, _ error: KafkaError) {
        guard let generation = state.withLock({ $0.lanes[partition]?.generation }) else { return }
        raise(StreamAlarm.Kind(error.kind), error.message, partition, generation, at: nil)
    }

    func raise(
        _ kind: StreamAlarm.Kind, _ message: String, _ partition: KafkaPartition, _ generation: UInt64,
        at stored: LedgerOffset?
    ) {
        let alarm = StreamAlarm(kind, message, sinceMilliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        var hasStopped = false
        change { hasStopped = $0.stop(partition, generation, alarm, at: stored) }
        guard hasStopped else { return }
        state.withLock { $0.consumer }?.pause(partition)
        logger.error(
            "a partition is not read any more", metadata: ["partition": "\(partition)", "alarm": "\(alarm)"])
    }

    private func note(_ trouble: String?) { state.withLock { $0.trouble = trouble } }

    // MARK: Looking again

    /// Partitions that stopped go on when what stopped them is gone: what an operator has to decide, only then.
    /// An operator has looked: the partition is opened again soon, wherever the ledger stands.
    public func dismissAlarm(of partition: KafkaPartition) {
        state.withLock { $0.alarms[partition] = nil }
    }

    func recheck() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(configuration.recheckMilliseconds))
            let stopped = state.withLock { $0.lanes.filter(\.value.isStopped).mapValues(\.generation) }
            guard !stopped.isEmpty, let offsets = try? await sink.nextOffsets() else { continue }
            let again = state.withLock { state in
                var again: [KafkaPartition: UInt64] = [:]
                for (partition, generation) in stopped where state.lanes[partition]?.generation == generation {
                    guard state.alarms[partition]?.isAnswered(by: offsets[partition]) ?? true else { continue }
                    again[partition] = state.makeLane(partition)
                }
                return again
            }
            if !again.isEmpty { await open(again) }
        }
    }
}

/// What the consumer's thread tells; it must not keep the worker alive.
final class ConsumerEvents: KafkaConsumerDelegate {
    private weak let worker: StreamWorker?

    init(_ worker: StreamWorker) { self.worker = worker }

    func startingPoints(of partitions: [KafkaPartition]) -> [KafkaPartition: KafkaStartingPoint] {
        worker?.assigned(partitions)
        return [:]
    }

    func partitionsWentAway(_ partitions: [KafkaPartition], _ how: KafkaRevocation) { worker?.wentAway(partitions) }

    func partitionStopped(_ partition: KafkaPartition, _ error: KafkaError) { worker?.stopped(partition, error) }

    /// The reader hears the same.
    func consumerFailed(_ error: KafkaError) {}
}
