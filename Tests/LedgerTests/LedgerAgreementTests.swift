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
            transactionIDs: 4 + random.below(40), idempotencyKeys: 2 + random.below(6), users: 2 + random.below(6),
            merchants: 2 + random.below(6), labels: 2 + random.below(6))
        var leader = LedgerState(configuration: configuration)
        var follower = LedgerState(configuration: configuration)
        var pending: [(command: Command, undo: LedgerUndo)] = []
        var database = TestDatabase()
        var now = newYear
        var nextID = 1
        for _ in 0..<250 {
            now += Int64(random.below(3)) * IdempotencyKey.lifetimeMicroseconds / 20 - 1000
            switch random.below(18) {
            case 0..<5:
                let groups = (0..<(1 + random.below(3))).map { _ in
                    let group = randomGroup(&random, &nextID)
                    return random.below(3) == 0 ? streamed(group, leader.streams, &random) : group
                }
                let taken = try ledger.take(groups, &leader, now: now)
                #expect((taken.command == nil) == (taken.undo == nil))
                if let command = taken.command, let undo = taken.undo { pending.append((command, undo)) }
            case 5..<8:
                guard !pending.isEmpty else { continue }
                let (taken, _) = pending.removeFirst()
                let index = leader.applied.next
                leader.confirm(at: index)
                let command = try Command.decode(taken.encode())
                #expect(command == taken)
                try follower.fold(command, at: index, sealer: ledger.sealer)
                database.apply(command, at: index)
                let settled = try leader.encode(without: pending, sealer: ledger.sealer)
                #expect(settled == follower.encode())
            case 8:
                let labels = (0..<(1 + random.below(4))).map { _ in
                    ledger.label(1 + random.below(nextID), random.below(2) == 0 ? .fraud : .legitimate)
                }
                let known = database.payments(labels.map(\.id))
                guard leader.isCovered(by: known, labels) else { continue }
                let taken = try leader.takeLabels(labels, known: known, nowMicroseconds: now, sealer: ledger.sealer)
                #expect((taken.command == nil) == (taken.undo == nil))
                if let command = taken.command, let undo = taken.undo { pending.append((command, undo)) }
            case 9, 10:
                let taken = leader.takeChange(randomChange(&random), author: "ada", nowMicroseconds: now)
                #expect((taken.command == nil) == (taken.undo == nil))
                if let command = taken.command, let undo = taken.undo { pending.append((command, undo)) }
            case 11:
                let position = StreamPosition(clusterID: "k\(random.below(2))", nextOffset: Int64(random.below(20)))
                let change = StreamChange(
                    partition: ledger.partition(Int32(random.below(3))),
                    position: random.below(3) == 0 ? nil : position)
                let taken = leader.takeStreamChange(change, author: "ada", nowMicroseconds: now)
                #expect((taken.command == nil) == (taken.undo == nil))
                if let command = taken.command, let undo = taken.undo { pending.append((command, undo)) }
            case 12, 13:
                let reviews = (0..<(1 + random.below(3))).map { _ in randomReview(&random, below: nextID) }
                let known = database.payments(reviews.map(\.id))
                guard leader.isCovered(by: known, reviews) else { continue }
                let taken = try leader.takeReviews(
                    reviews, known: known, nowMicroseconds: now, sealer: ledger.sealer)
                #expect((taken.command == nil) == (taken.undo == nil))
                if let command = taken.command, let undo = taken.undo { pending.append((command, undo)) }
            case 14, 15:
                let changes = (0..<(1 + random.below(3))).map { _ in randomOutboxChange(&random) }
                let taken = leader.takeOutbox(changes, author: "ada", nowMicroseconds: now)
                #expect((taken.command == nil) == (taken.undo == nil))
                if let command = taken.command, let undo = taken.undo { pending.append((command, undo)) }
            case 16:
                leader.advance(to: leader.applied.next)
                follower.advance(to: follower.applied.next)
                database.through = leader.applied
            default:
                // The leader falls; the other one, which has folded all that was committed, leads on.
                guard random.below(3) == 0 else { continue }
                for proposed in pending.reversed() { leader.undo(proposed.undo) }
                pending = []
                #expect(leader.encode() == follower.encode())
                swap(&leader, &follower)
            }
            #expect(leader.pendingCount == pending.count)
        }
        for proposed in pending.reversed() { leader.undo(proposed.undo) }
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

    /// Followers fold with the token that the leader observed, and those of an earlier version's entries with their own:
    /// both come to the leader's bytes.
    @Test(arguments: [true, false]) func whoFollowsNeedNotObserve(hasTokens: Bool) throws {
        var random = SeededRandom(5)
        var leader = LedgerState()
        var follower = LedgerState()
        var nextID = 1
        for number in 1...40 {
            let taken = try ledger.take([randomGroup(&random, &nextID), randomGroup(&random, &nextID)], &leader)
            let index = LogIndex(UInt64(number))
            guard case .transactions(let time, let groups, _) = taken.command else {
                leader.advance(to: index)
                follower.advance(to: index)
                continue
            }
            leader.confirm(at: index)
            #expect(groups.flatMap(\.records).allSatisfy { $0.token != nil })
            let replicated = Command.transactions(
                timeMicroseconds: time, groups: hasTokens ? groups : groups.map { $0.withTokens { _ in nil } })
            try follower.fold(try Command.decode(replicated.encode()), at: index, sealer: ledger.sealer)
            #expect(follower.encode() == leader.encode())
        }
    }

    @Test func theTokenOfTheEntryIsTheOneThatIsFolded() throws {
        var leader = LedgerState()
        let taken = try ledger.take([ledger.group(ids: [1, 2])], &leader)
        guard case .transactions(let time, let groups, _) = taken.command else { Issue.record("no command"); return }
        let token = Token(repeating: 9)
        let changed = Command.transactions(timeMicroseconds: time, groups: groups.map { $0.withTokens { _ in token } })
        var follower = LedgerState()
        try follower.fold(try Command.decode(changed.encode()), at: LogIndex(1), sealer: ledger.sealer)
        let sequence = follower.profiles[user: groups[0].records[0].userKey]?.sequence
        #expect(sequence?.length == 2 && sequence?[0] == token && sequence?[1] == token)
    }

    private func randomReview(_ random: inout SeededRandom, below nextID: Int) -> IntakeReview {
        let actions: [ReviewAction] = [.assign(to: "bob"), .assign(to: nil), .confirm, .dismiss, .note]
        return ledger.review(
            UInt128(random.below(50)), of: 1 + random.below(nextID), actions[random.below(actions.count)],
            expecting: random.below(3) == 0 ? UInt32(random.below(3)) : nil, note: random.below(2) == 0 ? "x" : nil)
    }

    private func randomOutboxChange(_ random: inout SeededRandom) -> OutboxChange {
        let channel = ["kafka:alerts", "webhook:a", "webhook:b"][random.below(3)]
        let position = OutboxPosition(index: LogIndex(UInt64(random.below(9))), ordinal: UInt32(random.below(3)))
        switch random.below(5) {
        case 0: return .delivered(channel: channel, through: position)
        case 1:
            let failure = FailedDelivery(
                position: position, id: nil, attempts: 1, reason: "x", failedAtMicroseconds: newYear)
            return .failed(channel: channel, failure)
        case 2: return .settled(channel: channel, position)
        case 3: return .removeWebhook(name: random.below(2) == 0 ? "a" : "b")
        default:
            return .putWebhook(
                name: random.below(2) == 0 ? "a" : "b", url: "https://a/\(random.below(2))",
                secret: random.below(2) == 0 ? nil : [1], isEnabled: random.below(2) == 0, from: position)
        }
    }

    private func randomChange(_ random: inout SeededRandom) -> RegistryChange {
        let value = { (number: Int) in
            ListedValue(key: UInt64(number), keys: [UInt64(number), UInt64(number / 2)], sealed: [UInt8(number)])
        }
        let name = ["a", "b"][random.below(2)]
        let values = (0..<random.below(4)).map { _ in value(random.below(9)) }
        switch random.below(5) {
        case 0:
            let text = "rules: []\n# \(random.below(3))\n"
            return .putRules(
                text: text, comment: "c", restores: nil, expecting: random.below(2) == 0 ? UInt64(random.below(4)) : nil
            )
        case 1: return .putList(name: name, kind: .user, description: "\(random.below(2))", values: values)
        case 2: return .addToList(name: name, values: values)
        case 3: return .removeFromList(name: name, keys: values.map(\.key))
        default: return .deleteList(name: name)
        }
    }

    /// The same records as a stretch of a stream; mostly one that fits.
    private func streamed(
        _ group: IntakeGroup, _ streams: StreamOffsets, _ random: inout SeededRandom
    ) -> IntakeGroup {
        let partition = Int32(random.below(3))
        let known = streams[ledger.partition(partition)]
        let expected = max(0, (known?.nextOffset ?? 5) + (random.below(6) == 0 ? Int64(random.below(5) - 2) : 0))
        let first = expected + Int64(random.below(3))
        let offsets = group.records.indices.map { first + Int64($0) * 2 }
        let letters = random.below(3) == 0 ? [ledger.deadLetter(at: offsets.last! + 1, partition: partition)] : []
        let range = ledger.range(
            at: first...(offsets.last! + 2), expecting: expected, partition: partition,
            cluster: random.below(8) == 0 ? "k1" : known?.clusterID ?? "k0")
        return IntakeGroup(
            stream: IntakeStream(range: range, offsets: offsets, deadLetters: letters), records: group.records,
            mayBeKnown: true)
    }

    private func randomGroup(_ random: inout SeededRandom, _ nextID: inout Int) -> IntakeGroup {
        let records = (0..<(1 + random.below(6))).map { _ in
            // Mostly new ids; old ones with the same or, rarely, another content.
            let isOld = random.below(4) == 0 && nextID > 1
            let id = isOld ? max(1, nextID - 1 - random.below(12)) : nextID
            nextID = max(nextID, id + 1)
            let usual = id % 3 == 0 ? "20000" : "\(10 + id % 7)"
            let amount = isOld && random.below(8) == 0 ? "1" : usual
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
