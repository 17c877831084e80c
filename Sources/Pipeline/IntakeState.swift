import DequeModule
import Ledger
import Raft

/// One request that waits.
struct IntakeTicket: Sendable {
    typealias Answer = Result<(index: LogIndex, answer: WorkAnswer), BackendError>

    var work: Work
    let bytes: Int
    let deadline: ContinuousClock.Instant
    let answer: @Sendable (Answer) -> Void
    /// It was on its way and no answer said that nothing of it was taken: its outcome is open.
    var mayHaveBeenTaken = false
    var lastRefusal: WorkRefusal?

    init(
        work: Work, bytes: Int, deadline: ContinuousClock.Instant, answer: @escaping @Sendable (Answer) -> Void
    ) {
        self.work = work
        self.bytes = bytes
        self.deadline = deadline
        self.answer = answer
    }

    var records: Int {
        switch work {
        case .groups(let groups): groups.reduce(0) { $0 + $1.records.count + ($1.stream?.deadLetters.count ?? 0) }
        case .labels(let labels): labels.count
        case .reviews(let reviews): reviews.count
        case .change, .outbox, .stream, .verification: 0
        }
    }

    /// Tells the client that its time is over, and whether the request may have been taken.
    func giveUp(hasLeader: Bool) {
        let reason =
            switch lastRefusal {
            case .lookUpUnavailable:
                "the leader's PostgreSQL is away or lags, so it can't tell what this request is about or whether it repeats another"
            case _ where !hasLeader: "no leader: a majority may be away"
            default: "the leader can't be reached"
            }
        giveUp(because: reason)
    }

    func giveUp(because reason: String) {
        answer(.failure(mayHaveBeenTaken ? .deadlineExceeded : .unavailable(reason: reason, retryAfterSeconds: 1)))
    }
}

/// Requests that are on their way together.
struct IntakeBatch: Sendable {
    var lane: IntakeState.Lane
    var tickets: [IntakeTicket]
    var leader: NodeID
    var sentAt: ContinuousClock.Instant
}

/// The queues of an intake, as a value.
struct IntakeState: Sendable {
    /// Each lane has one batch under way at most.
    enum Lane: CaseIterable {
        /// Surely new: ids of the node's own making, on their way for the first time, without a key.
        case new
        /// Possibly a repetition.
        case repeatable
        /// Stretches of streams, which must keep their order, and what is said of streams.
        case stream
        /// What leaves the cluster.
        case outbox
        /// Labels, reviews of alerts, and changes of what payments are judged by.
        case detection
    }

    var leader: NodeID?
    var term = Term.zero
    var underWay: [UInt64: IntakeBatch] = [:]
    /// Requests held, waiting or under way, and their bytes.
    private(set) var groups = 0
    private(set) var bytes = 0
    var isStopped = false
    private var new: Deque<IntakeTicket> = []
    private var repeatable: Deque<IntakeTicket> = []
    private var stream: Deque<IntakeTicket> = []
    private var outbox: Deque<IntakeTicket> = []
    private var detection: Deque<IntakeTicket> = []
    private var lastBatch = UInt64.random(in: 1...(UInt64.max / 2))

    private subscript(lane: Lane) -> Deque<IntakeTicket> {
        get {
            switch lane {
            case .new: new
            case .repeatable: repeatable
            case .stream: stream
            case .outbox: outbox
            case .detection: detection
            }
        }
        _modify {
            switch lane {
            case .new: yield &new
            case .repeatable: yield &repeatable
            case .stream: yield &stream
            case .outbox: yield &outbox
            case .detection: yield &detection
            }
        }
    }

    mutating func enter(_ ticket: IntakeTicket) {
        groups += 1
        bytes += ticket.bytes
        self[ticket.work.lane].append(ticket)
    }

    mutating func forget(_ ticket: IntakeTicket) {
        groups -= 1
        bytes -= ticket.bytes
    }

