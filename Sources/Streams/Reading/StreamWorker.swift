import DequeModule
public import Kafka
public import Logging
public import Security
import Synchronization

/// Reads the partitions that this node is assigned and brings what is in them to the ledger, each record once.
///
/// Kafka says which partitions; the ledger says where to begin, and takes a batch only where the last one ended. So a node
/// that was frozen and goes on, two nodes with the same partition, an answer that was lost: none of them can double or skip
/// a record. To be stopped when it is no longer needed.
public final class StreamWorker: Sendable {
    let configuration: StreamConfiguration
    let sink: any StreamSink
    let lookUp: KafkaLookUp
    let logger: Logger
    let state = Mutex(StreamWorkerState())
    private let memberID: String
    private let decoder: RecordDecoder
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// How long brokers may not know a partition that they have just assigned.
    static let unknownPatience = Duration.seconds(30)
    private static let replacementPauseLimitMilliseconds = 30_000
    private static let closeMilliseconds = 5_000

    /// Needs no broker yet. `memberID` is the node's lasting name in the group; two live nodes must not have the same.
    ///
    /// Throws `invalidConfiguration` with the name of the field.
    public init(
        _ configuration: StreamConfiguration, memberID: String, sink: any StreamSink, sealer: Sealer,
        blindIndex: BlindIndex, logger: Logger
    ) throws(KafkaError) {
        try configuration.validate()
        _ = try configuration.consumer(memberID: memberID).properties()
        self.configuration = configuration
        self.memberID = memberID
        self.sink = sink
        self.logger = logger
        decoder = RecordDecoder(sealer: sealer, blindIndex: blindIndex)
        lookUp = try KafkaLookUp(configuration.connection, logger: logger)
    }

    // MARK: Life

    /// Joins the group and reads. Once.
    public func start() {
        tasks.withLock { tasks in
            precondition(tasks.isEmpty, "a worker is started once")
            tasks = [Task { await run() }, Task { await recheck() }]
        }
    }

    /// Gives the partitions back and reads no more. What is under way to the ledger is not waited for: the ledger knows.
    public func stop() async {
        let (consumer, reader) = state.withLock { state in
            state.isStopped = true
            defer { state.reader = nil }
            return (state.consumer, state.reader)
        }
        reader?.resume()
        let tasks = tasks.withLock { $0 }
        for task in tasks { task.cancel() }
        await consumer?.close(timeoutMilliseconds: Self.closeMilliseconds)
        for task in tasks { await task.value }
        await lookUp.close()
    }

    /// Reads nothing more on this node until `resume`, and keeps the partitions. What was read is brought to its end.
    public func pause() {
        let consumer = state.withLock { state in
            state.isPaused = true
            return state.consumer
        }
        consumer?.pause()
    }

    public func resume() {
        let (consumer, stopped) = state.withLock { state in
            state.isPaused = false
            return (state.consumer, state.lanes.filter(\.value.isStopped).keys)
        }
        consumer?.resume()
        // That ended the pauses of single partitions too.
        for partition in stopped { consumer?.pause(partition) }
    }

    public var isPaused: Bool { state.withLock { $0.isPaused } }

    // MARK: Reading

    /// One consumer after another: one that can't go on is replaced.
    private func run() async {
        var quickDeaths = 0
        while !state.withLock({ $0.isStopped }) {
            let began = ContinuousClock.now
            do {
                try await readWithOneConsumer()
                return
            } catch {
                let isStopped = state.withLock { state in
                    state.consumer = nil
                    state.trouble = "\(error)"
                    state.counters.replacements += 1
                    return state.isStopped
                }
                if isStopped { return }
                logger.error("Kafka: the worker makes a new consumer", metadata: ["error": "\(error)"])
            }
            quickDeaths = ContinuousClock.now - began < .seconds(60) ? quickDeaths + 1 : 0
            // Two nodes under one name take the group from each other: not faster and faster.
            let pause = min(Self.replacementPauseLimitMilliseconds, 500 << min(quickDeaths, 6))
            try? await Task.sleep(for: .milliseconds(pause))
        }
    }

