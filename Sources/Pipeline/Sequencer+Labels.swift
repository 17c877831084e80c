import Ledger
import Logging
import Raft

/// Labels on their way into the log.
extension Sequencer {
    /// Takes the labels that wait at the head of the queue. Each label needs its payment from PostgreSQL: those that have
    /// not been there yet go and ask, and come back.
    func takeLabels(term: Term) throws {
        var works: [QueuedWork] = []
        var count = 0
        while let next = waiting.first, case .labels(let own) = next.work {
            guard let known = next.payments else {
                // What has come back is taken first, to keep the order.
                guard works.isEmpty else { break }
                waiting.removeFirst()
                lookUpPayments(next, own.map(\.id))
                continue
            }
            guard works.isEmpty || count + own.count <= limits.recordsPerEntry else { break }
            waiting.removeFirst()
            guard state.isCovered(by: known, own) else {
                // PostgreSQL lags behind what memory has forgotten, or behind the payment: try again later.
                next.reply(.refused(.lookUpUnavailable))
                continue
            }
            works.append(next)
            count += own.count
        }
        if !works.isEmpty { try take(labelsOf: works, term: term) }
    }

    private func take(labelsOf works: [QueuedWork], term: Term) throws {
        var labels: [IntakeLabel] = []
        var known = works[0].payments ?? KnownPayments()
        for work in works {
            guard case .labels(let own) = work.work, let payments = work.payments else { continue }
            labels += own
            // What is not the same in two answers is remembered by the fold.
            known.payments.merge(payments.payments) { $1 }
            known.through = min(known.through, payments.through)
        }
        let taken: TakenOther<[LabelOutcome]>
        do throws(LedgerError) {
            taken = try state.takeLabels(
                labels, known: known, nowMicroseconds: environment.now(), sealer: environment.sealer)
        } catch {
            guard error.group != nil else { throw error }
            logger.error("refused labels of what can't be opened", metadata: ["error": "\(error)"])
            // One by one, so that only whose payment it is is refused.
            guard works.count > 1 else { return works[0].reply(.refused(.unreadable)) }
            for work in works { try take(labelsOf: [work], term: term) }
            return
        }
        var answer = WorkAnswer.labels(taken.outcome)
        let replies = works.map { work in
            guard let own = answer.removeFirst(for: work.work) else { preconditionFailure("an outcome for each label") }
            return (reply: work.reply, answer: own)
        }
        conclude(taken.command, taken.undo, replies, term: term)
    }

    /// Asks PostgreSQL about payments of which something is said; the work comes back with the answer.
    func lookUpPayments(_ work: QueuedWork, _ ids: [TransactionID]) {
        Task { [self, folded] in
            do {
                var answered = work
                answered.payments = try await environment.payments(ids, folded)
                enter(answered)
            } catch {
                logger.warning("payments can't be looked up", metadata: ["error": "\(error)"])
                work.reply(.refused(.lookUpUnavailable))
            }
        }
    }
}
