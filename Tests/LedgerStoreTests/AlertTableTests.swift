import Detection
import Ledger
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite(.serialized) struct `Alerts in a database` {
    /// Twenty entries of five payments, of which every third is approved; reviews of some; and reviews of one that is in
    /// the same batch.
    private func fill(_ log: TestLog) {
        for entry in 0..<20 {
            log.append(TestCommands.command(entry * 5..<entry * 5 + 5, afterSeconds: Int64(entry)))
        }
        log.append(TestCommands.reviews([(1, .assign(to: "bob"), 1), (2, .confirm, 1)], afterSeconds: 30))
        log.append(TestCommands.reviews([(1, .note, 2), (1, .dismiss, 3)], afterSeconds: 31))
    }

    private static let flagged = (0..<100).filter { $0 % 3 != 0 }

    private func filled() async throws -> (store: LedgerStore, log: TestLog, database: String) {
        let log = TestLog()
        fill(log)
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log)
        try await store.applyAll(log)
        return (store, log, database)
    }

    @Test func `are the payments that were not approved, each once, in the order of the log`() async throws {
        let (store, log, _) = try await filled()
        defer { store.close() }
        var seen: [StoredAlert] = []
        var position = OutboxPosition.start
        while true {
            let page = try await store.alerts(after: position, limit: 7)
            seen += page.alerts
            #expect(page.applied == log.last)
            guard page.hasMore, let last = page.alerts.last else { break }
            position = try #require(OutboxPosition(last.position.description))
        }
        #expect(seen.map(\.transaction.id) == Self.flagged.map(TestCommands.id))
        #expect(seen.map(\.position) == seen.map(\.position).sorted())
        // Payments 5 to 9 are the second entry: 5, 7 and 8 are flagged.
        #expect(
            seen.filter { $0.position.index == LogIndex(2) }.map(\.position.ordinal) == [0, 1, 2])
        #expect(seen.allSatisfy { $0.transaction.decision != .approve && $0.userKey != 0 })
        let none = try await store.alerts(after: seen.last!.position, limit: 7)
        #expect(none.alerts.isEmpty && !none.hasMore)
        let rest = try await store.alerts(after: .end(of: LogIndex(19)), limit: 100)
        #expect(rest.alerts.map(\.transaction.id) == [95, 97, 98].map(TestCommands.id))
    }

    @Test func `tell what was done with them, and label their payments`() async throws {
        let (store, _, _) = try await filled()
        defer { store.close() }
        let one = try #require(try await store.alert(TestCommands.id(1)))
        #expect(one.alert.standing == AlertStanding(state: .dismissed, assignee: "bob", revision: 3, lastReview: 13))
        #expect(one.reviews.map(\.action) == ["assign", "note", "dismiss"])
        #expect(one.reviews.map(\.revision) == [1, 2, 3])
        #expect(one.reviews.map(\.state) == [.assigned, .assigned, .dismissed])
        #expect(one.reviews[1].note == [12] && one.reviews[1].author == "ada")
        #expect(one.reviews[1].reviewedAtMicroseconds == TestCommands.start + 31_000_000)
        #expect(one.alert.transaction.label?.verdict == .legitimate)
        #expect(one.alert.transaction.label?.source == "review:ada")
        let two = try #require(try await store.alert(TestCommands.id(2)))
        #expect(two.alert.standing.state == .confirmed && two.alert.standing.assignee == nil)
        #expect(two.alert.transaction.label?.verdict == .fraud)
        #expect(try await store.alert(TestCommands.id(3)) == nil)
        let known = try await store.payments([1, 3, 4].map(TestCommands.id), atLeast: .zero, deadline: soon)
        #expect(known.payments[TestCommands.id(1)]?.alert == one.alert.standing)
        #expect(known.payments[TestCommands.id(3)]?.alert == nil)
        #expect(known.payments[TestCommands.id(4)]?.alert == .new)
    }

    @Test func `are found by every condition, newest first, page by page`() async throws {
        let (store, _, _) = try await filled()
        defer { store.close() }
        func ids(_ filter: AlertFilter) async throws -> [TransactionID] {
            var seen: [TransactionID] = []
            var cursor: AlertCursor?
            repeat {
                let page = try await store.alerts(filter, limit: 4, after: cursor)
                seen += page.alerts.map(\.transaction.id)
                cursor = try page.next.map { try AlertCursor($0.description) }
            } while cursor != nil
            return seen
        }
        func expected(_ condition: (Int) -> Bool) -> [TransactionID] {
            Self.flagged.reversed().filter(condition).map(TestCommands.id)
        }
        #expect(try await ids(AlertFilter()) == expected { _ in true })
        #expect(try await ids(AlertFilter(state: .confirmed)) == expected { $0 == 2 })
        #expect(try await ids(AlertFilter(state: .open)) == expected { $0 > 2 })
        #expect(try await ids(AlertFilter(decision: .block)) == expected { $0 % 3 == 2 })
        let user = TestCommands.record(5).userKey
        #expect(try await ids(AlertFilter(userKey: user)) == expected { $0 % 7 == 5 })
        let from = TestCommands.start + 3_000_000
        let window = AlertFilter(decision: .review, fromMicroseconds: from, toMicroseconds: from + 4_000_000)
        #expect(try await ids(window) == expected { 15..<35 ~= $0 && $0 % 3 == 1 })
        #expect(throws: LedgerStoreError.self) { try AlertCursor("1-2") }
        await #expect(throws: LedgerStoreError.invalidLimit(0, allowed: 1...1_000)) {
            try await store.alerts(AlertFilter(), limit: 0)
        }
    }

    @Test func `are in the digest, however the batches fell, and in snapshots`() async throws {
        var digests: [ContentDigest] = []
        for (stride, rowLimit) in [(1_000, 20_000), (1, 5), (3, 40)] {
            let log = TestLog(stride: stride)
            fill(log)
            let store = try openStore(try SharedPostgres.get().makeDatabase(), log) {
                $0.transactionRowLimit = rowLimit
            }
            defer { store.close() }
            try await store.applyAll(log)
            digests.append(try await store.digestNow(log, afterSeconds: 40))
        }
        #expect(digests[0] == digests[1] && digests[1] == digests[2])

        let (store, log, database) = try await filled()
        defer { store.close() }
        let directory = try SnapshotDirectory()
        let checkpoint = TestSnapshots.checkpoint(at: LogIndex(10))
        _ = try await store.exportSnapshot(to: directory.file(), checkpoint: checkpoint, id: 7)
        let taker = try openStore(try SharedPostgres.get().makeDatabase(), log, nodeID: 2)
        defer { taker.close() }
        try await taker.installSnapshot(path: directory.file())
        let digest = try await store.digestNow(log, afterSeconds: 40)
        taker.commitAdvanced(to: digest.index)
        #expect(try await taker.digest(at: digest.index, deadline: soon) == digest)
        #expect(digest == digests[0])
        for statement in [
            "UPDATE alerts SET assignee = 'eve' WHERE position = 0", "DELETE FROM alert_reviews WHERE position = 1",
        ] {
            try connect(database).execute(statement)
            #expect(try await store.digestNow(log, afterSeconds: 40).sha256 != digest.sha256)
        }
    }

    @Test func `are made of payments that were taken, where an id comes a second time`() async throws {
        let log = TestLog()
        log.append(TestCommands.command(0..<3))
        let database = try SharedPostgres.get().makeDatabase()
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.applyAll(log)
        // Nothing but a fault of a leader makes this: the unique index is the last guard.
        log.append(
            .transactions(
                timeMicroseconds: TestCommands.start,
                groups: [
                    LedgerGroup(
                        key: nil,
                        records: [
                            TestCommands.record(0, decision: .block), TestCommands.record(1),
                            TestCommands.record(4, decision: .review),
                        ])
                ]))
        try await store.applyAll(log)
        #expect(store.progress.statistics.conflicts == 1)
        let alerts = try await store.alerts(after: .start, limit: 10).alerts
        #expect(alerts.map(\.transaction.id) == [1, 2, 4].map(TestCommands.id))
    }
}

extension TestCommands {
    /// Reviews by ada: the payment, what is done, and the revision that it comes to. Their numbers are 10 and more.
    static func reviews(_ reviews: [(Int, ReviewAction, UInt32)], afterSeconds: Int64) -> Command {
        .reviews(
            timeMicroseconds: start + afterSeconds * 1_000_000,
            reviews.map { number, action, revision in
                let verdict: Verdict? = action == .confirm ? .fraud : action == .dismiss ? .legitimate : nil
                let state: AlertState =
                    switch action {
                    case .confirm: .confirmed
                    case .dismiss: .dismissed
                    case .assign, .note: .assigned
                    }
                return LedgerReview(
                    id: id(number), author: "ada", action: action,
                    note: action == .note ? [UInt8(10 + revision)] : nil,
                    standing: AlertStanding(
                        state: state, assignee: number == 1 ? "bob" : nil, revision: revision,
                        lastReview: UInt128(10 + revision)),
                    label: verdict.map {
                        LedgerLabel(
                            id: id(number), userKey: record(number).userKey, verdict: $0, previous: nil,
                            source: "review:ada", labelledAtMicroseconds: start, judged: JudgedPayment(),
                            body: record(number).body)
                    })
            })
    }
}
