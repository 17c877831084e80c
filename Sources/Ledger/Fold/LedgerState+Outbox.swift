/// What leaves the cluster.
extension LedgerState {
    /// The leader's part for the outbox: makes the changes that nothing speaks against.
    public mutating func takeOutbox(
        _ changes: [OutboxChange], author: String, nowMicroseconds: Int64
    ) -> TakenOther<[OutboxOutcome]> {
        precondition(author.utf8.count <= Command.maximumAuthorBytes, "an author's name is bounded")
        let time = max(nowMicroseconds, timeMicroseconds)
        var outcomes: [OutboxOutcome] = []
        var news: [OutboxChange] = []
        // Nothing of it can fail.
        let undo = try? propose { state, undo in
            undo.outbox = state.outbox
            for change in changes {
                let outcome = state.outbox.make(change, author: author, timeMicroseconds: time)
                outcomes.append(outcome)
                if outcome == .changed { news.append(change) }
            }
            state.timeMicroseconds = time
            return !news.isEmpty
        }
        let command = Command.outbox(timeMicroseconds: time, author: author, news)
        return TakenOther(command: undo == nil ? nil : command, outcome: outcomes, undo: undo)
    }

    /// Makes changes that a leader has made; false if one can't be made here.
    mutating func fold(_ changes: [OutboxChange], author: String, timeMicroseconds time: Int64) -> Bool {
        let before = outbox
        for change in changes where outbox.make(change, author: author, timeMicroseconds: time) != .changed {
            outbox = before
            return false
        }
        return true
    }
}
