import Ledger
import Logging
import Raft

/// Reviews of alerts on their way into the log.
extension Sequencer {
    /// Takes the reviews at the head of the queue. Each needs its payment from PostgreSQL, and where its alert stands:
    /// those that have not been there yet go and ask, and come back.
    func takeReviews(term: Term) throws {
        guard let next = waiting.first, case .reviews(let reviews) = next.work else { return }
        waiting.removeFirst()
        guard let known = next.payments else { return lookUpPayments(next, reviews.map(\.id)) }
        guard state.isCovered(by: known, reviews) else {
            // PostgreSQL lags behind what memory has forgotten, or behind the payment: try again later.
            return next.reply(.refused(.lookUpUnavailable))
        }
        do throws(LedgerError) {
            let taken = try state.takeReviews(
                reviews, known: known, nowMicroseconds: environment.now(), sealer: environment.sealer)
            conclude(taken.command, taken.undo, [(next.reply, .reviews(taken.outcome))], term: term)
        } catch {
            guard error.group != nil else { throw error }
            logger.error("refused a review of what can't be opened", metadata: ["error": "\(error)"])
            next.reply(.refused(.unreadable))
        }
    }
}
