import DequeModule
import Ledger
import Logging
import Raft

/// Coming into the office of the leader, and losing it.
extension Sequencer {
    func adopt(_ status: Status) throws {
        switch (status.role, status.established) {
        case (.leader, true):
            if case .leading(status.term) = office { return }
            resign()
            // Everything the predecessors left is committed by now, and nothing of this term but its no-op: the fold
            // is exactly the log, and the next entry will be the one that this node takes next.
            try foldCommitted()
            office = .leading(status.term)
            environment.office(status.term)
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

    func resign() {
        guard case .leading(let term) = office else { return }
        // First of all: what a leader alone may do must end.
        environment.office(nil)
        logger.info("no longer leading", metadata: ["term": "\(term)", "undone": "\(speculations.count)"])
        if let first = speculations.first { retract(from: first.sequence, as: .leadershipLost) }
    }

    /// Undoes, last first, every speculation from `first` on, and tells those who wait for them.
    func retract(from first: UInt64, as refusal: WorkRefusal) {
        guard speculations.contains(where: { $0.sequence == first }) else { return }
        var readers: [Reader] = []
        while let last = speculations.last, last.sequence >= first {
            speculations.removeLast()
            readers += last.readers
            if let undo = last.undo { state.undo(undo) }
            for (reply, _) in last.replies { reply(.refused(refusal)) }
        }
        epoch += 1
        // What they saw is gone: they look again.
        for reader in readers { read(reader.look, failed: reader.failed) }
    }
}
