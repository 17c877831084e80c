import DequeModule
import Ledger
import Logging
import Raft

/// Deciding the order of new work, as the leader.
extension Sequencer {
    func takeWaiting() throws {
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
    func takeNext(term: Term) throws {
        guard let next = waiting.first else { return }
        switch next.work {
        case .groups: try takeGroups(term: term)
        case .labels: try takeLabels(term: term)
        case .reviews: try takeReviews(term: term)
        case .change(let author, let change):
            waiting.removeFirst()
            let taken = state.takeChange(change, author: author, nowMicroseconds: environment.now())
            conclude(taken.command, taken.undo, [(next.reply, .change(taken.outcome))], term: term)
        case .outbox(let author, let changes):
            waiting.removeFirst()
            let taken = state.takeOutbox(changes, author: author, nowMicroseconds: environment.now())
            conclude(taken.command, taken.undo, [(next.reply, .outbox(taken.outcome))], term: term)
        case .stream(let author, let change):
            waiting.removeFirst()
            let taken = state.takeStreamChange(change, author: author, nowMicroseconds: environment.now())
            logger.notice(
                "a stream is moved by hand", metadata: ["partition": "\(change.partition)", "author": "\(author)"])
            conclude(taken.command, taken.undo, [(next.reply, .stream(taken.outcome))], term: term)
        case .verification(let id):
            waiting.removeFirst()
            // Time moves with what changes the fold alone: the fold and PostgreSQL forget keys by the same clock.
            let command = Command.verify(timeMicroseconds: state.timeMicroseconds, id: id)
            propose(command, undo: nil, replies: [(next.reply, .nothing)], term: term)
        }
    }

    /// Proposes what is new. If nothing is, what the work repeats may itself not be committed yet: it is answered after that.
    func conclude(
        _ command: Command?, _ undo: LedgerUndo?, _ replies: [(reply: Reply, answer: WorkAnswer)], term: Term
    ) {
        if let command, let undo { return propose(command, undo: undo, replies: replies, term: term) }
        if speculations.isEmpty {
            for (reply, answer) in replies { reply(.committed(folded, answer)) }
        } else {
            speculations[speculations.count - 1].replies.append(contentsOf: replies)
        }
    }

    func propose(
        _ command: Command, undo: LedgerUndo?, replies: [(reply: Reply, answer: WorkAnswer)], term: Term
    ) {
        sequence += 1
        lastEntry = (.now, command.recordCount)
        speculations.append(
            Speculation(sequence: sequence, undo: undo, records: command.recordCount, replies: replies))
        environment.propose(command.encode(), term, epoch) { [self, sequence] accepted in
            if !accepted { enter(.refused(sequence: sequence)) }
        }
    }

    func noteUnapplied(_ records: Int, at index: LogIndex) {
        unapplied.note(records, at: index)
        unapplied.forget(through: environment.appliedIndex())
    }

    /// A PostgreSQL that is there but slow sets the pace; one that is away is waited for by the log alone.
    func isHeldByPostgres() -> Bool {
        guard unapplied.count > limits.recordsUnapplied else { return false }
        unapplied.forget(through: environment.appliedIndex())
        return unapplied.count > limits.recordsUnapplied && environment.isPostgresReady()
    }
}
