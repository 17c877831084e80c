import Ledger
package import Raft
import Synchronization

/// Where a node's own requests wait for the leader's answer.
///
/// Groups gather in a queue while a batch is under way, and leave together when that is answered: alone, a request
/// leaves at once; under load, batches grow by themselves. A batch whose leader falls is sent to the next one with the
/// same transaction ids; the ledger drops what it had already taken. So an election costs the clients a pause and
/// nothing else.
///
/// There are lanes, so that payments that are surely new never wait for a look-up in PostgreSQL that a possible repetition
/// or a label may need, and the stretches of a stream keep their order.
package final class Intake: Sendable {
    package struct Limits: Sendable {
        package init() {}

        /// Records and bytes in one batch; a single larger group travels alone.
        package var recordsPerBatch = 4096
        package var bytesPerBatch = 4 << 20
        /// Groups and bytes that may wait, under way or not, before requests are turned away.
        package var groupsWaiting = 20_000
        package var bytesWaiting = 128 << 20
        /// An answer this late is taken for lost.
        package var replyTimeout: Duration = .seconds(2)
    }

    /// Hands a batch to the leader. `answer` may be called at once, later, or never, when the answer comes as a message.
    package typealias Deliver =
        @Sendable (
            _ batch: UInt64, _ work: Work, _ leader: NodeID, _ answer: @escaping @Sendable (WorkOutcome) -> Void
        ) -> Void

    private let limits: Limits
    private let deliver: Deliver
    private let state = Mutex(IntakeState())

    package init(limits: Limits, deliver: @escaping Deliver) {
        self.limits = limits
        self.deliver = deliver
    }

    /// Groups that wait for an answer.
    package var depth: Int { state.withLock { $0.groups } }

    /// Carries the work to the leader, over elections if need be, until it is committed or the deadline passes.
    package func submit(
        _ work: Work, deadline: ContinuousClock.Instant
    ) async throws(BackendError) -> (index: LogIndex, answer: WorkAnswer) {
        let result = await withCheckedContinuation { continuation in
            submit(work, deadline: deadline) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// As `submit`; works that one thread submits so one after the other keep that order within their lane. Answered
    /// exactly once, on any thread.
    func submit(
        _ work: Work, deadline: ContinuousClock.Instant, answer: @escaping @Sendable (IntakeTicket.Answer) -> Void
    ) {
        let bytes = work.byteCount
        let ticket = IntakeTicket(work: work, bytes: bytes, deadline: deadline, answer: answer)
        let refusal = state.withLock { state -> BackendError? in
            if state.isStopped { return .unavailable(reason: "this node is stopping", retryAfterSeconds: 1) }
            if state.groups >= limits.groupsWaiting || state.bytes + bytes > limits.bytesWaiting {
                return .overloaded(
                    reason: "\(state.groups) requests of \(state.bytes) bytes already wait for the leader",
                    retryAfterSeconds: 1)
            }
            state.enter(ticket)
            return nil
        }
        if let refusal { answer(.failure(refusal)) } else { pump() }
    }

    // MARK: - What the node hears

    /// A leader is known, or none is any more.
    package func leadershipChanged(leader: NodeID?, term: Term) {
        state.withLock { state in
            guard state.leader != leader || state.term != term else { return }
            state.leader = leader
            state.term = term
            state.requeue { _ in true }
        }
        pump()
    }

    /// Answers that this node owes us may have been lost with the connection.
    package func peerLost(_ node: NodeID) {
        state.withLock { state in state.requeue { $0.leader == node } }
    }

    package func peerConnected(_ node: NodeID) { pump() }

    package func answered(batch id: UInt64, _ outcome: WorkOutcome) {
        let final = state.withLock { state -> [IntakeTicket] in
            guard let batch = state.underWay.removeValue(forKey: id) else { return [] }
            guard case .refused(let refusal) = outcome else {
                for ticket in batch.tickets { state.forget(ticket) }
                return batch.tickets
            }
            return state.refused(batch, refusal)
        }
        resolve(final, outcome)
        // After a refusal only the next tick or a new leader sends again, so that two nodes that disagree on who leads
        // don't toss a batch to and fro.
        if case .committed = outcome { pump() }
    }

    /// Gives up what has passed its deadline, sends again what has waited too long for an answer.
    package func tick(now: ContinuousClock.Instant = .now) {
        let (expired, hasLeader) = state.withLock { state in
            state.requeue { now - $0.sentAt > limits.replyTimeout }
            return (state.expire(before: now), state.leader != nil)
        }
        for ticket in expired { ticket.giveUp(hasLeader: hasLeader) }
        pump()
    }

    package func stop() {
        let tickets = state.withLock { state in
            state.isStopped = true
            state.requeue { _ in true }
            return state.removeAll()
        }
        for ticket in tickets { ticket.giveUp(because: "this node is stopping") }
    }

    // MARK: - Sending

    private func pump() {
        while let (id, work, leader) = state.withLock({ $0.open(limits) }) {
            deliver(id, work, leader) { [weak self] in self?.answered(batch: id, $0) }
        }
    }

    private func resolve(_ tickets: [IntakeTicket], _ outcome: WorkOutcome) {
        switch outcome {
        case .committed(let index, var answer):
            for ticket in tickets {
                let own = answer.removeFirst(for: ticket.work)
                ticket.answer(
                    own.map { .success((index, $0)) }
                        ?? .failure(.internal("the leader answered too few parts of a request")))
            }
        case .refused(let refusal):
            for ticket in tickets {
                ticket.answer(
                    .failure(
                        refusal == .unreadable
                            ? .internal("the leader can't open what this node sealed: their sealing keys differ")
                            : .overloaded(reason: "the leader's queue is full", retryAfterSeconds: 1)))
            }
        }
    }
}
