import DequeModule
package import Ledger
package import Raft
import Synchronization

/// Where a node's own requests wait for the leader's answer.
///
/// Groups gather in an open queue while a few batches are under way, and leave together when one of those is answered:
/// alone, a request leaves at once; under load, batches grow by themselves. A batch whose leader falls is sent to the
/// next one with the same transaction ids; the ledger drops what it had already taken. So an election costs the
/// clients a pause and nothing else.
package final class Intake: Sendable {
    package struct Limits: Sendable {
        package init() {}

        /// Batches under way at once.
        package var batchesInFlight = 1
        /// Records and bytes in one batch; a single larger group travels alone.
        package var recordsPerBatch = 4096
        package var bytesPerBatch = 4 << 20
        /// Groups and bytes that may wait, under way or not, before requests are turned away.
        package var groupsWaiting = 20_000
        package var bytesWaiting = 128 << 20
        /// An answer this late is taken for lost.
        package var replyTimeout: Duration = .seconds(1)
    }

    /// Hands a batch to the leader. `answer` may be called at once, later, or never, when the answer comes as a message.
    package typealias Deliver =
        @Sendable (
            _ batch: UInt64, _ work: Work, _ leader: NodeID, _ answer: @escaping @Sendable (WorkOutcome) -> Void
        ) -> Void

    fileprivate struct Ticket {
        var work: Work
        var bytes: Int
        var deadline: ContinuousClock.Instant
        /// It has been on its way: if it fails now its outcome is open.
        var wasSent: Bool
        var continuation: CheckedContinuation<Result<(LogIndex, GroupOutcome?), BackendError>, Never>
    }

    fileprivate struct Batch {
        var tickets: [Ticket]
        var leader: NodeID
        var sentAt: ContinuousClock.Instant
    }

    fileprivate struct State {
        var leader: NodeID?
        var term = Term.zero
        var waiting: Deque<Ticket> = []
        var underWay: [UInt64: Batch] = [:]
        var lastBatch = UInt64.random(in: 1...(UInt64.max / 2))
        var groups = 0
        var bytes = 0
        var isStopped = false
    }

    private let limits: Limits
    private let deliver: Deliver
    private let state = Mutex(State())

    package init(limits: Limits, deliver: @escaping Deliver) {
        self.limits = limits
        self.deliver = deliver
    }

    /// Groups that wait for an answer.
    package var depth: Int { state.withLock { $0.groups } }

    /// Carries the work to the leader, over elections if need be, until it is committed or the deadline passes.
    package func submit(
        _ work: Work, deadline: ContinuousClock.Instant
    ) async throws(BackendError) -> (index: LogIndex, outcome: GroupOutcome?) {
        let bytes = work.byteCount
        let result = await withCheckedContinuation { continuation in
            let ticket = Ticket(
                work: work, bytes: bytes, deadline: deadline, wasSent: false, continuation: continuation)
            let refusal = state.withLock { state -> BackendError? in
                if state.isStopped { return .unavailable(reason: "this node is stopping", retryAfterSeconds: 1) }
                if state.groups >= limits.groupsWaiting || state.bytes + bytes > limits.bytesWaiting {
                    return .overloaded(
                        reason: "\(state.groups) requests of \(state.bytes) bytes already wait for the leader",
                        retryAfterSeconds: 1)
                }
                state.groups += 1
                state.bytes += bytes
                state.waiting.append(ticket)
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) } else { pump() }
        }
        let (index, outcome) = try result.get()
        return (index, outcome)
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
        let batch = state.withLock { state -> Batch? in
            guard let batch = state.underWay.removeValue(forKey: id) else { return nil }
            switch outcome {
            case .refused(.notLeader), .refused(.leadershipLost):
                // Wait for the next leader, or the next tick, with the same ids.
                state.requeue(batch)
                return nil
            case .committed, .refused(.overloaded), .refused(.lookUpUnavailable), .refused(.unreadable):
                for ticket in batch.tickets { state.forget(ticket) }
                return batch
            }
        }
        if let batch { resolve(batch.tickets, outcome) }
        pump(afterRefusal: batch == nil)
    }

    /// Gives up what has passed its deadline, sends again what has waited too long for an answer.
    package func tick(now: ContinuousClock.Instant = .now) {
        let (expired, hasLeader) = state.withLock { state in
            state.requeue { now - $0.sentAt > limits.replyTimeout }
            return (state.expire(before: now), state.leader != nil)
        }
        for ticket in expired {
            ticket.continuation.resume(
                returning: .failure(
                    ticket.wasSent
                        ? .deadlineExceeded
                        : .unavailable(
                            reason: hasLeader ? "the leader can't be reached" : "no leader: a majority may be away",
                            retryAfterSeconds: 1)))
        }
        pump()
    }

    package func stop() {
        let tickets = state.withLock { state in
            state.isStopped = true
            state.requeue { _ in true }
            defer { state.waiting.removeAll() }
            return Array(state.waiting)
        }
        for ticket in tickets {
            ticket.continuation.resume(
                returning: .failure(
                    ticket.wasSent
                        ? .deadlineExceeded : .unavailable(reason: "this node is stopping", retryAfterSeconds: 1)))
        }
    }

    // MARK: - Sending

    /// Sends batches while there is something to send and room under way. After a refusal only the next tick or a new
    /// leader sends again, so that two nodes that disagree on who leads don't toss a batch to and fro.
    private func pump(afterRefusal: Bool = false) {
        if afterRefusal { return }
        while let (id, work, leader) = state.withLock({ $0.open(limits) }) {
            deliver(id, work, leader) { [weak self] in self?.answered(batch: id, $0) }
        }
    }

    private func resolve(_ tickets: [Ticket], _ outcome: WorkOutcome) {
        switch outcome {
        case .committed(let index, let outcomes):
            var position = 0
            for ticket in tickets {
                guard case .groups(let groups) = ticket.work else {
                    ticket.continuation.resume(returning: .success((index, nil)))
                    continue
                }
                precondition(groups.count == 1, "a ticket carries one group")
                guard position < outcomes.count else {
                    ticket.continuation.resume(
                        returning: .failure(.internal("the leader answered \(outcomes.count) groups of a larger batch"))
                    )
                    continue
                }
                ticket.continuation.resume(returning: .success((index, outcomes[position])))
                position += 1
            }
        case .refused(let refusal):
            let error: BackendError =
                switch refusal {
                case .lookUpUnavailable:
                    .unavailable(
                        reason:
                            "the leader's PostgreSQL is away, so it can't tell whether this request is a repetition",
                        retryAfterSeconds: 1)
                case .unreadable: .internal("the leader can't open what this node sealed: their sealing keys differ")
                case .overloaded, .notLeader, .leadershipLost:
                    .overloaded(reason: "the leader's queue is full", retryAfterSeconds: 1)
                }
            for ticket in tickets { ticket.continuation.resume(returning: .failure(error)) }
        }
    }
}

