import Bytes
import Detection
import Ledger
import Raft
import Security
import Testing

/// Records of streams count once, whoever brings them, and each stream goes on where it stopped.
@Suite struct StreamTests {
    let ledger = TestLedger()
    var state = LedgerState(configuration: LedgerConfiguration(transactionIDs: 100, idempotencyKeys: 20, users: 20))

    private mutating func take(_ groups: IntakeGroup...) throws -> [GroupOutcome] {
        try ledger.take(groups, &state).outcomes
    }

    @Test mutating func aStretchIsTakenWhereTheStreamGoesOn() throws {
        // A partition that nobody knows begins where its first stretch says.
        let first = ledger.stretch(ids: [1, 2], at: 40...41)
        #expect(try take(first) == [.streamed(ledger.receipt(next: 42, accepted: 2))])
        // The next one leaves out offsets that hold no records.
        let second = ledger.stretch(ids: [3, 4], at: 45...50, expecting: 42)
        #expect(try take(second) == [.streamed(ledger.receipt(next: 51, accepted: 2))])
        #expect(state.streams[ledger.partition()] == StreamPosition(clusterID: "kafka", nextOffset: 51))
        #expect(state.transactionCount == 4)
    }

    @Test mutating func aStretchThatDoesNotFitChangesNothing() throws {
        _ = try take(ledger.stretch(ids: [1, 2], at: 0...1))
        state.confirm(at: LogIndex(1))
        let before = state.encode()
        for stretch in [
            ledger.stretch(ids: [1, 2], at: 0...1), ledger.stretch(ids: [3], at: 1...1),
            ledger.stretch(ids: [3], at: 3...3),
        ] {
            let taken = try ledger.take([stretch], &state)
            #expect(taken.outcomes == [.streamRefused(.offsetConflict(next: 2))])
            #expect(taken.command == nil && taken.undo == nil)
        }
        let other = ledger.stretch(ids: [3], at: 2...2, cluster: "another")
        #expect(try take(other) == [.streamRefused(.streamChanged(clusterID: "kafka", next: 2))])
        #expect(state.encode() == before)
    }

