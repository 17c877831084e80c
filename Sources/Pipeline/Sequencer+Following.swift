import DequeModule
import Ledger
import Logging
import Raft

/// Keeping the fold in step with what is committed.
extension Sequencer {
    func foldCommitted() throws {
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

    func fold(_ entry: LedgerEntry) throws {
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

    func foldCommand(_ entry: LedgerEntry) throws {
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

    func install(_ fold: CommittedFold, _ completion: (Result<Void, SequencerError>) -> Void) {
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

    func confirm(_ speculation: Speculation, at index: LogIndex) {
        if speculation.undo != nil {
            state.confirm(at: index)
        } else {
            state.advance(to: index)
            environment.digest(committedFold.state, index)
        }
        noteUnapplied(speculation.records, at: index)
        for (reply, answer) in speculation.replies { reply(.committed(index, answer)) }
        for reader in speculation.readers { reader.deliver() }
    }

    /// One at a time: each copies a whole state. What is due while one is being written is due still when that is done.
    func checkpointIfDue(isUrgent: Bool = false) {
        guard environment.canCheckpoint(),
            checkpoints.isDue(at: folded, newestBytes: environment.checkpointBytes(), isUrgent: isUrgent)
        else { return }
        environment.checkpoint(committedFold)
    }

    /// The fold as of the last committed entry, without what runs ahead of it.
    var committedFold: CommittedFold {
        var committed = state
        for speculation in speculations.reversed() {
            if let undo = speculation.undo { committed.undo(undo) }
        }
        return CommittedFold(state: committed, term: foldedTerm, membership: membership)
    }
}
