import CRdkafka
import Logging
import Synchronization

/// What a consumer's thread does. Everything here happens on that thread, the library's callbacks included, for they come
/// from its polls.
final class ConsumerLoop: @unchecked Sendable {
    private let configuration: KafkaConsumerConfiguration
    private let delegate: any KafkaConsumerDelegate
    private let mailbox: ConsumerMailbox
    private let logger: Logger
    /// Whether partitions are paused because too much was read: those who take batches have to wake the thread then.
    let isUnderPressure = Atomic(false)

    private var handle: KafkaHandle!
    private var partitions: [KafkaPartition: AssignedPartition] = [:]
    private var assembler: BatchAssembler
    private var assignment: UInt64 = 0
    private var ownerPausesAll = false
    private var ownerPauses: Set<KafkaPartition> = []
    private var hasError = false
    private var nextPublishMilliseconds: Int64 = 0
    /// The library's topics keep their address while they are assigned; most records are of the same topic as the last.
    private var lastTopic: (pointer: OpaquePointer?, name: String) = (nil, "")

    private static let idlePollMilliseconds: Int64 = 100
    private static let publishMilliseconds: Int64 = 100
    private static let seekTimeoutMilliseconds = 5_000
    private static let lookUpTimeoutMilliseconds = 3_000

    init(
        _ configuration: KafkaConsumerConfiguration, delegate: any KafkaConsumerDelegate, mailbox: ConsumerMailbox,
        logger: Logger
    ) {
        self.configuration = configuration
        self.delegate = delegate
        self.mailbox = mailbox
        self.logger = logger
        assembler = BatchAssembler(
            recordLimit: configuration.batchRecordLimit, byteLimit: configuration.batchByteLimit,
            ageMilliseconds: Int64(configuration.batchMilliseconds))
    }

    /// The library's callbacks lead here.
    func callbacks() -> KafkaCallbacks {
        let callbacks = KafkaCallbacks(logger: logger)
        callbacks.rebalanced = { [unowned self] code, list in rebalanced(code, list) }
        callbacks.failed = { [unowned self] error in note(error) }
        callbacks.measured = { [unowned self] json in
            do {
                mailbox.publish(try KafkaStatistics(json: json))
            } catch {
                logger.warning("Kafka: the library's figures cannot be read", metadata: ["error": "\(error)"])
            }
        }
        return callbacks
    }

    /// Until the end that the owner wants, or a failure. The client is not yet destroyed then.
    /// - Returns: whether it was closed in good order.
    func run(_ handle: KafkaHandle) -> Bool {
        self.handle = handle
        defer { self.handle = nil }
        while true {
            let (wishes, closeTimeoutMilliseconds) = mailbox.takeWishes()
            for wish in wishes { fulfil(wish) }
            if let closeTimeoutMilliseconds { return close(timeoutMilliseconds: closeTimeoutMilliseconds) }
            if let failure = pollOnce() { return fail(failure) }
            let now = monotonicMilliseconds()
            for batch in assembler.takeDue(nowMilliseconds: now) { mailbox.deliver(batch) }
            regulate()
            publish(now)
        }
    }

    // MARK: Reading