extension Intake.State {
    /// Moves waiting tickets into a new batch for the leader; nil if there is none, or no room, or no leader.
    mutating func open(_ limits: Intake.Limits) -> (id: UInt64, work: Work, leader: NodeID)? {
        guard !isStopped, let leader, underWay.count < limits.batchesInFlight, let first = waiting.first else {
            return nil
        }
        var tickets: [Intake.Ticket] = []
        var groups: [IntakeGroup] = []
        var records = 0
        var bytes = 0
        let work: Work
        if case .verification = first.work {
            work = first.work
            waiting.removeFirst()
            tickets.append(first)
        } else {
            while let ticket = waiting.first, case .groups(let own) = ticket.work {
                let count = own.reduce(0) { $0 + $1.records.count }
                guard
                    tickets.isEmpty
                        || (records + count <= limits.recordsPerBatch && bytes + ticket.bytes <= limits.bytesPerBatch)
                else { break }
                waiting.removeFirst()
                tickets.append(ticket)
                groups.append(contentsOf: own)
                records += count
                bytes += ticket.bytes
            }
            work = .groups(groups)
        }
        for position in tickets.indices { tickets[position].wasSent = true }
        lastBatch += 1
        underWay[lastBatch] = Intake.Batch(tickets: tickets, leader: leader, sentAt: .now)
        return (lastBatch, work, leader)
    }

    /// Puts the batches that match back to the head of the queue: their groups may now be known to the ledger.
    mutating func requeue(where matches: (Intake.Batch) -> Bool) {
        for id in underWay.keys.sorted(by: >) where matches(underWay[id]!) {
            requeue(underWay.removeValue(forKey: id)!)
        }
    }

    mutating func requeue(_ batch: Intake.Batch) {
        for var ticket in batch.tickets.reversed() {
            ticket.work = ticket.work.markedAsRepetition()
            waiting.prepend(ticket)
        }
    }

    mutating func forget(_ ticket: Intake.Ticket) {
        groups -= 1
        bytes -= ticket.bytes
    }

    /// Removes and returns the tickets whose deadline has passed, wherever they are.
    mutating func expire(before now: ContinuousClock.Instant) -> [Intake.Ticket] {
        var expired: [Intake.Ticket] = []
        for (id, batch) in underWay where batch.tickets.contains(where: { $0.deadline < now }) {
            // The answers of a batch come in the order of its groups, so it is given up and repeated as a whole.
            underWay[id] = nil
            requeue(batch)
        }
        if waiting.contains(where: { $0.deadline < now }) {
            expired = waiting.filter { $0.deadline < now }
            waiting.removeAll { $0.deadline < now }
        }
        for ticket in expired { forget(ticket) }
        return expired
    }
}

extension Work {
    var byteCount: Int {
        switch self {
        case .groups(let groups):
            groups.reduce(0) { total, group in total + group.records.reduce(64) { $0 + $1.body.count + 64 } }
        case .verification: 64
        }
    }

    func markedAsRepetition() -> Work {
        guard case .groups(var groups) = self else { return self }
        for position in groups.indices { groups[position].mayBeKnown = true }
        return .groups(groups)
    }
}
