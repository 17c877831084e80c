public import Kafka
import Ledger
public import Logging
public import Pipeline
public import Security
import Synchronization

/// Takes requests to the topic: they are answered when the brokers have them on all replicas in step.
///
/// A request with an Idempotency-Key, and one that waits for its decisions, goes to the replicated log: only the ledger knows
/// keys and decisions. To be closed when it is no longer needed.
public final class StreamProducer: Sendable {
    /// The way to the replicated log.
    public typealias Direct = @Sendable (Submission) async throws(BackendError) -> SubmissionReceipt

    private struct State {
        var availability: BrokerAvailability
        var acknowledged = 0
        var refused = 0
        var rerouted = 0
    }

    private let configuration: StreamConfiguration
    private let producer: KafkaProducer
    private let sealer: Sealer
    private let blindIndex: BlindIndex
    private let direct: Direct
    private let generator = TransactionIDGenerator()
    private let waits = DeliveryWaits()
    private let state: Mutex<State>
    private let began = ContinuousClock.now
    private let ticker: Task<Void, Never>

    private static let tickMilliseconds = 20
    private static let retryAfterSeconds = 2
    /// For what somebody has to set right first.
    private static let longRetryAfterSeconds = 30

    /// Needs no broker yet. Throws `invalidConfiguration` with the name of the field.
    public init(
        _ configuration: StreamConfiguration, sealer: Sealer, blindIndex: BlindIndex, direct: @escaping Direct,
        logger: Logger
    ) throws(KafkaError) {
        try configuration.validate()
        self.configuration = configuration
        self.sealer = sealer
        self.blindIndex = blindIndex
        self.direct = direct
        producer = try KafkaProducer(configuration.producer, logger: logger)
        state = Mutex(State(availability: BrokerAvailability(patienceMilliseconds: configuration.patienceMilliseconds)))
        ticker = Task { [waits] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Self.tickMilliseconds))
                waits.expire(.now)
            }
        }
    }

    deinit { ticker.cancel() }

    /// Returns once the brokers have all of it, or as the log does where the request goes there. Through the brokers the
    /// receipt's index is zero: the payments are not in the log yet.
    /// - Throws: `overloaded` or `unavailable` if nothing was taken; `deadlineExceeded` if that is open.
    public func submit(_ submission: Submission) async throws(BackendError) -> SubmissionReceipt {
        if submission.idempotencyKey != nil || submission.wantsVerdicts { return try await direct(submission) }
        guard state.withLock({ $0.availability.admit(now) }) else {
            return try await withoutBrokers(
                submission,
                .unavailable(
                    reason: "the Kafka brokers acknowledge nothing", retryAfterSeconds: Self.retryAfterSeconds))
        }
        let named = name(submission)
        // Sealed here, with the ids that the log would be given too: whoever comes second is a repetition.
        let records = zip(named.transactions, submission.transactions).map { named, original in
            Envelope.record(
                of: original, id: named.id!, topic: configuration.topic, sealer: sealer, blindIndex: blindIndex)
        }
        let outcome = await waits.wait(until: .now + patience(of: submission)) { settled in
            producer.send(records) { [self] settlement in
                note(settlement)
                settled(settlement)
            }
        }
        guard let error = Self.error(outcome) else { return Self.receipt(named) }
        return try await withoutBrokers(named, error)
    }

    public var report: StreamProducerReport {
        let load = producer.load
        let now = now
        return state.withLock { state in
            StreamProducerReport(
                bufferedRecords: load.records, bufferedBytes: load.bytes, isShedding: load.isShedding,
                isAvailable: state.availability.isAvailable(now), acknowledged: state.acknowledged,
                refused: state.refused, rerouted: state.rerouted, replacements: load.replacements,
                trouble: producer.lastError.map { "\($0)" })
        }
    }

    /// Takes no more and waits for what the brokers were given, `flushMilliseconds` at most.
    /// - Returns: how many records were not acknowledged by then.
    @discardableResult
    public func close(flushMilliseconds: Int) async -> Int {
        let left = await producer.close(flushMilliseconds: flushMilliseconds)
        ticker.cancel()
        waits.expire(.now)
        return left
    }

    /// For tests: breaks the client as a fatal error would.
    package func provokeFatalError() { producer.provokeFatalError() }

    // MARK: Outcomes

    private var now: Int64 { Int64((ContinuousClock.now - began) / .milliseconds(1)) }

    /// Where the log can help out it must get its share of the time.
    private func patience(of submission: Submission) -> Duration {
        let deadline = submission.deadlineMilliseconds
        return switch configuration.whenUnavailable {
        case .refuse: .milliseconds(deadline)
        case .log: .milliseconds(min(configuration.patienceMilliseconds, deadline / 2))
        }
    }

    private func note(_ settlement: DeliveryWaits.Settlement) {
        let now = now
        state.withLock { state in
            switch settlement {
            case .failure: state.availability.withdrawn()
            case .success(let results):
                let errors = results.compactMap { result -> KafkaError? in
                    if case .failure(let error) = result { error } else { nil }
                }
                if errors.isEmpty { state.acknowledged += 1 }
                if errors.count < results.count {
                    state.availability.acknowledged(now)
                } else {
                    state.availability.failed(isTemporary: errors.contains { $0.isTemporary })
                }
            }
        }
    }

    private func withoutBrokers(
        _ submission: Submission, _ error: BackendError
    ) async throws(BackendError) -> SubmissionReceipt {
        let goesToLog = configuration.whenUnavailable == .log
        state.withLock { state in
            state.refused += 1
            if goesToLog { state.rerouted += 1 }
        }
        guard goesToLog else { throw error }
        return try await direct(submission)
    }

    /// Nil if the brokers have everything.
    private static func error(_ outcome: DeliveryWaits.Outcome) -> BackendError? {
        switch outcome {
        case .late: return .deadlineExceeded
        case .settled(.failure(let refusal)): return error(refusal)
        case .settled(.success(let results)):
            let errors = results.compactMap { result -> KafkaError? in
                if case .failure(let error) = result { error } else { nil }
            }
            guard let first = errors.first else { return nil }
            let isNothingTaken = errors.count == results.count && errors.allSatisfy { $0.persistence == .notPersisted }
            return isNothingTaken ? error(first) : .deadlineExceeded
        }
    }

    private static func error(_ error: KafkaError) -> BackendError {
        switch error.kind {
        case .overloaded:
            .overloaded(reason: "the buffer for the Kafka brokers is full", retryAfterSeconds: retryAfterSeconds)
        case .closed: .unavailable(reason: "this node is stopping", retryAfterSeconds: retryAfterSeconds)
        case .tooLarge, .invalidConfiguration: .internal("\(error)")
        case .unknownTopic, .unknownPartition, .notAuthenticated, .notAuthorized, .fenced, .fatal:
            .unavailable(reason: "\(error)", retryAfterSeconds: longRetryAfterSeconds)
        case .unreachable, .timedOut, .offsetExpired, .offsetBeyondEnd, .offsetOutOfRange, .notAssigned, .other:
            .unavailable(reason: "\(error)", retryAfterSeconds: retryAfterSeconds)
        }
    }

    private static func receipt(_ named: Submission) -> SubmissionReceipt {
        SubmissionReceipt(
            items: named.transactions.map { SubmissionReceipt.Item(id: $0.id!, isDuplicate: false, verdict: nil) },
            commitIndex: 0)
    }

    /// The same with an id for each.
    private func name(_ submission: Submission) -> Submission {
        let missing = submission.transactions.count { $0.id == nil }
        guard missing > 0 else { return submission }
        var next = generator.next(count: missing)
        let transactions = submission.transactions.map { submitted in
            guard submitted.id == nil else { return submitted }
            defer { next = next.advanced(by: 1) }
            return SubmittedTransaction(
                transaction: submitted.transaction, id: next, isOccurrenceGiven: submitted.isOccurrenceGiven)
        }
        return Submission(
            subject: submission.subject, idempotencyKey: nil, transactions: transactions, wantsVerdicts: false,
            deadlineMilliseconds: submission.deadlineMilliseconds)
    }
}
