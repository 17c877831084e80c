import Detection
import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite struct `Asking a ledger store` {
    private func filledStore(_ count: Int) async throws -> (store: LedgerStore, log: TestLog, database: String) {
        let database = try SharedPostgres.get().makeDatabase()
        let log = TestLog()
        for first in stride(from: 0, to: count, by: 10) {
            log.append(TestCommands.command(first..<min(first + 10, count), key: first))
        }
        let store = try openStore(database, log)
        try await store.applyAll(log)
        return (store, log, database)
    }

    @Test func `tells which ids and keys are known, and at which entry it knew`() async throws {
        let (store, log, _) = try await filledStore(30)
        defer { store.close() }
        let known = try await store.lookUp(
            ids: [3, 29, 30, 1_000].map(TestCommands.id), keys: [10, 11].map(TestCommands.key))
        #expect(known.through == log.last)
        #expect(
            known.ids == [
                TestCommands.id(3): TestCommands.record(3).fingerprint,
                TestCommands.id(29): TestCommands.record(29).fingerprint,
            ])
        #expect(
            known.keys == [
                TestCommands.key(10): KnownKey(
                    first: TestCommands.id(10), count: 10, fingerprint: 10,
                    acceptedAtMicroseconds: TestCommands.start)
            ])
        let none = try await store.lookUp(ids: [], keys: [])
        #expect(none == KnownDuplicates(through: log.last))
    }

    @Test func `pages through everything once, newest first, while more arrives`() async throws {
        let (store, log, _) = try await filledStore(100)
        defer { store.close() }
        var seen: [StoredTransaction] = []
        var cursor: TransactionCursor?
        repeat {
            let page = try await store.transactions(limit: 7, after: cursor)
            seen += page.transactions
            // What arrives is newer: the pages that follow must not shift.
            let next = 100 + seen.count * 3
            log.append(TestCommands.command(next..<next + 3))
            try await store.applyAll(log)
            cursor = try page.next.map { try TransactionCursor($0.description) }
        } while cursor != nil
        let expected = (0..<100).map { TestCommands.record($0) }
            .sorted { ($0.occurredAtMicroseconds, $0.id) > ($1.occurredAtMicroseconds, $1.id) }
        #expect(seen.map(\.id) == expected.map(\.id))
    }

    @Test func `finds what passes every condition`() async throws {
        let (store, log, _) = try await filledStore(100)
        defer { store.close() }
        let all = (0..<100).map { TestCommands.record($0) }
            .sorted { ($0.occurredAtMicroseconds, $0.id) > ($1.occurredAtMicroseconds, $1.id) }
        let (from, to) = (TestCommands.start + 4_000, TestCommands.start + 30_000)
        for userKey in [nil, UInt64.max - 3] {
            for decision in [nil] + Decision.allCases.map(Optional.some) {
                for isBounded in [false, true] {
                    let filter = TransactionFilter(
                        userKey: userKey, decision: decision, fromMicroseconds: isBounded ? from : nil,
                        toMicroseconds: isBounded ? to : nil)
                    let page = try await store.transactions(filter, limit: 1_000)
                    let expected = all.filter {
                        (userKey == nil || $0.userKey == userKey) && (decision == nil || $0.decision == decision)
                            && (!isBounded || ($0.occurredAtMicroseconds >= from && $0.occurredAtMicroseconds < to))
                    }
                    #expect(page.transactions.map(\.id) == expected.map(\.id))
                    #expect(page.next == nil)
                    #expect(page.applied == log.last)
                }
            }
        }
    }

    @Test func `gives an empty page with the index it was read at`() async throws {
        let (store, log, _) = try await filledStore(10)
        defer { store.close() }
        let page = try await store.transactions(TransactionFilter(userKey: 1), limit: 5)
        #expect(page.transactions.isEmpty && page.next == nil)
        #expect(page.applied == log.last)
    }

    @Test func `answers only when the wanted entry is applied`() async throws {
        let (store, log, _) = try await filledStore(10)
        defer { store.close() }
        let next = log.last.next
        await #expect(throws: LedgerStoreError.notAppliedInTime(index: next, applied: log.last)) {
            try await store.transaction(
                TestCommands.id(10), atLeast: next, deadline: .now + .milliseconds(5))
        }
        let answer = Task { try await store.transaction(TestCommands.id(10), atLeast: next, deadline: soon) }
        log.append(TestCommands.command(10..<11))
        store.commitAdvanced(to: next)
        #expect(try await answer.value?.logIndex == next)
    }

    @Test func `does not answer from a database that fell back behind the wanted entry`() async throws {
        let (store, log, database) = try await filledStore(30)
        defer { store.close() }
        try connect(database).execute("UPDATE ledger SET applied_index = 1")
        await #expect(throws: LedgerStoreError.notAppliedInTime(index: log.last, applied: LogIndex(1))) {
            try await store.transaction(
                TestCommands.id(1), atLeast: log.last, deadline: .now + .milliseconds(5))
        }
    }

    @Test(arguments: [0, 1_001, -1])
    func `refuses a page size outside its limits`(limit: Int) async throws {
        let store = try openStore(try SharedPostgres.get().makeDatabase(), TestLog())
        defer { store.close() }
        await #expect(throws: LedgerStoreError.invalidLimit(limit, allowed: 1...1_000)) {
            try await store.transactions(limit: limit)
        }
    }

    @Test func `reads its own cursors and no others`() throws {
        let cursor = TransactionCursor(occurredAtMicroseconds: -5, id: TestCommands.id(77))
        let text = cursor.description
        #expect(try TransactionCursor(text) == cursor)
        #expect(throws: LedgerStoreError.self) { try TransactionCursor("") }
        #expect(throws: LedgerStoreError.self) { try TransactionCursor(text + "A") }
        #expect(throws: LedgerStoreError.self) { try TransactionCursor(String(text.dropLast()) + "=") }
        // The last letter holds two bits that must be zero, the first one the version.
        #expect(throws: LedgerStoreError.self) { try TransactionCursor(String(text.dropLast()) + "_") }
        #expect(throws: LedgerStoreError.self) { try TransactionCursor("B" + text.dropFirst()) }
    }

    @Test func `answers queries with an index however small the tables are`() async throws {
        let (store, _, database) = try await filledStore(10)
        defer { store.close() }
        let plan = try connect(database)
        try plan.execute("SET enable_seqscan = off")
        let rows = try plan.query(
            """
            EXPLAIN SELECT * FROM transactions WHERE user_key = 1 AND (occurred_at, id) < (now(), gen_random_uuid())
            ORDER BY occurred_at DESC, id DESC LIMIT 10
            """)
        let text = try (0..<rows.rowCount).map { try rows.text($0, 0) }.joined(separator: "\n")
        #expect(text.contains("Index Scan Backward using transactions_user_key"))
        #expect(!text.contains("Sort"))
    }
}
