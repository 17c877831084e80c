import Detection
import Ledger
import Raft
import Testing

/// A leader that runs ahead and followers that fold what is committed must agree to the byte at every index, whatever is
/// taken, committed or lost. Memories are tiny, so that they rotate within and across entries.
@Suite struct LedgerAgreementTests {
    let ledger = TestLedger()

    /// A cluster's history in small: proposals, commits, no-ops, and leaders that lose what was not committed.
    @Test(arguments: 0..<25)
    func leaderAndFollowerAreEqualAtEveryIndex(seed: Int) throws {
        var random = SeededRandom(UInt64(seed))
        let configuration = LedgerConfiguration(
            transactionIDs: 4 + random.below(40), idempotencyKeys: 2 + random.below(6), users: 2 + random.below(6))
        var leader = LedgerState(configuration: configuration)
        var follower = LedgerState(configuration: configuration)
        var pending: [Taken] = []
        var now = newYear
        var nextID = 1
        for _ in 0..<250 {
            now += Int64(random.below(3)) * IdempotencyKey.lifetimeMicroseconds / 20 - 1000
            switch random.below(10) {
            case 0..<5:
                let groups = (0..<(1 + random.below(3))).map { _ in randomGroup(&random, &nextID) }
                let taken = try ledger.take(groups, &leader, now: now)
                #expect((taken.command == nil) == (taken.undo == nil))
                if taken.command != nil { pending.append(taken) }
            case 5..<8:
                guard !pending.isEmpty else { continue }
                let taken = pending.removeFirst()
                let index = leader.applied.next
                leader.confirm(at: index)
                let command = try Command.decode(taken.command!.encode())
                #expect(command == taken.command)
                try follower.fold(command, at: index, sealer: ledger.sealer)
                let settled = try leader.encode(without: pending, sealer: ledger.sealer)
                #expect(settled == follower.encode())
            case 8:
                leader.advance(to: leader.applied.next)
                follower.advance(to: follower.applied.next)
            default:
                // The leader falls; the other one, which has folded all that was committed, leads on.
                guard random.below(3) == 0 else { continue }
                for taken in pending.reversed() { leader.undo(taken.undo!) }
                pending = []
                #expect(leader.encode() == follower.encode())
                swap(&leader, &follower)
            }
            #expect(leader.pendingCount == pending.count)
        }
        for taken in pending.reversed() { leader.undo(taken.undo!) }
        #expect(leader.encode() == follower.encode())
        #expect(leader.digest() == follower.digest())
        let restored = try LedgerState(decoding: follower.encode(), configuration: configuration)
        #expect(restored.encode() == follower.encode())
        #expect(restored.evictedThrough == follower.evictedThrough)
    }

    @Test func aRestoredStateGoesOnAsTheOriginalDoes() throws {
        var random = SeededRandom(99)
        let configuration = LedgerConfiguration(transactionIDs: 20, idempotencyKeys: 4, users: 4)
        var state = LedgerState(configuration: configuration)
        var nextID = 1
        for index in 1...60 {
            var restored = try LedgerState(decoding: state.encode(), configuration: configuration)
            let groups = [randomGroup(&random, &nextID), randomGroup(&random, &nextID)]
            let taken = try ledger.take(groups, &state)
            let again = try ledger.take(groups, &restored)
            #expect(taken.outcomes == again.outcomes && taken.command == again.command)
            guard taken.command != nil else {
                state.advance(to: LogIndex(UInt64(index)))
                continue
            }
            state.confirm(at: LogIndex(UInt64(index)))
            restored.confirm(at: LogIndex(UInt64(index)))
            #expect(restored.encode() == state.encode())
        }
    }

    @Test func aCheckpointOfAnotherConfigurationOrDamagedIsRefused() throws {
        let configuration = LedgerConfiguration(transactionIDs: 20, idempotencyKeys: 4, users: 4)
        var state = LedgerState(configuration: configuration)
        _ = try ledger.take([ledger.group(ids: [1, 2], key: 3)], &state)
        state.confirm(at: LogIndex(1))
        let bytes = state.encode()
        for count in 0..<bytes.count {
            #expect(throws: InvalidLedgerState.self) {
                try LedgerState(decoding: Array(bytes.prefix(count)), configuration: configuration)
            }
        }
        #expect(throws: InvalidLedgerState.self) {
            try LedgerState(decoding: bytes + [0], configuration: configuration)
        }
        var other = configuration
        other.users = 6
        let error = #expect(throws: InvalidLedgerState.self) { try LedgerState(decoding: bytes, configuration: other) }
        #expect(error?.description.contains("capacity of 4, configured are 6") == true)
    }

    @Test func anEntryThatCannotBeFoldedChangesNothing() throws {
        var leader = LedgerState()
        var follower = LedgerState()
        let taken = try ledger.take([ledger.group(ids: [1, 2], key: 3)], &leader)
        try follower.fold(taken.command!, at: LogIndex(1), sealer: ledger.sealer)
        let before = follower.encode()
        #expect(throws: LedgerError.outOfOrder(index: LogIndex(1), applied: LogIndex(1))) {
            try follower.fold(taken.command!, at: LogIndex(1), sealer: ledger.sealer)
        }
        #expect(throws: LedgerError.outOfOrder(index: LogIndex(3), applied: LogIndex(1))) {
            try follower.fold(taken.command!, at: LogIndex(3), sealer: ledger.sealer)
        }
        #expect(throws: LedgerError.repeatedID(index: LogIndex(2), id: TransactionID(rawValue: 1))) {
            try follower.fold(taken.command!, at: LogIndex(2), sealer: ledger.sealer)
        }
        #expect(throws: LedgerError.timeWentBack(index: LogIndex(2))) {
            try follower.fold(
                .transactions(timeMicroseconds: newYear - 1, groups: []), at: LogIndex(2), sealer: ledger.sealer)
        }
        let stranger = TestLedger(key: 2)
        var other = LedgerState()
        let foreign = try stranger.take([stranger.group(ids: [5])], &other)
        #expect(throws: LedgerError.self) {
            try follower.fold(foreign.command!, at: LogIndex(2), sealer: ledger.sealer)
        }
        #expect(follower.encode() == before)
        try follower.fold(.verify(timeMicroseconds: 0, id: 1), at: LogIndex(2), sealer: ledger.sealer)
        #expect(follower.applied == LogIndex(2))
    }

    private func randomGroup(_ random: inout SeededRandom, _ nextID: inout Int) -> IntakeGroup {
        let records = (0..<(1 + random.below(6))).map { _ in
            // Mostly new ids; old ones with the same or, rarely, another content.
            let isOld = random.below(4) == 0 && nextID > 1
            let id = isOld ? max(1, nextID - 1 - random.below(12)) : nextID
            nextID = max(nextID, id + 1)
            let amount = isOld && random.below(8) == 0 ? "1" : "\(10 + id % 7)"
            return ledger.record(
                id,
                ledger.transaction(
                    user: "u\(id % 9)", amount: amount, currency: ["EUR", "USD", "JPY"][id % 3], merchant: "m\(id % 5)",
                    time: newYear + Int64(id % 50) * 60_000_000))
        }
        let key = random.below(3) == 0 ? UInt128(random.below(9)) : nil
        return ledger.group(records, key: key, keyFingerprint: UInt64(random.below(2)))
    }
}
