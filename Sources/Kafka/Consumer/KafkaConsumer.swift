public import Logging
import Synchronization
import Threads

/// Reads topics as a member of a group, with the other nodes as the other members.
///
/// The thread polls single records, never the library's own batches, which can lose records when partitions move. Records
/// that were read and not yet taken are bounded: at the high mark the partitions are paused, and the thread goes on polling,
/// so that the group keeps the member. Offsets are never committed. To be closed when it is no longer needed.
public final class KafkaConsumer: Sendable {
    private let mailbox = ConsumerMailbox()
    private let loop: ConsumerLoop
    private let lowRecords: Int
    private let lowBytes: Int
    /// Nil from just before the client is destroyed.
    private let client: SharedClient
    private let thread: DedicatedThread

    /// Joins the group; needs no broker yet. The delegate is kept until the end.
    ///
    /// Throws `invalidConfiguration` with the name of the field.
    public init(
        _ configuration: KafkaConsumerConfiguration, delegate: any KafkaConsumerDelegate, logger: Logger
    ) throws(KafkaError) {
        let loop = ConsumerLoop(configuration, delegate: delegate, mailbox: mailbox, logger: logger)
        let handle = try KafkaHandle(.consumer, try configuration.properties(), loop.callbacks())
        try handle.subscribe(configuration.topics)
        let client = SharedClient(handle)
        self.loop = loop
        self.client = client
        lowRecords = configuration.recordMarks.low
        lowBytes = configuration.byteMarks.low
        thread = DedicatedThread(name: "kafka-consumer") { [mailbox] in
            let isClosed = loop.run(handle)
            client.forget()
            handle.destroy(withoutClosing: !isClosed)
            mailbox.tellClosers()
        }
    }

    deinit {
        mailbox.requestClose(timeoutMilliseconds: 0)
        client.wake()
    }

    /// The next batch, in order within its partition; nil after `close`. One caller at a time.
    ///
    /// A batch that was taken is the caller's: it counts no longer against the marks.
    /// - Throws: `fenced` or `fatal` if the consumer came to its end by itself; `CancellationError`, and no batch is lost then.
    public func nextBatch() async throws -> KafkaBatch? {
        let ticket = mailbox.makeTicket()
        let batch = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                mailbox.receive(ticket) { continuation.resume(with: $0) }
            }
        } onCancel: {
            mailbox.withdraw(ticket)
        }
        if loop.isUnderPressure.load(ordering: .sequentiallyConsistent) {
            let held = mailbox.held
            if held.records <= lowRecords, held.bytes <= lowBytes { client.wake() }
        }
        return batch
    }

    /// Reads the partition on from `offset`; what was read of it and not yet taken is dropped. Starts one that stopped or was
    /// held.
    /// - Throws: `notAssigned`, `closed`, `overloaded`, or what the library says.
    public func seek(_ partition: KafkaPartition, to offset: Int64) async throws(KafkaError) {
        precondition(offset >= 0, "an offset is not negative")
        let error = await withCheckedContinuation { continuation in
            let wish = ConsumerMailbox.Wish.seek(partition, to: offset) { continuation.resume(returning: $0) }
            if let refusal = mailbox.wish(wish) {
                continuation.resume(returning: refusal)
            } else {
                client.wake()
            }
        }
        if let error { throw error }
    }

    /// Reads nothing more until `resume`, whatever partitions come. What was read can be taken.
    public func pause() { wish(.pauseAll) }

    /// Ends `pause` and the pauses of single partitions.
    public func resume() { wish(.resumeAll) }

    /// Reads nothing more of this partition until it is resumed, over changes of assignment.
    public func pause(_ partition: KafkaPartition) { wish(.pause(partition)) }

    public func resume(_ partition: KafkaPartition) { wish(.resume(partition)) }

    /// The assigned partitions and the offset that is read next, as of the last tenth of a second; nil where it is not known
    /// yet.
    public var positions: [KafkaPartition: Int64?] { mailbox.positions }

    /// Those of the assigned partitions that are paused, for whatever reason.
    public var pausedPartitions: Set<KafkaPartition> { mailbox.paused }

    /// Records and bytes that are ready and were not yet taken.
    public var held: (records: Int, bytes: Int) { mailbox.held }

    /// What went wrong last, if no record came since then.
    public var lastError: KafkaError? { mailbox.lastError }

    /// The library's figures, as of the last interval; nil before the first.
    public var statistics: KafkaStatistics? { mailbox.statistics }

    /// Gives the partitions back and ends. The delegate hears of it; `nextBatch` then gives nil.
    ///
    /// After `timeoutMilliseconds` the client is ended without the group's consent, and the partitions count as lost.
    public func close(timeoutMilliseconds: Int = 5_000) async {
        await withCheckedContinuation { continuation in
            mailbox.requestClose(timeoutMilliseconds: timeoutMilliseconds) { continuation.resume() }
            client.wake()
        }
        thread.join()
    }

    private func wish(_ wish: ConsumerMailbox.Wish) {
        // One that is refused comes too late anyway: only a closed consumer, or one that hangs, refuses.
        if mailbox.wish(wish) == nil { client.wake() }
    }
}

/// The client, for those who may only wake it.
private final class SharedClient: Sendable {
    private let handle: Mutex<KafkaHandle?>

    init(_ handle: KafkaHandle) { self.handle = Mutex(handle) }

    func wake() { handle.withLock { $0?.wake() } }
    func forget() { handle.withLock { $0 = nil } }
}
