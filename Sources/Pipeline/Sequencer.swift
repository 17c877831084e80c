import DequeModule
import Detection
import Ledger
package import Logging
package import Raft
import Security
import Synchronization
import Threads

/// Keeps the ledger's fold in step with the log and, on the leader, decides the order of new work.
///
/// One thread of its own. Committed entries are folded as they come. While this node leads, the fold runs ahead of
/// commit: work is deduplicated, scored against the profiles as they will be, and proposed; when its entry is committed
/// it is only confirmed. When the office is lost, what was not committed is undone, last first.
package final class Sequencer: @unchecked Sendable {
    package typealias Reply = @Sendable (WorkOutcome) -> Void

    /// An entry that is proposed and not yet committed.
    private struct Speculation {
        var sequence: UInt64
        /// Nil for a verification, which changes nothing.
        var undo: LedgerUndo?
        var records: Int
        var replies: [(reply: Reply, outcomes: [GroupOutcome])]
    }

    private enum Office {
        case follower
        /// Elected; what the predecessors left is not committed yet, so nothing can be scored.
        case elected
        case leading(Term)
    }

    private let environment: SequencerEnvironment
    private let limits: Limits
    private let logger: Logger
    private let inbox = Monitor(SequencerInbox())
    private let thread = Mutex<DedicatedThread?>(nil)

    // The thread's own from here on.
    private var state: LedgerState
    private var office = Office.follower
    private var folded: LogIndex
    private var foldedTerm: Term
    private var membership: Membership
    private var committed: LogIndex
    private var speculations: Deque<Speculation> = []
    private var waiting: Deque<QueuedWork> = []
    /// The entry proposed last.
    private var lastEntry = (at: ContinuousClock.now, records: 0)
    private var sequence: UInt64 = 0
    private var epoch: UInt64 = 1
    private var unapplied = UnappliedRecords()
    private var checkpoints: CheckpointSchedule

    package init(
        environment: SequencerEnvironment, fold: CommittedFold, limits: Limits, logger: Logger
    ) {
        self.environment = environment
        state = fold.state
        folded = fold.index
        foldedTerm = fold.term
        membership = fold.membership
        committed = fold.index
        self.limits = limits
        self.logger = logger
        checkpoints = CheckpointSchedule(last: fold.index, bytesBetween: limits.bytesPerCheckpoint)
    }

    // MARK: - From other threads

    package func start() {
        thread.withLock { thread in
            precondition(thread == nil, "a sequencer starts once")
            thread = DedicatedThread(name: "ledger") { [self] in run() }
        }
    }

    /// Ends the thread, once what it has in hand is answered.
    package func stop() {
        enter(.stop)
        thread.withLock { $0 }?.join()
    }

    package func statusChanged(_ status: Status) { enter(.status(status)) }
    package func committed(through index: LogIndex) { enter(.committed(index)) }
    /// Something that work may wait for has changed.
    package func look() { enter(.look) }

    /// Asks for the work to be put into the log. Answered exactly once, on any thread.
    package func submit(_ work: Work, reply: @escaping Reply) {
        let bytes = work.byteCount
        let refusal = inbox.withLock { inbox -> WorkRefusal? in
            if inbox.isStopped { return .notLeader }
            guard inbox.works < limits.worksWaiting, inbox.bytes + bytes <= limits.bytesWaiting else {
                return .overloaded
            }
            inbox.works += 1
            inbox.bytes += bytes
            return nil
        }
        if let refusal { return reply(.refused(refusal)) }
        enter(
            QueuedWork(work: work) { [self] outcome in
                inbox.withLock { inbox in
                    inbox.works -= 1
                    inbox.bytes -= bytes
                }
                reply(outcome)
            })
    }

    /// Replaces the fold by that of a snapshot, unless it has come as far itself. The log need not hold anything at or
    /// below the snapshot's index; what is committed after it is folded from the log as ever.
    ///
    /// For a follower: a leader refuses, and nothing has changed. Answered exactly once, on any thread.
    package func install(
        _ fold: CommittedFold, completion: @escaping @Sendable (Result<Void, SequencerError>) -> Void
    ) {
        if !enter(.install(fold, completion)) { completion(.failure(.stopped)) }
    }

    /// The fold as it is committed now. Answered exactly once, on any thread.
    package func committedFold(completion: @escaping @Sendable (Result<CommittedFold, SequencerError>) -> Void) {
        if !enter(.askForFold(completion)) { completion(.failure(.stopped)) }
    }

    /// False after the end: then nothing comes of it.
    @discardableResult
    private func enter(_ input: SequencerInput) -> Bool {
        inbox.update { inbox in
            guard !inbox.isStopped else { return false }
            inbox.inputs.append(input)
            return true
        }
    }

    private func enter(_ work: QueuedWork) {
        if !enter(.work(work)) { work.reply(.refused(.notLeader)) }
    }

    // MARK: - The thread

    private func run() {
        while true {
            var inputs = nextInputs()[...]
            do {
                while let input = inputs.popFirst() {
                    if case .stop = input { return shutDown(unhandled: inputs) }
                    try handle(input)
                }
                try takeWaiting()
            } catch {
                environment.failed(error)
                return shutDown(unhandled: inputs)
            }
        }
    }

    /// What has come in; waits for it, but not beyond the end of the time in which work gathers.
    private func nextInputs() -> [SequencerInput] {
        func take(_ inbox: inout SequencerInbox) -> [SequencerInput]? {
            guard !inbox.inputs.isEmpty else { return nil }
            defer { inbox.inputs = [] }
            return inbox.inputs
        }
        guard let gathering = millisecondsToGather() else { return inbox.wait(until: take) }
        return inbox.wait(timeoutMilliseconds: gathering, until: take) ?? []
    }

    /// How long waiting work should still wait for more; nil if there is none that should.
    private func millisecondsToGather() -> Int? {
        guard case .leading = office, !waiting.isEmpty, speculations.count < limits.entriesAhead else { return nil }
        let passed = ContinuousClock.now - lastEntry.at
        guard lastEntry.records >= limits.recordsThatGather, passed < .milliseconds(limits.gatherMilliseconds),
            waiting.reduce(0, { $0 + $1.work.byteCount }) < limits.bytesThatHurry
        else { return nil }
        return max(1, limits.gatherMilliseconds - Int(passed / .milliseconds(1)))
    }

    private func handle(_ input: SequencerInput) throws {
        switch input {
        case .status(let status): try adopt(status)
        case .committed(let index):
            committed = max(committed, index)
            try foldCommitted()
        case .work(let work):
            if case .follower = office { work.reply(.refused(.notLeader)) } else { waiting.append(work) }
        case .refused(let sequence): retract(from: sequence, as: .notLeader)
        case .install(let fold, let completion): install(fold, completion)
        case .askForFold(let completion): completion(.success(committedFold))
        case .look, .stop: break
        }
    }

    private func shutDown(unhandled: ArraySlice<SequencerInput>) {
        let late = inbox.withLock { inbox in
            inbox.isStopped = true
            defer { inbox.inputs = [] }
            return inbox.inputs
        }
        for input in unhandled + late {
            switch input {
            case .work(let work): work.reply(.refused(.notLeader))
            case .install(_, let completion): completion(.failure(.stopped))
            case .askForFold(let completion): completion(.failure(.stopped))
            case .status, .committed, .refused, .look, .stop: break
            }
        }
        for work in waiting { work.reply(.refused(.notLeader)) }
        for speculation in speculations {
            for (reply, _) in speculation.replies { reply(.refused(.leadershipLost)) }
        }
        waiting.removeAll()
        speculations.removeAll()
    }

    // MARK: - Office

    private func adopt(_ status: Status) throws {
        switch (status.role, status.established) {
        case (.leader, true):
            if case .leading(status.term) = office { return }
            resign()
            // Everything the predecessors left is committed by now, and nothing of this term but its no-op: the fold
            // is exactly the log, and the next entry will be the one that this node takes next.
            try foldCommitted()
            office = .leading(status.term)
            logger.info("leading", metadata: ["term": "\(status.term)", "folded": "\(folded)"])
        case (.leader, false):
            resign()
            office = .elected
        case (.follower, _), (.candidate, _), (.preCandidate, _):
            resign()
            office = .follower
            for work in waiting { work.reply(.refused(.notLeader)) }
            waiting.removeAll()
        }
    }

    private func resign() {
        guard case .leading(let term) = office else { return }
        logger.info("no longer leading", metadata: ["term": "\(term)", "undone": "\(speculations.count)"])
        if let first = speculations.first { retract(from: first.sequence, as: .leadershipLost) }
    }

    /// Undoes, last first, every speculation from `first` on, and tells those who wait for them.
    private func retract(from first: UInt64, as refusal: WorkRefusal) {
        guard speculations.contains(where: { $0.sequence == first }) else { return }
        while let last = speculations.last, last.sequence >= first {
            speculations.removeLast()
            if let undo = last.undo { state.undo(undo) }
            for (reply, _) in last.replies { reply(.refused(refusal)) }
        }
        epoch += 1
    }

    // MARK: - Following the log

    private func foldCommitted() throws {
        while folded < committed {
            let entries = try environment.entries(folded.next, committed, 8 << 20)
            precondition(entries.first?.index == folded.next, "the log gives the entry after the last folded one")
            for entry in entries {
                try fold(entry)
                folded = entry.index
                foldedTerm = entry.term
            }
            environment.folded(folded)
        }
        checkpointIfDue()
    }

    private func fold(_ entry: LedgerEntry) throws {
        checkpoints.noteFolded(bytes: entry.payload.count)
        switch entry.kind {
        case .command: try foldCommand(entry)
        case .membership:
            guard let membership = Membership(decoding: entry.payload) else {
                throw SequencerError.unreadableMembership(index: entry.index)
            }
            self.membership = membership
            state.advance(to: entry.index)
        case .noop: state.advance(to: entry.index)
        }
    }

    private func foldCommand(_ entry: LedgerEntry) throws {
        if case .leading(let term) = office, entry.term == term {
            guard let speculation = speculations.popFirst() else {
                preconditionFailure("entry \(entry.index) of this leader's own term was not prepared by it")
            }
            confirm(speculation, at: entry.index)
            return
        }
        let command = try Command.decode(entry.payload)
        try state.fold(command, at: entry.index, sealer: environment.sealer)
        if case .verify = command { environment.digest(state, entry.index) }
        noteUnapplied(command.recordCount, at: entry.index)
    }

    private func install(_ fold: CommittedFold, _ completion: (Result<Void, SequencerError>) -> Void) {
        guard case .follower = office else { return completion(.failure(.leads)) }
        precondition(speculations.isEmpty, "a follower's fold runs ahead of nothing")
        if fold.index > folded {
            state = fold.state
            folded = fold.index
            foldedTerm = fold.term
            membership = fold.membership
            committed = max(committed, folded)
            unapplied.forget(through: folded)
            checkpoints = CheckpointSchedule(last: folded, bytesBetween: limits.bytesPerCheckpoint)
            logger.info("fold replaced by a snapshot's", metadata: ["index": "\(folded)", "term": "\(foldedTerm)"])
            environment.folded(folded)
        }
        completion(.success(()))
    }

    private func confirm(_ speculation: Speculation, at index: LogIndex) {
        if speculation.undo != nil {
            state.confirm(at: index)
        } else {
            state.advance(to: index)
            environment.digest(committedFold.state, index)
        }
        noteUnapplied(speculation.records, at: index)
        for (reply, outcomes) in speculation.replies { reply(.committed(index, outcomes)) }
    }

    // MARK: - Leading

    private func takeWaiting() throws {
        guard case .leading(let term) = office else { return }
        while !waiting.isEmpty, speculations.count < limits.entriesAhead {
            if environment.logBytes() > limits.logBytes {
                // A checkpoint may be what keeps the log from being compacted.
                checkpointIfDue(isUrgent: true)
                for work in waiting { work.reply(.refused(.overloaded)) }
                waiting.removeAll()
                return
            }
            guard !isHeldByPostgres(), millisecondsToGather() == nil else { return }
            try takeNext(term: term)
        }
    }

    /// Takes as much of the waiting work as one entry may hold.
    private func takeNext(term: Term) throws {
        var works: [QueuedWork] = []
        var groups: [IntakeGroup] = []
        var records = 0
        var bytes = 0
        while let next = waiting.first {
            guard case .groups(let own) = next.work else { break }
            let ownRecords = own.reduce(0) { $0 + $1.records.count }
            let ownBytes = next.work.byteCount
            if !works.isEmpty, records + ownRecords > limits.recordsPerEntry || bytes + ownBytes > limits.bytesPerEntry
            {
                break
            }
            if own.contains(where: state.needsLookUp) {
                // Answered work is taken alone, with its own answer; the rest first, to keep the order.
                guard works.isEmpty else { break }
                waiting.removeFirst()
                guard let known = next.known else {
                    lookUp(next)
                    continue
                }
                if state.isCovered(by: known) { return try take([next], groups: own, known: known, term: term) }
                // PostgreSQL lags behind what memory has forgotten: try again later.
                next.reply(.refused(.lookUpUnavailable))
                continue
            }
            waiting.removeFirst()
            works.append(next)
            groups.append(contentsOf: own)
            records += ownRecords
            bytes += ownBytes
        }
        if !works.isEmpty {
            try take(works, groups: groups, known: .none, term: term)
        } else if let next = waiting.first, case .verification(let id) = next.work {
            waiting.removeFirst()
            // Time moves with transactions alone: the fold and PostgreSQL forget keys by the same clock.
            let command = Command.verify(timeMicroseconds: state.timeMicroseconds, id: id)
            propose(command, undo: nil, replies: [(next.reply, [])], term: term)
        }
    }

    private func take(_ works: [QueuedWork], groups: [IntakeGroup], known: KnownDuplicates, term: Term) throws {
        let taken: Taken
        do throws(LedgerError) {
            taken = try state.take(
                groups, known: known, nowMicroseconds: environment.now(), sealer: environment.sealer,
                rules: environment.rules)
        } catch {
            guard let unreadable = error.group else { throw error }
            return try takeWithout(groupAt: unreadable, works, known: known, term: term, because: error)
        }
        var outcomes = taken.outcomes[...]
        let replies = works.map { work in
            guard case .groups(let own) = work.work else { preconditionFailure("only groups are taken together") }
            defer { outcomes = outcomes.dropFirst(own.count) }
            return (reply: work.reply, outcomes: Array(outcomes.prefix(own.count)))
        }
        guard let command = taken.command, let undo = taken.undo else {
            // Nothing new. But what the work repeats may itself not be committed yet: answer after it.
            if speculations.isEmpty {
                for (reply, outcomes) in replies { reply(.committed(folded, outcomes)) }
            } else {
                speculations[speculations.count - 1].replies.append(contentsOf: replies)
            }
            return
        }
        propose(command, undo: undo, replies: replies, term: term)
    }

    /// A body that can't be opened, sealed under a key that this node does not have, refuses its own request alone.
    private func takeWithout(
        groupAt position: Int, _ works: [QueuedWork], known: KnownDuplicates, term: Term, because error: LedgerError
    ) throws {
        logger.error("refused what can't be opened", metadata: ["error": "\(error)"])
        var others: [QueuedWork] = []
        var groups: [IntakeGroup] = []
        var first = 0
        for work in works {
            guard case .groups(let own) = work.work else { preconditionFailure("only groups are taken together") }
            if (first..<first + own.count).contains(position) {
                work.reply(.refused(.unreadable))
            } else {
                others.append(work)
                groups.append(contentsOf: own)
            }
            first += own.count
        }
        if !others.isEmpty { try take(others, groups: groups, known: known, term: term) }
    }

    private func propose(
        _ command: Command, undo: LedgerUndo?, replies: [(reply: Reply, outcomes: [GroupOutcome])], term: Term
    ) {
        sequence += 1
        lastEntry = (.now, command.recordCount)
        speculations.append(
            Speculation(sequence: sequence, undo: undo, records: command.recordCount, replies: replies))
        environment.propose(command.encode(), term, epoch) { [self, sequence] accepted in
            if !accepted { enter(.refused(sequence: sequence)) }
        }
    }

    /// Asks PostgreSQL about ids and keys that memory no longer covers; the work comes back with the answer.
    private func lookUp(_ work: QueuedWork) {
        // It leaves the queue, so a copy of it may be taken before it comes back.
        let repetition = work.work.markedAsRepetition()
        guard case .groups(let groups) = repetition else { return }
        let ids = groups.flatMap { $0.records.map(\.id) }
        let keys = groups.compactMap(\.key)
        Task { [self] in
            do {
                var answered = work
                answered.work = repetition
                answered.known = try await environment.lookUp(ids, keys)
                enter(answered)
            } catch {
                logger.warning("a duplicate look-up failed", metadata: ["error": "\(error)"])
                work.reply(.refused(.lookUpUnavailable))
            }
        }
    }

    // MARK: - PostgreSQL's pace

    private func noteUnapplied(_ records: Int, at index: LogIndex) {
        unapplied.note(records, at: index)
        unapplied.forget(through: environment.appliedIndex())
    }

    /// A PostgreSQL that is there but slow sets the pace; one that is away is waited for by the log alone.
    private func isHeldByPostgres() -> Bool {
        guard unapplied.count > limits.recordsUnapplied else { return false }
        unapplied.forget(through: environment.appliedIndex())
        return unapplied.count > limits.recordsUnapplied && environment.isPostgresReady()
    }

    /// One at a time: each copies a whole state. What is due while one is being written is due still when that is done.
    private func checkpointIfDue(isUrgent: Bool = false) {
        guard environment.canCheckpoint(), checkpoints.isDue(at: folded, isUrgent: isUrgent) else { return }
        environment.checkpoint(committedFold)
    }

    /// The fold as of the last committed entry, without what runs ahead of it.
    private var committedFold: CommittedFold {
        var committed = state
        for speculation in speculations.reversed() {
            if let undo = speculation.undo { committed.undo(undo) }
        }
        return CommittedFold(state: committed, term: foldedTerm, membership: membership)
    }
}