    /// Gives the error after which the client can't go on.
    private func pollOnce() -> KafkaError? {
        let now = monotonicMilliseconds()
        let wait = assembler.nextDeadlineMilliseconds.map { max(0, min($0 - now, Self.idlePollMilliseconds)) }
        guard let message = rd_kafka_consumer_poll(handle.pointer, Int32(wait ?? Self.idlePollMilliseconds)) else {
            return handle.fatalError
        }
        defer { rd_kafka_message_destroy(message) }
        if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            take(message)
            return nil
        }
        if let fatal = handle.fatalError { return fatal }
        takeError(message)
        return nil
    }

    private func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        let partition = self.partition(of: message)
        guard let assigned = partitions[partition], !assigned.pauseReasons.contains(.held) else { return }
        let offset = message.pointee.offset
        if let position = assigned.position, offset < position {
            partitions[partition]!.repeatedRecords += 1
            return
        }
        if looksAgain(partition, assigned, at: offset) { return }
        partitions[partition]!.position = offset + 1
        if hasError {
            hasError = false
            mailbox.publish(nil as KafkaError?)
        }
        let full = assembler.append(
            KafkaReceivedRecord(message), of: partition, expectedOffset: assigned.position, assignment: assignment,
            nowMilliseconds: monotonicMilliseconds())
        if let full { mailbox.deliver(full) }
    }

    /// The first record after a move lies behind the one that was asked for. There may be nothing but markers between; or the
    /// library reads elsewhere, for one that looks up an end may hear of it after the move. So the move is made once more, and
    /// what comes then is believed.
    private func looksAgain(_ partition: KafkaPartition, _ assigned: AssignedPartition, at offset: Int64) -> Bool {
        guard assigned.isStartOpen else { return false }
        partitions[partition]!.isStartOpen = false
        guard let position = assigned.position, offset > position else { return false }
        logger.info(
            "Kafka: reads once more where it was to begin",
            metadata: ["partition": "\(partition)", "position": "\(position)", "offset": "\(offset)"])
        do throws(KafkaError) {
            try move(partition, to: position)
            partitions[partition]!.isStartOpen = false
        } catch {
            stop(partition, error)
        }
        return true
    }

    private func partition(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaPartition {
        if message.pointee.rkt != lastTopic.pointer {
            let name = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
            lastTopic = (message.pointee.rkt, name)
        }
        return KafkaPartition(topic: lastTopic.name, number: message.pointee.partition)
    }

    /// An error that the library hands out among the records; some are about one partition or topic.
    private func takeError(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        let code = message.pointee.err
        // An error may be about a topic that is not assigned, whose address means nothing later.
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
        let partition = KafkaPartition(topic: topic, number: message.pointee.partition)
        let detail = rd_kafka_message_errstr(message).map { String(cString: $0) }
        let error = KafkaError(code: code, detail: detail)
        switch error.kind {
        case .offsetOutOfRange: stop(partition, explain(error, partition))
        case .unknownTopic, .unknownPartition, .notAuthorized:
            let hit = partitions.keys.filter { $0 == partition || partition.number < 0 && $0.topic == partition.topic }
            for partition in hit.sorted() { stop(partition, error) }
            note(error)
        default: note(error)
        }
    }

    /// An offset that is not there is one that retention has passed, or one of a topic that is not what it was.
    private func explain(_ error: KafkaError, _ partition: KafkaPartition) -> KafkaError {
        guard let position = partitions[partition]?.position else { return error }
        do throws(KafkaError) {
            let watermarks = try handle.watermarks(
                of: partition, timeoutMilliseconds: Self.lookUpTimeoutMilliseconds)
            return watermarks.error(readingAt: position, of: partition) ?? error
        } catch {
            return KafkaError(
                .offsetOutOfRange, "offset \(position) of \(partition) is not there, and its ends are not known",
                detail: "\(error)")
        }
    }

    private func stop(_ partition: KafkaPartition, _ error: KafkaError) {
        guard partitions[partition] != nil, !partitions[partition]!.pauseReasons.contains(.held) else { return }
        logger.error("Kafka: a partition stopped", metadata: ["partition": "\(partition)", "error": "\(error)"])
        pause([partition], .held)
        delegate.partitionStopped(partition, error)
    }

    private func note(_ error: KafkaError) {
        hasError = true
        mailbox.publish(error)
        logger.debug("Kafka consumer", metadata: ["error": "\(error)"])
    }

    // MARK: Pausing

    private func regulate() {
        let ready = mailbox.held
        let records = ready.records + assembler.records
        let bytes = ready.bytes + assembler.bytes
        if isUnderPressure.load(ordering: .relaxed) {
            guard records <= configuration.recordMarks.low, bytes <= configuration.byteMarks.low else { return }
            isUnderPressure.store(false, ordering: .sequentiallyConsistent)
            unpause(Array(partitions.keys), .pressure)
        } else {
            guard records >= configuration.recordMarks.high || bytes >= configuration.byteMarks.high else { return }
            pause(Array(partitions.keys), .pressure)
            isUnderPressure.store(true, ordering: .sequentiallyConsistent)
        }
        publish(monotonicMilliseconds(), always: true)
    }

    private func pause(_ wanted: [KafkaPartition], _ reason: AssignedPartition.PauseReasons) {
        var running: [KafkaPartition] = []
        for partition in wanted where partitions[partition] != nil {
            if !partitions[partition]!.isPaused { running.append(partition) }
            partitions[partition]!.pauseReasons.insert(reason)
        }
        guard !running.isEmpty else { return }
        do throws(KafkaError) {
            try handle.pause(running)
        } catch {
            // What comes nevertheless is in order and counted; only the bound is softer for it.
            logger.warning("Kafka: partitions cannot be paused", metadata: ["error": "\(error)"])
        }
    }

    private func unpause(_ wanted: [KafkaPartition], _ reason: AssignedPartition.PauseReasons) {
        for partition in wanted.sorted() where partitions[partition]?.pauseReasons.contains(reason) == true {
            partitions[partition]!.pauseReasons.remove(reason)
            if !partitions[partition]!.isPaused { restart(partition) }
        }
    }

    /// Reads on at our own position, whatever the library thinks where a paused partition stands.
    private func restart(_ partition: KafkaPartition) {
        do throws(KafkaError) {
            try handle.resume([partition])
            if let position = partitions[partition]!.position { try move(partition, to: position) }
        } catch {
            stop(partition, error)
        }
    }

    private func move(_ partition: KafkaPartition, to offset: Int64) throws(KafkaError) {
        do throws(KafkaError) {
            try handle.seek(partition, to: offset, timeoutMilliseconds: Self.seekTimeoutMilliseconds)
        } catch {
            // After an error of its own the library reads a partition no more until it is assigned anew, and it knows only
            // whole assignments.
            guard error.code == "_STATE" else { throw error }
            try assign()
        }
        partitions[partition]?.isStartOpen = true
    }

    /// Gives the library the assignment that we know, each partition at its position.
    private func assign() throws(KafkaError) {
        try handle.assign(PartitionList(partitions.values.map { ($0.partition, $0.position ?? $0.logicalStart) }))
        for partition in partitions.keys { partitions[partition]!.isStartOpen = true }
        let paused = partitions.values.filter(\.isPaused).map(\.partition)
        if !paused.isEmpty { try handle.pause(paused) }
    }

    // MARK: Wishes

    private func fulfil(_ wish: ConsumerMailbox.Wish) {
        switch wish {
        case .seek(let partition, let offset, let done): done(seek(partition, to: offset))
        case .pauseAll:
            ownerPausesAll = true
            pause(Array(partitions.keys), .owner)
        case .resumeAll:
            ownerPausesAll = false
            ownerPauses = []
            unpause(Array(partitions.keys), .owner)
        case .pause(let partition):
            ownerPauses.insert(partition)
            pause([partition], .owner)
        case .resume(let partition):
            ownerPauses.remove(partition)
            if !ownerPausesAll { unpause([partition], .owner) }
        }
        publish(monotonicMilliseconds(), always: true)
    }

    private func seek(_ partition: KafkaPartition, to offset: Int64) -> KafkaError? {
        guard let assigned = partitions[partition] else {
            return KafkaError(.notAssigned, "\(partition) is not assigned to this consumer")
        }
        assembler.drop(partition)
        mailbox.dropReady(of: [partition])
        partitions[partition]!.position = offset
        partitions[partition]!.pauseReasons.remove(.held)
        // One that stays paused is set right when it goes on.
        guard !partitions[partition]!.isPaused else { return nil }
        do throws(KafkaError) {
            if assigned.isPaused { try handle.resume([partition]) }
            try move(partition, to: offset)
            return nil
        } catch {
            stop(partition, error)
            return error
        }
    }

    private func publish(_ now: Int64, always: Bool = false) {
        guard always || now >= nextPublishMilliseconds else { return }
        nextPublishMilliseconds = now + Self.publishMilliseconds
        mailbox.publish(partitions.values)
    }

    // MARK: Rebalancing

    private func rebalanced(
        _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) {
        do throws(KafkaError) {
            switch code {
            case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS: try assigned(PartitionList.partitions(of: list))
            case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
                wentAway(rd_kafka_assignment_lost(handle.pointer) != 0 ? .lost : .revoked)
                try handle.assign(nil)
            default:
                note(KafkaError(code: code))
                wentAway(.lost)
                try handle.assign(nil)
            }
        } catch {
            note(error)
            logger.error("Kafka: the assignment of partitions failed", metadata: ["error": "\(error)"])
        }
        publish(monotonicMilliseconds(), always: true)
    }

    private func assigned(_ new: [KafkaPartition]) throws(KafkaError) {
        assignment += 1
        lastTopic = (nil, "")
        let starts = new.isEmpty ? [:] : delegate.startingPoints(of: new)
        partitions = [:]
        for partition in new {
            var state = AssignedPartition(partition, startingAt: starts[partition] ?? .hold)
            if ownerPausesAll || ownerPauses.contains(partition) { state.pauseReasons.insert(.owner) }
            if isUnderPressure.load(ordering: .relaxed) { state.pauseReasons.insert(.pressure) }
            partitions[partition] = state
        }
        try assign()
    }

    private func wentAway(_ how: KafkaRevocation) {
        guard !partitions.isEmpty else { return }
        let gone = partitions.keys.sorted()
        for partition in gone { assembler.drop(partition) }
        mailbox.dropReady(of: Set(gone))
        partitions = [:]
        delegate.partitionsWentAway(gone, how)
    }

    // MARK: The end

    private func close(timeoutMilliseconds: Int) -> Bool {
        let isClosed = handle.close(timeoutMilliseconds: timeoutMilliseconds)
        // Given up before the group had its say.
        wentAway(.lost)
        mailbox.publish(partitions.values)
        mailbox.end(nil)
        return isClosed
    }

    private func fail(_ failure: KafkaError) -> Bool {
        logger.error("Kafka: the consumer has to stop", metadata: ["error": "\(failure)"])
        wentAway(.lost)
        mailbox.publish(partitions.values)
        delegate.consumerFailed(failure)
        mailbox.end(failure)
        return handle.close(timeoutMilliseconds: 1_000)
    }
}
