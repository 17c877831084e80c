import CRdkafka
import Glibc
import Logging
import Threads

/// What a producer does: callers hand records to the library under one lock, so that the buffer and the library agree
/// about their order; the thread serves delivery reports, retries, replacements and the end.
final class ProducerWorker: Sendable {
    typealias Outcome = Result<[Result<KafkaDelivery, KafkaError>], KafkaError>

    private struct State {
        var buffer: ProducerBuffer
        /// Nil while a new one is being made, and after the end.
        var handle: KafkaHandle?
        var isBroken = false
        var replacements = 0
        var closeDeadlineMilliseconds: Int64?
        var closers: [@Sendable (Int) -> Void] = []
        var isClosed = false
        var abandoned = 0
        var statistics: KafkaStatistics?
        var lastError: KafkaError?
        var thread: DedicatedThread?
    }

    private let configuration: KafkaProducerConfiguration
    private let properties: KafkaProperties
    private let logger: Logger
    private let state: Monitor<State>

    private static let heldRetryMilliseconds: Int64 = 100
    /// How long a broken client may wait for answers that are under way: each of them is one record less to double.
    private static let drainMilliseconds: Int64 = 2_000

    init(_ configuration: KafkaProducerConfiguration, logger: Logger) throws(KafkaError) {
        self.configuration = configuration
        self.logger = logger
        properties = try configuration.properties()
        state = Monitor(
            State(buffer: ProducerBuffer(recordMarks: configuration.recordMarks, byteMarks: configuration.byteMarks)))
        let reports = DeliveryReports()
        let first = try makeHandle(reports)
        state.withLock { $0.handle = first }
        let thread = DedicatedThread(name: "kafka-producer") { self.run(first, reports) }
        state.withLock { $0.thread = thread }
    }

    var load: KafkaProducerLoad {
        state.withLock { state in
            let gate = state.buffer.gate
            return KafkaProducerLoad(
                records: gate.records, bytes: gate.bytes, isShedding: gate.isShut, replacements: state.replacements)
        }
    }

    var statistics: KafkaStatistics? { state.withLock { $0.statistics } }
    var lastError: KafkaError? { state.withLock { $0.lastError } }

    // MARK: Callers

    func accept(_ records: [KafkaRecord], sizes: [Int], _ resume: @escaping @Sendable (Outcome) -> Void) {
        let now = monotonicMilliseconds()
        let group = ProducerBuffer.Group(count: records.count) { resume(.success($0)) }
        var finished: ProducerBuffer.Group?
        let refusal = state.withLock { state -> KafkaError? in
            guard state.closeDeadlineMilliseconds == nil else {
                return KafkaError(.closed, "the producer has been closed")
            }
            guard state.buffer.admits(records: records.count, bytes: sizes.reduce(0, +)) else {
                return state.buffer.gate.refusal
            }
            for (index, record) in records.enumerated() {
                let sequence = state.buffer.accept(
                    record, bytes: sizes[index], group: group, index: index, nowMilliseconds: now)
                if let group = hand(sequence, to: &state, nowMilliseconds: now) { finished = group }
            }
            // The thread may be in a long poll.
            if state.isBroken || state.buffer.hasHeld { state.handle?.wake() }
            return nil
        }
        if let refusal { resume(.failure(refusal)) }
        if let finished { finished.resume(finished.results.map { $0! }) }
    }

    func requestClose(flushMilliseconds: Int, _ closed: (@Sendable (Int) -> Void)? = nil) {
        let alreadyAbandoned = state.update { state -> Int? in
            if state.isClosed { return state.abandoned }
            if let closed { state.closers.append(closed) }
            let deadline = monotonicMilliseconds() + Int64(max(0, flushMilliseconds))
            state.closeDeadlineMilliseconds = min(state.closeDeadlineMilliseconds ?? .max, deadline)
            state.handle?.wake()
            return nil
        }
        if let alreadyAbandoned { closed?(alreadyAbandoned) }
    }

    /// After the end: waits the moment until the thread is gone.
    func join() { state.withLock { $0.thread }?.join() }

    func provokeFatalError() {
        state.withLock { state in
            guard let handle = state.handle else { return }
            rd_kafka_test_fatal_error(
                handle.pointer, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "provoked by a test")
        }
    }