    @Test mutating func stretchesOfOnePartitionFollowEachOtherInOneEntry() throws {
        let stretches = [
            ledger.stretch(ids: [1], at: 0...0), ledger.stretch(ids: [2], at: 1...1),
            ledger.stretch(ids: [3], at: 1...1), ledger.stretch(ids: [4], at: 0...0, partition: 1),
            ledger.stretch(ids: [5], at: 2...2),
        ]
        let taken = try ledger.take(stretches, &state)
        #expect(
            taken.outcomes == [
                .streamed(ledger.receipt(next: 1, accepted: 1)), .streamed(ledger.receipt(next: 2, accepted: 1)),
                .streamRefused(.offsetConflict(next: 2)), .streamed(ledger.receipt(next: 1, accepted: 1)),
                .streamed(ledger.receipt(next: 3, accepted: 1)),
            ])
        var follower = LedgerState(configuration: state.configuration)
        try follower.fold(try Command.decode(taken.command!.encode()), at: LogIndex(1), sealer: ledger.sealer)
        state.confirm(at: LogIndex(1))
        #expect(follower.encode() == state.encode())
        #expect(follower.streams.all.map(\.position.nextOffset) == [3, 1])
    }

    @Test mutating func whatWasTakenBeforeIsDroppedAndWhatCannotBeTakenBecomesADeadLetter() throws {
        _ = try take(ledger.group(ids: [1, 2]))
        let poison = ledger.deadLetter(at: 11)
        let group = IntakeGroup(
            stream: IntakeStream(
                range: ledger.range(at: 10...14), offsets: [10, 12, 13, 14], deadLetters: [poison]),
            records: [
                ledger.record(1, ledger.transaction()), ledger.record(2, ledger.transaction(amount: "7")),
                ledger.record(3, ledger.transaction()), ledger.record(3, ledger.transaction()),
            ], mayBeKnown: true)
        let taken = try ledger.take([group], &state)
        #expect(
            taken.outcomes == [
                .streamed(StreamReceipt(nextOffset: 15, accepted: 1, duplicates: 2, deadLetters: 2))
            ])
        guard case .transactions(_, let groups, _) = taken.command else { Issue.record("no command"); return }
        #expect(groups.count == 1 && groups[0].records.map(\.id.rawValue) == [3] && groups[0].key == nil)
        #expect(groups[0].source == group.stream?.range)
        #expect(groups[0].deadLetters.map(\.offset) == [11, 12])
        let reused = groups[0].deadLetters[1]
        #expect(reused.reason == "id_reused" && reused.transactionID == TransactionID(rawValue: 2))
        #expect(reused.content == group.records[1].body)
        #expect(try Command.decode(taken.command!.encode()) == taken.command)
    }

    @Test mutating func aStretchOfNothingMovesTheStream() throws {
        let empty = IntakeGroup(
            stream: IntakeStream(range: ledger.range(at: 0...9), offsets: [], deadLetters: []), records: [],
            mayBeKnown: false)
        let taken = try ledger.take([empty], &state)
        #expect(taken.outcomes == [.streamed(ledger.receipt(next: 10, accepted: 0))])
        #expect(taken.command != nil && state.transactionCount == 0)
    }

    @Test mutating func whatIsUndoneIsTakenAgain() throws {
        _ = try take(ledger.stretch(ids: [1], at: 0...0))
        state.confirm(at: LogIndex(1))
        let before = state.encode()
        let undos = try [1, 2].map {
            try #require(try ledger.take([ledger.stretch(ids: [$0 + 1], at: Int64($0)...Int64($0))], &state).undo)
        }
        let reset = state.takeStreamChange(
            StreamChange(partition: ledger.partition(), position: nil), author: "ada", nowMicroseconds: newYear)
        #expect(reset.outcome == .changed(previous: StreamPosition(clusterID: "kafka", nextOffset: 3)))
        for undo in [reset.undo!] + undos.reversed() { state.undo(undo) }
        #expect(state.encode() == before)
        #expect(try take(ledger.stretch(ids: [2], at: 1...1)) == [.streamed(ledger.receipt(next: 2, accepted: 1))])
    }

    @Test mutating func anOperatorSaysWhereAStreamGoesOn() throws {
        _ = try take(ledger.stretch(ids: [1], at: 100...100))
        state.confirm(at: LogIndex(1))
        let position = StreamPosition(clusterID: "another", nextOffset: 0)
        let change = StreamChange(partition: ledger.partition(), position: position)
        let taken = state.takeStreamChange(change, author: "ada", nowMicroseconds: newYear)
        #expect(taken.outcome == .changed(previous: StreamPosition(clusterID: "kafka", nextOffset: 101)))
        #expect(try Command.decode(taken.command!.encode()) == taken.command)
        let again = state.takeStreamChange(change, author: "ada", nowMicroseconds: newYear)
        #expect(again.outcome == .unchanged && again.command == nil && again.undo == nil)
        let next = ledger.stretch(ids: [2], at: 0...0, cluster: "another")
        #expect(try take(next) == [.streamed(ledger.receipt(next: 1, accepted: 1))])
    }

    @Test mutating func noMorePartitionsAreKeptThanMayBe() throws {
        for number in 0..<StreamOffsets.partitionsKept {
            let position = StreamPosition(clusterID: "kafka", nextOffset: Int64(number))
            let change = StreamChange(partition: ledger.partition(Int32(number)), position: position)
            _ = state.takeStreamChange(change, author: "ada", nowMicroseconds: newYear)
        }
        let limit = StreamRefusal.tooManyStreams(limit: StreamOffsets.partitionsKept)
        let stretch = ledger.stretch(ids: [1], at: 0...0, partition: 5_000)
        #expect(try take(stretch) == [.streamRefused(limit)])
        let more = StreamChange(
            partition: stretch.stream!.range.partition, position: StreamPosition(clusterID: "kafka", nextOffset: 0))
        #expect(state.takeStreamChange(more, author: "", nowMicroseconds: newYear).outcome == .refused(limit))
        // Who is known goes on, and who is forgotten makes room.
        let known = ledger.stretch(ids: [1], at: 7...7, partition: 7)
        #expect(try take(known) == [.streamed(ledger.receipt(next: 8, accepted: 1))])
        let forget = StreamChange(partition: ledger.partition(9), position: nil)
        _ = state.takeStreamChange(forget, author: "ada", nowMicroseconds: newYear)
        let other = ledger.stretch(ids: [2], at: 0...0, partition: 5_000)
        #expect(try take(other) == [.streamed(ledger.receipt(next: 1, accepted: 1))])
    }

    @Test mutating func anEntryOutOfPlaceIsRefusedWhole() throws {
        var leader = state
        let first = try ledger.take([ledger.stretch(ids: [1], at: 0...0)], &leader).command!
        let second = try ledger.take([ledger.stretch(ids: [2], at: 1...1)], &leader).command!
        try state.fold(first, at: LogIndex(1), sealer: ledger.sealer)
        let before = state.encode()
        let expected = LedgerError.streamOutOfPlace(
            index: LogIndex(2), partition: ledger.partition(), .offsetConflict(next: 1))
        var again = state
        do throws(LedgerError) {
            try again.fold(first, at: LogIndex(2), sealer: ledger.sealer)
            Issue.record("folded twice")
        } catch {
            #expect(error == expected)
        }
        #expect(again.encode() == before)
        try state.fold(second, at: LogIndex(2), sealer: ledger.sealer)
        #expect(state.encode() != before)
    }

    @Test func theContentOfADeadLetterOpensInItsPlaceAlone() throws {
        let (partition, sealer) = (ledger.partition(), ledger.sealer)
        for content in [
            DeadLetterContent(key: nil, value: nil), DeadLetterContent(key: [], value: [1, 2]),
            DeadLetterContent(key: [UInt8](repeating: 1, count: 5_000), value: [UInt8](repeating: 2, count: 1 << 20)),
        ] {
            let sealed = content.seal(at: 7, of: partition, sealer)
            #expect(sealed.count <= DeadLetter.maximumContentBytes)
            #expect(try DeadLetterContent(opening: sealed, at: 7, of: partition, sealer) == content)
            #expect(throws: SecurityError.self) { try DeadLetterContent(opening: sealed, at: 8, of: partition, sealer) }
            #expect(throws: SecurityError.self) {
                try DeadLetterContent(opening: sealed, at: 7, of: ledger.partition(1), sealer)
            }
        }
        let cut = DeadLetterContent(key: nil, value: [UInt8](repeating: 2, count: 1 << 20))
        #expect(cut.isCut && cut.valueByteCount == 1 << 20 && cut.value?.count ?? 0 > 65_000)
        #expect(!DeadLetterContent(key: [1], value: nil).isCut)
    }

    @Test func theContentOfADeadLetterHasABoundWhateverTheRecordHas() throws {
        let content = DeadLetterContent(
            key: [UInt8](repeating: 1, count: 30_000),
            headers: (0..<1_000).map { .init(name: "h\($0)", value: [UInt8](repeating: 3, count: 100)) },
            value: [UInt8](repeating: 2, count: 300_000))
        let sealed = content.seal(at: 8, of: ledger.partition(), ledger.sealer)
        #expect(sealed.count <= DeadLetter.maximumContentBytes)
        #expect(try DeadLetterContent(opening: sealed, at: 8, of: ledger.partition(), ledger.sealer) == content)
        #expect(content.isCut && content.valueByteCount == 300_000)
        #expect(content.key?.count == 30_000 && content.headers.count == 64)
        #expect(content.value?.count ?? 0 > 20_000)
    }

    @Test func theTextOfADeadLetterIsBounded() {
        let letter = DeadLetter(
            offset: 0, reason: "malformed", detail: "a\0" + String(repeating: "é", count: 400), content: [])
        #expect(letter.detail.utf8.count == 511 && letter.detail.hasPrefix("aé"))
        #expect(
            !DeadLetter.isValid(reason: "") && !DeadLetter.isValid(reason: "No") && DeadLetter.isValid(reason: "a_1"))
    }
}