    private func readWithOneConsumer() async throws {
        let consumer = try KafkaConsumer(
            configuration.consumer(memberID: memberID), delegate: ConsumerEvents(self), logger: logger)
        let mayRead = state.withLock { state in
            if state.isStopped { return false }
            state.consumer = consumer
            if state.isPaused { consumer.pause() }
            return true
        }
        do {
            while mayRead {
                await roomForMore()
                guard let batch = try await consumer.nextBatch() else { break }
                take(batch)
            }
        } catch is CancellationError {
        } catch {
            await consumer.close(timeoutMilliseconds: Self.closeMilliseconds)
            throw error
        }
        await consumer.close(timeoutMilliseconds: Self.closeMilliseconds)
    }

    /// What the ledger can't take yet is bounded here, and the consumer's own bounds do the rest: it stops fetching.
    private func roomForMore() async {
        await withCheckedContinuation { continuation in
            let isRoom = state.withLock { state in
                let isRoom = state.hasRoom(
                    heldRecords: configuration.heldRecords, heldBytes: configuration.heldBytes)
                if isRoom || state.isStopped { return true }
                state.reader = continuation
                return false
            }
            if isRoom { continuation.resume() }
        }
    }

    private func take(_ batch: KafkaBatch) {
        let partition = batch.partition
        // Only this task appends; a seek in between shows when the batch is appended.
        let found = state.withLock { state -> (UInt64, PartitionWindow.Admission, String)? in
            guard let lane = state.lanes[partition], let window = lane.window, let clusterID = state.clusterID else {
                return nil
            }
            let admission = window.admission(expectedOffset: batch.expectedOffset, nextOffset: batch.nextOffset)
            return (lane.generation, admission, clusterID)
        }
        guard let (generation, admission, clusterID) = found else { return }
        switch admission {
        case .drop: break
        case .gap:
            change { $0.changeWindow(of: partition, generation) { $0.gap() } }
        case .take(let offset):
            let decoded = decoder.decode(batch, from: offset, clusterID: clusterID)
            change { $0.changeWindow(of: partition, generation) { $0.append(decoded) } }
        }
    }

    // MARK: Answers and errands

    func answered(
        _ partition: KafkaPartition, _ generation: UInt64, _ ticket: UInt64, _ batch: StreamBatch,
        _ outcome: BatchOutcome
    ) {
        change { state in
            state.counters.count(outcome, of: batch)
            switch outcome {
            case .committed, .offsetConflict:
                if state.lanes[partition]?.generation == generation { state.lanes[partition]!.isKnown = true }
            case .streamChanged, .tooManyPartitions, .unavailable, .invalid: break
            }
            state.changeWindow(of: partition, generation) { $0.answered(ticket, outcome) }
        }
    }

    /// Changes the state, then does what that leads to.
    func change(_ body: (inout StreamWorkerState) -> Void) {
        let (reader, mayRun) = state.withLock { state in
            body(&state)
            let reader = state.takeReader(heldRecords: configuration.heldRecords, heldBytes: configuration.heldBytes)
            let mayRun = !state.isRunningErrands && !state.errands.isEmpty
            if mayRun { state.isRunningErrands = true }
            return (reader, mayRun)
        }
        reader?.resume()
        if mayRun { runErrands() }
    }

    /// One after another, so that batches are handed over in their order whoever decided it.
    private func runErrands() {
        while true {
            let errand = state.withLock { state in
                let errand = state.errands.popFirst()
                if errand == nil { state.isRunningErrands = false }
                return errand
            }
            guard let errand else { return }
            run(errand)
        }
    }

    private func run(_ errand: StreamWorkerState.Errand) {
        let (partition, generation) = (errand.partition, errand.generation)
        switch errand.action {
        case .submit(let ticket, let batch):
            // Up to where the sink first suspends this runs here and now: that keeps the order.
            Task.immediate { [self] in
                answered(partition, generation, ticket, batch, await sink.submit(batch))
            }
        case .seek(let offset):
            Task { await seek(partition, generation, to: offset) }
        case .retry(let milliseconds):
            Task {
                try? await Task.sleep(for: .milliseconds(milliseconds))
                change { $0.changeWindow(of: partition, generation) { $0.retry() } }
            }
        case .stop(let kind, let message):
            raise(kind, message, partition, generation, at: nil)
        }
    }
}
