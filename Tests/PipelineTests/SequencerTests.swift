import Detection
import Ledger
import Logging
import Pipeline
import Raft
import Synchronization
import Testing

import struct Security.BlindIndex
import struct Security.SHA256Digest
import class Security.Sealer
import struct Security.SealingKey

@Suite(.timeLimit(.minutes(1))) struct SequencerTests {
    private let desk = Desk()
    private let answers = Answers()

    private func status(_ role: Role, _ term: UInt64, established: Bool = false) -> Status {
        Status(role: role, term: Term(term), leader: NodeID(1), established: established)
    }

    /// Makes the node lead in `term`, its no-op committed.
    private func lead(_ sequencer: Sequencer, term: UInt64, desk: Desk? = nil) {
        let desk = desk ?? self.desk
        sequencer.statusChanged(status(.leader, term))
        let noop = desk.append(noop: Term(term))
        sequencer.committed(through: noop)
        sequencer.statusChanged(status(.leader, term, established: true))
    }

    private func isAccepted(_ outcome: WorkOutcome?) -> Bool {
        guard case .committed(_, .groups(let groups)) = outcome, case .accepted(let records) = groups.first,
            case .accepted = records.first
        else { return false }
        return true
    }

    private func isDuplicate(_ outcome: WorkOutcome?) -> Bool {
        guard case .committed(_, .groups(let groups)) = outcome else { return false }
        return groups.first == .accepted([.duplicate])
    }

    @Test func `work is answered only when its entry is committed`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        #expect(answers[1] == nil)
        sequencer.committed(through: LogIndex(2))
        #expect(isAccepted(await answers.wait(for: 1)))
        sequencer.stop()
    }

    @Test func `a repetition of what is not committed yet waits for it`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.submit(.groups([desk.group(1, mayBeKnown: true)]), reply: answers.reply(2))
        sequencer.look()
        #expect(answers[2] == nil)
        sequencer.committed(through: LogIndex(2))
        #expect(isDuplicate(await answers.wait(for: 2)))
        #expect(desk.lastIndex == LogIndex(2))
        sequencer.stop()
    }

    @Test func `what a deposed leader had not committed is undone, and can be taken again`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.statusChanged(status(.follower, 2))
        guard case .refused(.leadershipLost) = await answers.wait(for: 1) else {
            Issue.record("the deposed leader answered \(String(describing: answers[1]))")
            return
        }
        // The new leader overwrote the entry.
        desk.state.withLock { _ = $0.log.removeLast() }
        lead(sequencer, term: 3)
        sequencer.submit(.groups([desk.group(1, mayBeKnown: true)]), reply: answers.reply(2))
        #expect(await desk.eventually { $0.log.count == 3 })
        sequencer.committed(through: LogIndex(3))
        #expect(isAccepted(await answers.wait(for: 2)))
        sequencer.stop()
    }

    @Test func `what survived the change of leaders is known, and a repetition of it is dropped`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.statusChanged(status(.follower, 2))
        _ = await answers.wait(for: 1)
        // The entry stayed in the log; it is committed with the no-op of the next term.
        lead(sequencer, term: 3)
        sequencer.submit(.groups([desk.group(1, mayBeKnown: true)]), reply: answers.reply(2))
        #expect(isDuplicate(await answers.wait(for: 2)))
        sequencer.stop()
    }

    @Test func `work waits for an elected leader to be established, and is refused when it is not`() async throws {
        let sequencer = try desk.sequencer()
        sequencer.statusChanged(status(.leader, 1))
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(1))
        sequencer.statusChanged(status(.follower, 2))
        guard case .refused(.notLeader) = await answers.wait(for: 1) else {
            Issue.record("answered \(String(describing: answers[1]))")
            return
        }
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(2))
        guard case .refused(.notLeader) = await answers.wait(for: 2) else {
            Issue.record("a follower answered \(String(describing: answers[2]))")
            return
        }
        sequencer.stop()
    }

    @Test func `a refused proposal leaves no trace in the fold`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        desk.state.withLock { $0.refusesProposals = true }
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(1))
        guard case .refused = await answers.wait(for: 1) else {
            Issue.record("answered \(String(describing: answers[1]))")
            return
        }
        desk.state.withLock { $0.refusesProposals = false }
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(2))
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.committed(through: LogIndex(2))
        #expect(isAccepted(await answers.wait(for: 2)))
        sequencer.stop()
    }

    @Test func `a body that can't be opened refuses its own request alone`() async throws {
        let sequencer = try desk.sequencer()
        let good = desk.group(1)
        let record = desk.group(2).records[0]
        let bad = IntakeGroup(
            records: [
                IntakeRecord(
                    id: record.id, fingerprint: 1, userKey: record.userKey, occurredAtMicroseconds: 0,
                    body: record.body.dropLast() + [record.body.last! ^ 1])
            ], mayBeKnown: false)
        sequencer.statusChanged(status(.leader, 1))
        sequencer.submit(.groups([bad]), reply: answers.reply(1))
        sequencer.submit(.groups([good]), reply: answers.reply(2))
        let noop = desk.append(noop: Term(1))
        sequencer.committed(through: noop)
        sequencer.statusChanged(status(.leader, 1, established: true))
        guard case .refused(.unreadable) = await answers.wait(for: 1) else {
            Issue.record("answered \(String(describing: answers[1]))")
            return
        }
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.committed(through: LogIndex(2))
        #expect(isAccepted(await answers.wait(for: 2)))
        #expect(desk.state.withLock { $0.failure } == nil)
        sequencer.stop()
    }

    @Test func `an id older than memory is looked up in PostgreSQL before it is taken`() async throws {
        let sequencer = try desk.sequencer(LedgerConfiguration(transactionIDs: 2, idempotencyKeys: 2, users: 2))
        lead(sequencer, term: 1)
        for number in 1...4 {
            sequencer.submit(.groups([desk.group(number)]), reply: answers.reply(number))
            #expect(await desk.eventually { $0.log.count == number + 1 })
            sequencer.committed(through: LogIndex(UInt64(number + 1)))
            #expect(isAccepted(await answers.wait(for: number)))
        }
        let first = desk.group(1, mayBeKnown: true)
        desk.state.withLock { state in
            state.known = KnownDuplicates(
                ids: [first.records[0].id: first.records[0].fingerprint], through: LogIndex(5))
        }
        sequencer.submit(.groups([first]), reply: answers.reply(5))
        #expect(isDuplicate(await answers.wait(for: 5)))
        #expect(desk.state.withLock { $0.lookUps.count } == 1)
        sequencer.stop()
    }

    @Test func `a membership goes with the checkpoints from its entry on`() async throws {
        let sequencer = try desk.sequencer(bytesPerCheckpoint: 1)
        let first = Membership(voters: [NodeID(1)], contacts: [NodeID(1): [7]])
        let second = Membership(voters: [NodeID(1)], learners: [NodeID(2)], contacts: [NodeID(1): [7], NodeID(2): []])
        for membership in [first, second] {
            sequencer.committed(through: desk.append(.membership, membership.encode(), term: Term(3)))
            #expect(await desk.eventually { $0.checkpoints.last?.membership == membership })
        }
        let last = try #require(desk.state.withLock { $0.checkpoints.last })
        #expect(last.index == LogIndex(2) && last.term == Term(3))
        sequencer.committed(through: desk.append(.membership, [1, 2, 3], term: Term(3)))
        #expect(await desk.eventually { $0.failure == "entry 3 holds no membership that can be read" })
        sequencer.stop()
    }

    @Test func `no more is written for checkpoints than for the log`() async throws {
        let sequencer = try desk.sequencer(bytesPerCheckpoint: 1)
        let membership = Membership(voters: [NodeID(1)], contacts: [NodeID(1): [7]]).encode()
        func fold() async -> Int {
            let index = desk.append(.membership, membership, term: Term(3))
            sequencer.committed(through: index)
            // Answered when all that came before is done.
            await withCheckedContinuation { done in sequencer.committedFold { _ in done.resume() } }
            return desk.state.withLock { $0.checkpoints.count }
        }
        #expect(await fold() == 1)
        desk.state.withLock { $0.checkpointBytes = 3 * membership.count }
        let counts = [await fold(), await fold(), await fold(), await fold(), await fold(), await fold()]
        #expect(counts == [1, 1, 2, 2, 2, 3])
        sequencer.stop()
    }

    /// The log of a leader that took five transactions, the third entry a membership, and its fold at entry 4.
    private func ledLog() async throws -> (log: [LedgerEntry], fold: CommittedFold) {
        let leader = Desk()
        let sequencer = try leader.sequencer()
        let membership = Membership(voters: [NodeID(1)], contacts: [NodeID(1): []])
        lead(sequencer, term: 1, desk: leader)
        for number in 1...5 {
            if number == 2 {
                sequencer.committed(through: leader.append(.membership, membership.encode(), term: Term(1)))
            }
            let last = leader.lastIndex
            sequencer.submit(.groups([leader.group(number)]), reply: answers.reply(100 + number))
            #expect(await leader.eventually { $0.log.count == Int(last.rawValue) + 1 })
            sequencer.committed(through: leader.lastIndex)
            #expect(isAccepted(await answers.wait(for: 100 + number)))
        }
        sequencer.stop()
        let log = leader.state.withLock { $0.log }
        let follower = Desk()
        follower.state.withLock { $0.log = log }
        let following = try follower.sequencer()
        following.committed(through: LogIndex(4))
        #expect(await follower.eventually { $0.folded == LogIndex(4) })
        let fold = try await withCheckedThrowingContinuation { continuation in
            following.committedFold { outcome in continuation.resume(with: outcome.mapError { $0 as any Error }) }
        }
        following.stop()
        return (log, fold)
    }

    private func install(_ fold: CommittedFold, _ sequencer: Sequencer) async throws {
        try await withCheckedThrowingContinuation { continuation in
            sequencer.install(fold) { outcome in continuation.resume(with: outcome.mapError { $0 as any Error }) }
        }
    }

    @Test func `a follower goes on from a snapshot's fold, as if it had folded the log before it`() async throws {
        let (log, fold) = try await ledLog()
        #expect(fold.index == LogIndex(4) && fold.term == Term(1) && fold.membership.voters == [NodeID(1)])
        let verify = LedgerEntry(
            index: LogIndex(8), term: Term(1), kind: .command,
            payload: Command.verify(timeMicroseconds: fold.state.timeMicroseconds, id: 1).encode())
        var digests: [SHA256Digest] = []
        for isInstalled in [false, true] {
            let desk = Desk()
            desk.state.withLock { $0.log = log + [verify] }
            let sequencer = try desk.sequencer(bytesPerCheckpoint: 1)
            if isInstalled {
                // What the log held before is gone.
                desk.state.withLock { state in
                    for position in 0..<4 {
                        state.log[position] = LedgerEntry(
                            index: LogIndex(UInt64(position + 1)), term: Term(1), kind: .membership, payload: [])
                    }
                }
                try await install(fold, sequencer)
                #expect(desk.state.withLock { $0.folded } == LogIndex(4))
                // Once more, and an older one: no news.
                try await install(fold, sequencer)
            }
            sequencer.committed(through: LogIndex(8))
            #expect(await desk.eventually { !$0.digests.isEmpty && !$0.checkpoints.isEmpty })
            let (digest, checkpoint) = desk.state.withLock { ($0.digests[0].1, $0.checkpoints.last!) }
            #expect(checkpoint.membership == fold.membership && checkpoint.index == LogIndex(8))
            digests.append(digest)
            try await install(fold, sequencer)
            #expect(desk.state.withLock { $0.folded } == LogIndex(8))
            sequencer.stop()
        }
        #expect(digests[0] == digests[1])
    }

    @Test func `a leader refuses a snapshot, and so does one that has ended`() async throws {
        let (_, fold) = try await ledLog()
        let sequencer = try desk.sequencer()
        sequencer.statusChanged(status(.leader, 1))
        await #expect(throws: SequencerError.leads) { try await install(fold, sequencer) }
        sequencer.statusChanged(status(.follower, 2))
        try await install(fold, sequencer)
        sequencer.stop()
        await #expect(throws: SequencerError.stopped) { try await install(fold, sequencer) }
    }

    @Test func `leader and follower have the same digest at a verification`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([desk.group(1), desk.group(2)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.submit(.verification(id: 9), reply: answers.reply(2))
        sequencer.committed(through: LogIndex(2))
        #expect(await desk.eventually { $0.log.count == 3 })
        sequencer.submit(.groups([desk.group(3)]), reply: answers.reply(3))
        sequencer.committed(through: LogIndex(3))
        #expect(await answers.wait(for: 2) != nil)

        let follower = Desk()
        follower.state.withLock { $0.log = desk.state.withLock { $0.log } }
        let following = try follower.sequencer()
        following.committed(through: LogIndex(3))
        #expect(await follower.eventually { !$0.digests.isEmpty })
        let own = desk.state.withLock { $0.digests }
        let theirs = follower.state.withLock { $0.digests }
        #expect(own.map(\.0) == [LogIndex(3)])
        #expect(theirs.map(\.0) == [LogIndex(3)])
        #expect(own.map(\.1) == theirs.map(\.1))
        sequencer.stop()
        following.stop()
    }
}
