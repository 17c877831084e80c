import Ledger
import Logging
import Raft

/// Transactions on their way into the log.
extension Sequencer {
    /// Takes as many of the waiting groups as one entry may hold.
    func takeGroups(term: Term) throws {
        var works: [QueuedWork] = []
        var groups: [IntakeGroup] = []
        var records = 0
        var bytes = 0
        while let next = waiting.first {
            guard case .groups(let own) = next.work else { break }
            let ownRecords = own.reduce(0) { $0 + $1.records.count + ($1.stream?.deadLetters.count ?? 0) }
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
        if !works.isEmpty { try take(works, groups: groups, known: .none, term: term) }
    }

    func take(_ works: [QueuedWork], groups: [IntakeGroup], known: KnownDuplicates, term: Term) throws {
        let taken: Taken
        do throws(LedgerError) {
            taken = try state.take(
                groups, known: known, nowMicroseconds: environment.now(), sealer: environment.sealer,
                judge: judge)
        } catch {
            guard let unreadable = error.group else { throw error }
            return try takeWithout(groupAt: unreadable, works, known: known, term: term, because: error)
        }
        var answer = WorkAnswer.groups(taken.outcomes)
        let replies = works.map { work in
            guard let own = answer.removeFirst(for: work.work) else { preconditionFailure("an outcome for each group") }
            return (reply: work.reply, answer: own)
        }
        conclude(taken.command, taken.undo, replies, term: term)
    }

    /// A body that can't be opened, sealed under a key that this node does not have, refuses its own request alone.
    func takeWithout(
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

    /// Asks PostgreSQL about ids and keys that memory no longer covers; the work comes back with the answer.
    func lookUp(_ work: QueuedWork) {
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
}