    mutating func removeAll() -> [IntakeTicket] {
        let tickets = Lane.allCases.flatMap { Array(self[$0]) }
        for ticket in tickets { forget(ticket) }
        for lane in Lane.allCases { self[lane].removeAll() }
        return tickets
    }

    /// Moves waiting tickets into a new batch for the leader; nil if there is none, or no room, or no leader.
    mutating func open(_ limits: Intake.Limits) -> (id: UInt64, work: Work, leader: NodeID)? {
        guard !isStopped, let leader else { return nil }
        for lane in Lane.allCases where !self[lane].isEmpty && !underWay.values.contains(where: { $0.lane == lane }) {
            let (tickets, work) = gather(lane, limits)
            lastBatch += 1
            underWay[lastBatch] = IntakeBatch(lane: lane, tickets: tickets, leader: leader, sentAt: .now)
            return (lastBatch, work, leader)
        }
        return nil
    }

    private mutating func gather(_ lane: Lane, _ limits: Intake.Limits) -> ([IntakeTicket], Work) {
        var tickets = [self[lane].removeFirst()]
        var works = [tickets[0].work]
        var records = tickets[0].records
        var bytes = tickets[0].bytes
        // Work of other kinds travels alone.
        while let ticket = self[lane].first, ticket.work.isJoinable(with: tickets[0].work),
            records + ticket.records <= limits.recordsPerBatch, bytes + ticket.bytes <= limits.bytesPerBatch
        {
            tickets.append(self[lane].removeFirst())
            works.append(ticket.work)
            records += ticket.records
            bytes += ticket.bytes
        }
        return (tickets, Work.joined(works))
    }

    /// Puts the batches that match back to the head of the queue. No answer came: they may have been taken.
    mutating func requeue(where matches: (IntakeBatch) -> Bool) {
        for id in underWay.keys.sorted(by: >) where matches(underWay[id]!) {
            let batch = underWay.removeValue(forKey: id)!
            for ticket in batch.tickets.reversed() { putBack(ticket, mayHaveBeenTaken: true) }
        }
    }

    /// Puts back what another leader, or a later moment, can still take, and returns what is refused for good.
    mutating func refused(_ batch: IntakeBatch, _ refusal: WorkRefusal) -> [IntakeTicket] {
        var final: [IntakeTicket] = []
        for var ticket in batch.tickets.reversed() {
            ticket.lastRefusal = refusal
            switch refusal {
            case .notLeader, .lookUpUnavailable:
                putBack(ticket, mayHaveBeenTaken: false)
            case .leadershipLost:
                putBack(ticket, mayHaveBeenTaken: true)
            case .overloaded where ticket.mayHaveBeenTaken:
                // An earlier copy may yet be committed: to say that nothing was taken would be a lie.
                putBack(ticket, mayHaveBeenTaken: true)
            case .overloaded, .unreadable:
                forget(ticket)
                final.append(ticket)
            }
        }
        return final.reversed()
    }

    private mutating func putBack(_ ticket: IntakeTicket, mayHaveBeenTaken: Bool) {
        var ticket = ticket
        if mayHaveBeenTaken {
            ticket.mayHaveBeenTaken = true
            ticket.work = ticket.work.markedAsRepetition()
        }
        self[ticket.work.lane].prepend(ticket)
    }

    /// Removes and returns the tickets whose deadline has passed, wherever they are.
    mutating func expire(before now: ContinuousClock.Instant) -> [IntakeTicket] {
        // The answers of a batch come in the order of its groups, so it is given up and repeated as a whole.
        requeue { $0.tickets.contains { $0.deadline < now } }
        var expired: [IntakeTicket] = []
        for lane in Lane.allCases where self[lane].contains(where: { $0.deadline < now }) {
            expired += self[lane].filter { $0.deadline < now }
            self[lane].removeAll { $0.deadline < now }
        }
        for ticket in expired { forget(ticket) }
        return expired
    }
}
