import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite(.serialized) struct `Streams in a database` {
    static let partitions = 3

    /// Stretches of three partitions in turn, each of ten offsets, with four records and every third with a dead letter;
    /// ends with partition 2 moved by hand and partition 1 forgotten.
    private func fill(_ log: TestLog, entries: Int = 60) {
        for entry in 0..<entries {
            let (partition, round) = (entry % Self.partitions, entry / Self.partitions)
            log.append(TestCommands.stretch(entry, partition: partition, at: Int64(round) * 10, poison: entry % 3 == 0))
        }
        log.append(
            .stream(
                timeMicroseconds: TestCommands.start, author: "ada",
                StreamChange(
                    partition: TestCommands.partition(2), position: StreamPosition(clusterID: "new", nextOffset: 3))))
        log.append(
            .stream(
                timeMicroseconds: TestCommands.start, author: "ada",
                StreamChange(partition: TestCommands.partition(1), position: nil)))
    }

    @Test func `stand where the entries left them, however the batches fell`() async throws {
        var digests: [ContentDigest] = []
        for (stride, rowLimit) in [(1_000, 20_000), (1, 5), (7, 30)] {
            let log = TestLog(stride: stride)
            fill(log)
            let store = try openStore(try SharedPostgres.get().makeDatabase(), log) {
                $0.transactionRowLimit = rowLimit
            }
            defer { store.close() }
            try await store.applyAll(log)
            #expect(
                try await store.streamOffsets() == [
                    StoredStreamOffset(
                        partition: TestCommands.partition(0),
                        position: StreamPosition(clusterID: "kafka", nextOffset: 200), logIndex: LogIndex(58)),
                    StoredStreamOffset(
                        partition: TestCommands.partition(2),
                        position: StreamPosition(clusterID: "new", nextOffset: 3), logIndex: LogIndex(61)),
                ])
            #expect(store.progress.transactions == 240)
            digests.append(try await store.digestNow(log))
        }
        #expect(digests[0] == digests[1] && digests[1] == digests[2])
    }

    @Test func `differ in the digest when one offset or one dead letter was tampered with`() async throws {
        let log = TestLog()
        fill(log)
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        var digests = [try await store.digestNow(log).sha256]
        for statement in [
            "UPDATE stream_offsets SET next_offset = next_offset + 1 WHERE partition = 0",
            "DELETE FROM dead_letters WHERE log_index = 1",
        ] {
            try connect(database).execute(statement)
            digests.append(try await store.digestNow(log).sha256)
        }
        #expect(Set(digests).count == 3)
    }

    @Test func `give their dead letters once each, in the order of the log`() async throws {
        let log = TestLog()
        fill(log)
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { store.close() }
        try await store.applyAll(log)
        var seen: [StoredDeadLetter] = []
        var position = OutboxPosition.start
        while true {
            let page = try await store.deadLetters(after: position, limit: 7)
            seen += page.letters
            #expect(page.applied == log.last)
            guard page.hasMore, let last = page.letters.last else { break }
            position = last.position
        }
        // Two in every third entry.
        #expect(seen.count == 40)
        #expect(seen.map(\.position) == seen.map(\.position).sorted() && Set(seen.map(\.position)).count == 40)
        #expect(seen[1].position == OutboxPosition(index: LogIndex(1), ordinal: 1))
        #expect(seen.allSatisfy { $0.partition == TestCommands.partition(0) })
        #expect(seen[2].letter == TestCommands.letters(3, at: 10)[0])
        #expect(seen[3].letter == TestCommands.letters(3, at: 10)[1])
        await #expect(throws: LedgerStoreError.invalidLimit(101, allowed: 1...100)) {
            try await store.deadLetters(limit: 101)
        }
    }

    @Test func `travel in snapshots`() async throws {
        let directory = try SnapshotDirectory()
        let log = TestLog()
        fill(log)
        let giver = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { giver.close() }
        try await giver.applyAll(log)
        let checkpoint = TestSnapshots.checkpoint(at: LogIndex(30))
        _ = try await giver.exportSnapshot(to: directory.file(), checkpoint: checkpoint, id: 7)
        let taker = try openStore(try SharedPostgres.get().makeDatabase(), log, nodeID: 2)
        defer { taker.close() }
        try await taker.installSnapshot(path: directory.file())
        #expect(try await taker.streamOffsets() == (try await giver.streamOffsets()))
        // It goes on from there: the partition that was forgotten begins anew.
        log.append(TestCommands.stretch(100, partition: 1, at: 0, poison: false))
        let digest = try await giver.digestNow(log)
        taker.commitAdvanced(to: digest.index)
        #expect(try await taker.digest(at: digest.index, deadline: soon) == digest)
    }

    @Test func `never run ahead of their records, or behind them, when the server dies`() async throws {
        let server = try PostgresInstance(settings: ["wal_writer_delay = 10s"])
        let log = TestLog(stride: 2)
        let database = try server.makeDatabase()
        let store = try openStore(database, log) { $0.transactionRowLimit = 20 }
        defer { store.close() }
        try await store.waitUntilReady(deadline: soon)
        for entry in 0..<400 {
            log.append(TestCommands.stretch(entry, partition: 0, at: Int64(entry) * 10, poison: false))
        }
        store.commitAdvanced(to: log.last)
        try await eventually("progress") { store.appliedIndex > LogIndex(30) }
        server.kill()
        try await eventually("the loss") {
            if case .lost = store.state { return true }
            return false
        }
        try server.start()
        let row = try connect(database).query(
            "SELECT (SELECT count(*) FROM transactions), coalesce((SELECT next_offset FROM stream_offsets), 0)")
        // Four records in every ten offsets; the store may go on meanwhile, but never between the two.
        #expect(try row.int8(0, 0) * 10 == (try row.int8(0, 1)) * 4)
        try await store.applyAll(log)
        #expect(try await store.streamOffsets().map(\.position.nextOffset) == [4_000])
        #expect(store.progress.transactions == 1_600)
    }
}

extension TestCommands {
    static func partition(_ number: Int) -> StreamPartition {
        StreamPartition(topic: "payments", number: Int32(number))
    }

    static func letters(_ number: Int, at first: Int64) -> [DeadLetter] {
        [
            DeadLetter(
                offset: first + 5, reason: "malformed", detail: "no JSON: é",
                content: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 70)),
            DeadLetter(
                offset: first + 6, reason: DeadLetter.idReused, detail: "", transactionID: id(number), content: [1]),
        ]
    }

    /// Ten offsets with four records and, if poisoned, two dead letters.
    static func stretch(_ number: Int, partition: Int, at first: Int64, poison: Bool) -> Command {
        .transactions(
            timeMicroseconds: start,
            groups: [
                LedgerGroup(
                    source: StreamRange(
                        partition: self.partition(partition), clusterID: "kafka", expectedOffset: first,
                        firstOffset: first, lastOffset: first + 9),
                    records: (number * 4..<number * 4 + 4).map { record($0) },
                    deadLetters: poison ? letters(number, at: first) : [])
            ])
    }
}