    /// Gives a record to the library, or holds it back. Gives its group if it failed at once and was the last of it.
    private func hand(
        _ sequence: UInt, to state: inout State, nowMilliseconds: Int64
    ) -> ProducerBuffer.Group? {
        // Without a client it waits in the buffer, and the next client is given all of it.
        guard let handle = state.handle, !state.isBroken, let entry = state.buffer[sequence] else { return nil }
        if state.buffer.mustWait(entry.record) {
            state.buffer.hold(sequence)
            return nil
        }
        let code = handle.produce(entry.record, sequence: sequence)
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return nil
        case RD_KAFKA_RESP_ERR__FATAL:
            state.isBroken = true
            return nil
        case RD_KAFKA_RESP_ERR__QUEUE_FULL:
            state.buffer.hold(sequence)
            return nil
        default:
            if mayWait(code, entry, nowMilliseconds) {
                state.buffer.hold(sequence)
                return nil
            }
            return state.buffer.finish(
                sequence, .failure(KafkaError(code: code, detail: entry.record.topic, persistence: .notPersisted)))
        }
    }

    /// A topic that has just been made is not yet known to every broker.
    private func mayWait(_ code: rd_kafka_resp_err_t, _ entry: ProducerBuffer.Entry, _ now: Int64) -> Bool {
        switch code {
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            now - entry.acceptedMilliseconds < Int64(configuration.unknownTopicPatienceMilliseconds)
        default: false
        }
    }

    // MARK: The thread

    private func run(_ first: KafkaHandle, _ reports: DeliveryReports) {
        var handle: KafkaHandle? = first
        var quickDeaths = 0
        while let live = handle {
            handle = nil
            let bornMilliseconds = monotonicMilliseconds()
            guard serve(live, reports) == .broke else {
                live.destroy()
                break
            }
            quickDeaths = monotonicMilliseconds() - bornMilliseconds < 10_000 ? quickDeaths + 1 : 0
            handle = replace(live, reports, quickDeaths: quickDeaths)
        }
        end()
    }

    private enum Fate {
        case broke, ended
    }

    /// Serves one client until it breaks or is to end, and takes it out of use.
    private func serve(_ handle: KafkaHandle, _ reports: DeliveryReports) -> Fate {
        var nextRetryMilliseconds: Int64 = 0
        while true {
            let isBusy = state.withLock { $0.buffer.hasHeld || $0.closeDeadlineMilliseconds != nil }
            rd_kafka_poll(handle.pointer, isBusy ? 20 : 500)
            let fatalError = handle.fatalError
            settle(reports.take(), fatal: fatalError != nil)
            if let fatalError {
                logger.error("Kafka: the producer broke and is made anew", metadata: ["error": "\(fatalError)"])
                retire(handle, reports)
                return .broke
            }
            let now = monotonicMilliseconds()
            if now >= nextRetryMilliseconds {
                retryHeld(now)
                nextRetryMilliseconds = now + Self.heldRetryMilliseconds
            }
            if mayEnd(now) {
                retire(handle, reports, isEnd: true)
                return .ended
            }
        }
    }

    private func makeHandle(_ reports: DeliveryReports) throws(KafkaError) -> KafkaHandle {
        let callbacks = KafkaCallbacks(logger: logger)
        callbacks.delivered = { reports.append($0) }
        callbacks.failed = { [state, logger] error in
            state.withLock { $0.lastError = error }
            logger.debug("Kafka producer", metadata: ["error": "\(error)"])
        }
        callbacks.measured = { [state, logger] json in
            do {
                let statistics = try KafkaStatistics(json: json)
                state.withLock { $0.statistics = statistics }
            } catch {
                logger.warning("Kafka: the library's figures cannot be read", metadata: ["error": "\(error)"])
            }
        }
        return try KafkaHandle(.producer, properties, callbacks)
    }

    /// Takes reports into account. After a fatal error nothing fails: it is sent again.
    private func settle(_ reports: [DeliveryReport], fatal: Bool) {
        guard !reports.isEmpty else { return }
        let now = monotonicMilliseconds()
        let finished = state.withLock { state in
            reports.compactMap { report -> ProducerBuffer.Group? in
                guard let entry = state.buffer[report.sequence] else { return nil }
                if report.code == RD_KAFKA_RESP_ERR_NO_ERROR {
                    if state.lastError != nil { state.lastError = nil }
                    let partition = KafkaPartition(topic: entry.record.topic, number: report.partition)
                    return state.buffer.finish(
                        report.sequence,
                        .success(
                            KafkaDelivery(
                                partition: partition, offset: report.offset >= 0 ? report.offset : nil,
                                mayBeDoubled: entry.mayBeStored)))
                }
                if fatal {
                    if report.persistence == .possiblyPersisted { state.buffer.noteMayBeStored(report.sequence) }
                    return nil
                }
                if mayWait(report.code, entry, now) {
                    state.buffer.hold(report.sequence)
                    return nil
                }
                let error = KafkaError(
                    code: report.code, detail: entry.record.topic,
                    persistence: entry.mayBeStored ? .possiblyPersisted : report.persistence)
                if error.kind == .closed { state.abandoned += 1 }
                return state.buffer.finish(report.sequence, .failure(error))
            }
        }
        for group in finished { group.resume(group.results.map { $0! }) }
    }

    private func retryHeld(_ now: Int64) {
        let finished = state.withLock { state -> [ProducerBuffer.Group] in
            guard state.buffer.hasHeld else { return [] }
            return give(state.buffer.releaseHeld(), to: &state, now)
        }
        for group in finished { group.resume(group.results.map { $0! }) }
    }

    /// Hands records over in their order; those that are too old fail instead.
    private func give(_ sequences: [UInt], to state: inout State, _ now: Int64) -> [ProducerBuffer.Group] {
        sequences.compactMap { sequence in
            guard let entry = state.buffer[sequence] else { return nil }
            if now - entry.acceptedMilliseconds >= Int64(configuration.deliveryTimeoutMilliseconds) {
                let error = KafkaError(
                    code: RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, detail: entry.record.topic,
                    persistence: entry.mayBeStored ? .possiblyPersisted : .notPersisted)
                return state.buffer.finish(sequence, .failure(error))
            }
            return hand(sequence, to: &state, nowMilliseconds: now)
        }
    }

    // MARK: Replacement and end

    /// Takes the client out of use and waits a moment for answers that are under way.
    private func retire(_ handle: KafkaHandle, _ reports: DeliveryReports, isEnd: Bool = false) {
        state.withLock { state in
            state.handle = nil
            state.isBroken = false
        }
        let fatal = !isEnd
        if !isEnd {
            rd_kafka_purge(handle.pointer, RD_KAFKA_PURGE_F_QUEUE)
            drain(handle, reports, milliseconds: Self.drainMilliseconds, fatal: fatal)
        }
        rd_kafka_purge(handle.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        drain(handle, reports, milliseconds: 1_000, fatal: fatal)
    }

    private func drain(_ handle: KafkaHandle, _ reports: DeliveryReports, milliseconds: Int64, fatal: Bool) {
        let deadline = monotonicMilliseconds() + milliseconds
        repeat {
            rd_kafka_poll(handle.pointer, 20)
            settle(reports.take(), fatal: fatal)
        } while rd_kafka_outq_len(handle.pointer) > 0 && monotonicMilliseconds() < deadline
    }

    /// Destroys the client, makes a new one and gives it everything that was not acknowledged, in order. Nil if the end came
    /// first.
    private func replace(
        _ broken: KafkaHandle, _ reports: DeliveryReports, quickDeaths: Int
    ) -> KafkaHandle? {
        // Its connections must be gone before anything is sent again, or what it still sends could come after that.
        broken.destroy()
        var pause = quickDeaths == 0 ? 0 : min(5_000, 50 << min(quickDeaths, 8))
        while true {
            let isClosing = state.wait(timeoutMilliseconds: pause) { $0.closeDeadlineMilliseconds == nil ? nil : true }
            if isClosing == true, mayEnd(monotonicMilliseconds()) { return nil }
            do throws(KafkaError) {
                let handle = try makeHandle(reports)
                let finished = state.withLock { state in
                    state.handle = handle
                    state.replacements += 1
                    return give(state.buffer.replay(), to: &state, monotonicMilliseconds())
                }
                for group in finished { group.resume(group.results.map { $0! }) }
                return handle
            } catch {
                logger.error("Kafka: no new producer can be made", metadata: ["error": "\(error)"])
                failExpired()
                if isClosing == true { usleep(20_000) }
                pause = min(5_000, max(100, pause * 2))
            }
        }
    }

    /// Without a client nobody else watches the time.
    private func failExpired() {
        let now = monotonicMilliseconds()
        let finished = state.withLock { state in give(state.buffer.replay(), to: &state, now) }
        for group in finished { group.resume(group.results.map { $0! }) }
    }

    private func mayEnd(_ now: Int64) -> Bool {
        state.withLock { state in
            guard let deadline = state.closeDeadlineMilliseconds else { return false }
            return state.buffer.isEmpty || now >= deadline
        }
    }

    /// Fails what is left and tells those who wait for the end.
    private func end() {
        let (finished, closers, abandoned) = state.update { state in
            var finished: [ProducerBuffer.Group] = []
            for sequence in state.buffer.replay() {
                let mayBeStored = state.buffer[sequence]!.mayBeStored
                let error = KafkaError(
                    .closed, "the producer was closed before the record was acknowledged",
                    persistence: mayBeStored ? .possiblyPersisted : .notPersisted)
                state.abandoned += 1
                if let group = state.buffer.finish(sequence, .failure(error)) { finished.append(group) }
            }
            state.handle = nil
            state.isClosed = true
            defer { state.closers = [] }
            return (finished, state.closers, state.abandoned)
        }
        if abandoned > 0 {
            logger.warning("Kafka: closed with records not acknowledged", metadata: ["records": "\(abandoned)"])
        }
        for group in finished { group.resume(group.results.map { $0! }) }
        for closed in closers { closed(abandoned) }
    }
}

/// What the library says of one record.
struct DeliveryReport: Sendable {
    let sequence: UInt
    let code: rd_kafka_resp_err_t
    let partition: Int32
    let offset: Int64
    let persistence: KafkaError.Persistence
}

/// Collects reports during a poll. Only the producer's thread touches it.
private final class DeliveryReports: @unchecked Sendable {
    private var reports: [DeliveryReport] = []

    func append(_ message: UnsafePointer<rd_kafka_message_t>) {
        let status = rd_kafka_message_status(message)
        reports.append(
            DeliveryReport(
                sequence: UInt(bitPattern: message.pointee._private), code: message.pointee.err,
                partition: message.pointee.partition, offset: message.pointee.offset,
                persistence: status == RD_KAFKA_MSG_STATUS_NOT_PERSISTED ? .notPersisted : .possiblyPersisted))
    }

    func take() -> [DeliveryReport] {
        defer { reports.removeAll(keepingCapacity: true) }
        return reports
    }
}
