import DequeModule
import Threads

/// What a consumer's thread and its owner leave for each other: batches one way, wishes the other.
final class ConsumerMailbox: Sendable {
    enum Wish: Sendable {
        case seek(KafkaPartition, to: Int64, done: @Sendable (KafkaError?) -> Void)
        case pauseAll, resumeAll
        case pause(KafkaPartition)
        case resume(KafkaPartition)
    }

    typealias Receiver = @Sendable (Result<KafkaBatch?, any Error>) -> Void

    private struct State {
        var ready: Deque<KafkaBatch> = []
        var records = 0
        var bytes = 0
        var receiver: (ticket: UInt64, receive: Receiver)?
        var lastTicket: UInt64 = 0
        var withdrawnTicket: UInt64 = 0
        var wishes: [Wish] = []
        var closeTimeoutMilliseconds: Int?
        var closers: [@Sendable () -> Void] = []
        /// Nothing comes any more; an error if it was not wanted.
        var end: Result<Void, KafkaError>?
        /// The client is no more.
        var isGone = false
        var positions: [KafkaPartition: Int64?] = [:]
        var lastError: KafkaError?
        var paused: Set<KafkaPartition> = []
        var statistics: KafkaStatistics?
    }

    static let wishLimit = 1_024
    private let state = Monitor(State())

    // MARK: The owner's side

    /// A number for `withdraw`.
    func makeTicket() -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
    }

    /// Hands over the next batch, now or when it comes. One receiver at a time.
    func receive(_ ticket: UInt64, _ receive: @escaping Receiver) {
        let answer = state.withLock { state -> Result<KafkaBatch?, any Error>? in
            if ticket <= state.withdrawnTicket { return .failure(CancellationError()) }
            if let batch = Self.takeFirst(&state) { return .success(batch) }
            switch state.end {
            case .success: return .success(nil)
            case .failure(let error): return .failure(error)
            case nil:
                precondition(state.receiver == nil, "batches have one receiver at a time")
                state.receiver = (ticket, receive)
                return nil
            }
        }
        if let answer { receive(answer) }
    }

    /// The receiver does not want to wait any more, or not even to begin.
    func withdraw(_ ticket: UInt64) {
        let receiver = state.withLock { state -> Receiver? in
            state.withdrawnTicket = max(state.withdrawnTicket, ticket)
            guard let receiver = state.receiver, receiver.ticket == ticket else { return nil }
            state.receiver = nil
            return receiver.receive
        }
        receiver?(.failure(CancellationError()))
    }

    /// Gives an error if the wish can't be taken.
    func wish(_ wish: Wish) -> KafkaError? {
        state.withLock { state in
            guard state.end == nil, state.closeTimeoutMilliseconds == nil else { return Self.closedError }
            guard state.wishes.count < Self.wishLimit else {
                return KafkaError(.overloaded, "\(Self.wishLimit) wishes wait for the consumer, which is the limit")
            }
            state.wishes.append(wish)
            return nil
        }
    }

    func requestClose(timeoutMilliseconds: Int, _ closed: (@Sendable () -> Void)? = nil) {
        let isGone = state.withLock { state in
            if state.isGone { return true }
            state.closeTimeoutMilliseconds = min(state.closeTimeoutMilliseconds ?? .max, max(0, timeoutMilliseconds))
            if let closed { state.closers.append(closed) }
            return false
        }
        if isGone { closed?() }
    }

    var held: (records: Int, bytes: Int) { state.withLock { ($0.records, $0.bytes) } }
    var positions: [KafkaPartition: Int64?] { state.withLock { $0.positions } }
    var paused: Set<KafkaPartition> { state.withLock { $0.paused } }
    var statistics: KafkaStatistics? { state.withLock { $0.statistics } }
    var lastError: KafkaError? { state.withLock { $0.lastError } }

    // MARK: The thread's side

    func deliver(_ batch: KafkaBatch) {
        let receiver = state.withLock { state -> Receiver? in
            guard let receiver = state.receiver else {
                state.ready.append(batch)
                state.records += batch.records.count
                state.bytes += batch.byteCount
                return nil
            }
            state.receiver = nil
            return receiver.receive
        }
        receiver?(.success(batch))
    }

    func dropReady(of partitions: Set<KafkaPartition>) {
        state.withLock { state in
            let kept = state.ready.filter { !partitions.contains($0.partition) }
            state.ready = Deque(kept)
            state.records = kept.reduce(0) { $0 + $1.records.count }
            state.bytes = kept.reduce(0) { $0 + $1.byteCount }
        }
    }

    func takeWishes() -> (wishes: [Wish], closeTimeoutMilliseconds: Int?) {
        state.withLock { state in
            defer { state.wishes = [] }
            return (state.wishes, state.closeTimeoutMilliseconds)
        }
    }

    func publish(_ partitions: some Collection<AssignedPartition>) {
        state.withLock { state in
            state.positions.removeAll(keepingCapacity: true)
            state.paused.removeAll(keepingCapacity: true)
            for partition in partitions {
                state.positions[partition.partition] = .some(partition.position)
                if partition.isPaused { state.paused.insert(partition.partition) }
            }
        }
    }

    func publish(_ error: KafkaError?) { state.withLock { $0.lastError = error } }
    func publish(_ statistics: KafkaStatistics) { state.withLock { $0.statistics = statistics } }

    /// Ends it for the owner: what is ready may still be taken after an end that was wanted, and not after a failure.
    func end(_ failure: KafkaError?) {
        let (receiver, wishes) = state.withLock { state -> (Receiver?, [Wish]) in
            guard state.end == nil else { return (nil, []) }
            if let failure {
                state.end = .failure(failure)
                state.ready = []
                state.records = 0
                state.bytes = 0
            } else {
                state.end = .success(())
            }
            defer {
                state.receiver = nil
                state.wishes = []
            }
            return (state.receiver?.receive, state.wishes)
        }
        receiver?(failure.map { .failure($0) } ?? .success(nil))
        for case .seek(_, _, let done) in wishes { done(failure ?? Self.closedError) }
    }

    /// The client is gone.
    func tellClosers() {
        let closers = state.withLock { state in
            state.isGone = true
            defer { state.closers = [] }
            return state.closers
        }
        for closed in closers { closed() }
    }

    private static func takeFirst(_ state: inout State) -> KafkaBatch? {
        guard let batch = state.ready.popFirst() else { return nil }
        state.records -= batch.records.count
        state.bytes -= batch.byteCount
        return batch
    }

    static let closedError = KafkaError(.closed, "the consumer has been closed")
}
