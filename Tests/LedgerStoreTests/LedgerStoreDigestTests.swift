import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite struct `The digest of a database` {
    private func fill(_ log: TestLog) {
        for entry in 0..<40 {
            log.append(
                TestCommands.command(
                    entry * 5..<entry * 5 + 5, key: entry % 4 == 0 ? entry : nil, afterSeconds: Int64(entry) * 600))
        }
    }

    @Test func `is equal however the batches fell, and covers exactly the entries before it`() async throws {
        var digests: [ContentDigest] = []
        for (stride, rowLimit) in [(1_000, 20_000), (1, 5), (3, 60)] {
            let log = TestLog(stride: stride)
            fill(log)
            let index = log.append(.verify(timeMicroseconds: TestCommands.start + 24_000_000_000, id: 7))
            log.append(TestCommands.command(500..<600, afterSeconds: 24_000))
            let store = try openStore(try SharedPostgres.get().makeDatabase(), log) {
                $0.transactionRowLimit = rowLimit
            }
            defer { store.close() }
            try await store.applyAll(log)
            digests.append(try await store.digest(at: index, deadline: soon))
        }
        #expect(digests[0].transactions == 200)
        #expect(digests[0].idempotencyKeys == 10)
        #expect(digests[0].verifyID == 7)
        #expect(digests[0].sha256.count == 64)
        #expect(digests[1] == digests[0])
        #expect(digests[2] == digests[0])
    }

    @Test func `differs when one row was tampered with`() async throws {
        let log = TestLog()
        fill(log)
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        let before = try await store.digestNow(log)
        let again = try await store.digestNow(log)
        #expect(again.sha256 == before.sha256)
        try connect(database).query(
            "UPDATE transactions SET score = score + 0.001 WHERE id = $1", [.uuid(TestCommands.id(17).rawValue)])
        let after = try await store.digestNow(log)
        #expect(after.sha256 != before.sha256)
        #expect(after.transactions == before.transactions)
    }

    @Test func `is not known for an entry that did not ask for it`() async throws {
        let log = TestLog()
        fill(log)
        let store = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { store.close() }
        try await store.applyAll(log)
        await #expect(throws: LedgerStoreError.digestNotReadyInTime(index: LogIndex(3))) {
            try await store.digest(at: LogIndex(3), deadline: .now + .milliseconds(5))
        }
    }

    @Test func `shows keys expired at the same entry however the batches fell`() async throws {
        let day: Int64 = 24 * 3_600
        var digests: [[ContentDigest]] = []
        for stride in [1, 1_000] {
            let log = TestLog(stride: stride)
            log.append(TestCommands.command(0..<2, key: 1))
            log.append(TestCommands.command(2..<4, key: 2, afterSeconds: 100))
            // Nothing is over yet.
            log.append(TestCommands.command(4..<6, key: 3, afterSeconds: day - 1_000))
            // The first two are over now; and the first comes again with other content.
            log.append(TestCommands.command(6..<7, key: 4, afterSeconds: day + 3_700))
            log.append(TestCommands.command(8..<11, key: 1, afterSeconds: day + 3_701))
            let early = log.append(
                .verify(timeMicroseconds: TestCommands.start + (day + 3_702) * 1_000_000, id: 1))
            let late = log.append(
                .verify(timeMicroseconds: TestCommands.start + (2 * day + 7_400) * 1_000_000, id: 2))
            let store = try openStore(try SharedPostgres.get().makeDatabase(), log)
            defer { store.close() }
            try await store.applyAll(log)
            digests.append([
                try await store.digest(at: early, deadline: soon), try await store.digest(at: late, deadline: soon),
            ])
            if stride == 1 {
                let known = try await store.lookUp(ids: [], keys: [1, 2, 3, 4].map(TestCommands.key))
                #expect(known.keys.isEmpty)
            }
        }
        #expect(digests[0][0].idempotencyKeys == 3)
        #expect(digests[0][1].idempotencyKeys == 0)
        #expect(digests[0] == digests[1])
    }
}