extension TestLedger {
    func partition(_ number: Int32 = 0) -> StreamPartition { StreamPartition(topic: "payments", number: number) }

    /// A stretch that goes on at its first offset, unless it is said to go on elsewhere.
    func range(
        at offsets: ClosedRange<Int64>, expecting: Int64? = nil, partition number: Int32 = 0, cluster: String = "kafka"
    ) -> StreamRange {
        StreamRange(
            partition: partition(number), clusterID: cluster, expectedOffset: expecting ?? offsets.lowerBound,
            firstOffset: offsets.lowerBound, lastOffset: offsets.upperBound)
    }

    /// One record for each id, from the first offset on.
    func stretch(
        ids: [Int], at offsets: ClosedRange<Int64>, expecting: Int64? = nil, partition number: Int32 = 0,
        cluster: String = "kafka"
    ) -> IntakeGroup {
        IntakeGroup(
            stream: IntakeStream(
                range: range(at: offsets, expecting: expecting, partition: number, cluster: cluster),
                offsets: ids.indices.map { offsets.lowerBound + Int64($0) }, deadLetters: []),
            records: ids.map { record($0, transaction()) }, mayBeKnown: true)
    }

    func deadLetter(at offset: Int64, partition number: Int32 = 0) -> DeadLetter {
        let content = DeadLetterContent(key: [1], value: [2, 3])
        return DeadLetter(
            offset: offset, reason: "malformed", detail: "no JSON",
            content: content.seal(at: offset, of: partition(number), sealer))
    }

    func receipt(next: Int64, accepted: Int) -> StreamReceipt {
        StreamReceipt(nextOffset: next, accepted: accepted, duplicates: 0, deadLetters: 0)
    }
}
