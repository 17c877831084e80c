import Detection
import Ledger
import ModelFixture
import Postgres
import PostgresFixture
import Raft
import Testing

@Suite struct `The history in a database` {
    private static let everyone = """
        decision:
          review: 0.2
          block: 0.9
        lists:
          watched: merchant
        rules:
          - id: watched
            when: merchant in list watched
            decision: block
            reason: on the list
          - id: much
            when: amount > 300
            points: 0.3
            reason: much
        """

    /// A history with everything in it, applied to a database.
    private func history(_ database: String) async throws -> (history: TestHistory, store: LedgerStore) {
        let history = TestHistory()
        let store = try openStore(database, history.log)
        let models = [1, 2].map { ModelFixture.model(seed: $0, review: 0.1, block: 0.6) }
        for step in 0..<40 {
            try history.pay(step * 20..<step * 20 + 20, afterSeconds: Int64(step) * 100)
            switch step {
            case 3: history.pause()
            case 5:
                let outcome = history.change(
                    .putRules(text: Self.everyone, comment: "", restores: nil, expecting: nil))
                #expect(outcome == .changed(version: 1))
            case 8:
                _ = history.change(
                    .putList(name: "watched", kind: .merchant, description: "", values: [history.merchant(2)]))
            case 12:
                for model in models {
                    _ = history.change(.putModel(id: ModelID(model.header.id)!, artifact: model.encode()))
                }
            case 14: _ = history.change(.activateModel(ModelID(models[0].header.id)!))
            case 18: _ = history.change(.shadowModel(ModelID(models[1].header.id)!))
            case 22: _ = history.change(.addToList(name: "watched", values: [history.merchant(3)]))
            case 26: _ = history.change(.activateModel(ModelID(models[1].header.id)!))
            case 30:
                _ = history.change(
                    .rollBackModel(to: ModelID(models[0].header.id)!, from: ModelID(models[1].header.id)!))
            case 34: _ = history.change(.deleteList(name: "watched"))
            default: break
            }
            try await store.applyAll(history.log)
            let numbers = [step * 20, step * 20 + 3, step * 10]
            let known = try await store.payments(
                numbers.map { TestCommands.id($0) }, atLeast: history.log.last, deadline: soon)
            _ = try history.label(numbers, step % 4 == 0 ? .legitimate : .fraud, known: known)
        }
        try await store.applyAll(history.log)
        return (history, store)
    }

    @Test func `lived through again, gives every payment what it was given`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let (history, store) = try await history(database)
        defer { store.close() }
        let reader = try LedgerHistory(connectionString: database)
        #expect(reader.through == history.log.last && reader.transactions == history.judged.count)
        var replay = HistoryReplay(configuration: history.configuration, sealer: history.sealer)
        let judge = Judge(isAlone: true)
        var again: [(id: TransactionID, decision: Decision, score: Float)] = []
        var stored: [(id: TransactionID, decision: Decision, score: Float)] = []
        var indexes: [LogIndex] = []
        try reader.read { item in
            indexes.append(item.logIndex)
            try replay.take(item) { moment, replay in
                judge.adopt(replay.registry)
                judge.stage(moment.event, moment.observation, history: moment.history)
                let assessment = judge.judgeStaged()[0].assessment
                again.append((moment.transaction.id, assessment.decision, assessment.score))
                stored.append((moment.transaction.id, moment.transaction.decision, moment.transaction.score))
            }
        }
        #expect(indexes == indexes.sorted())
        #expect(stored.map(\.id) == history.judged.map(\.id))
        #expect(stored.map(\.score) == history.judged.map(\.score))
        #expect(again.map(\.score) == history.judged.map(\.score))
        #expect(again.map(\.decision) == history.judged.map(\.decision))
        #expect(Set(again.map(\.decision)).count == 3, "some decision never came: little was shown")
    }

    @Test func `holds labels and changes, and shows the newest label of a payment`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let (history, store) = try await history(database)
        defer { store.close() }
        // Labelled as fraud at step 2, and as legitimate at step 4.
        let stored = try #require(try await store.transaction(TestCommands.id(40)))
        #expect(stored.label?.verdict == .legitimate)
        let page = try await store.transactions(limit: 1_000)
        #expect(page.transactions.contains { $0.label != nil } && page.transactions.contains { $0.label == nil })
        #expect(page.transactions.contains { $0.judging.scores.model != nil && $0.judging.scores.shadow != nil })
        #expect(page.transactions.contains { $0.judging.models == .none })
        let connection = try connect(database)
        let changes = try connection.query("SELECT count(*) FROM detection_changes").int8(0, 0)
        #expect(changes == Int64(history.state.registry.revision))
        let labels = try connection.query("SELECT count(*), count(previous) FROM labels")
        #expect(try labels.int8(0, 0) > 60 && labels.int8(0, 1) > 3)
        let places = try connection.query(
            "SELECT count(*) FROM (SELECT DISTINCT log_index, position FROM transactions) AS places")
        #expect(try places.int8(0, 0) == Int64(history.judged.count))
    }

    @Test func `goes with a snapshot, and the digest covers it`() async throws {
        let directory = try SnapshotDirectory()
        let database = try SharedPostgres.get().makeDatabase()
        let (history, store) = try await history(database)
        defer { store.close() }
        let checkpoint = TestSnapshots.checkpoint(at: LogIndex(30))
        _ = try await store.exportSnapshot(to: directory.file(), checkpoint: checkpoint, id: 7)
        let otherDatabase = try SharedPostgres.get().makeDatabase()
        let other = try openStore(otherDatabase, history.log, nodeID: 2)
        defer { other.close() }
        _ = try await other.installSnapshot(path: directory.file())
        let index = history.log.append(.verify(timeMicroseconds: TestCommands.start, id: 7))
        var digests: [ContentDigest] = []
        for store in [store, other] {
            store.commitAdvanced(to: index)
            digests.append(try await store.digest(at: index, deadline: soon))
        }
        #expect(digests[0].sha256 == digests[1].sha256)
        for (table, change) in [("labels", "source = 'x'"), ("detection_changes", "author = 'x'")] {
            let before = try await store.digestNow(history.log)
            try connect(database).execute(
                "UPDATE \(table) SET \(change) WHERE log_index = (SELECT max(log_index) FROM \(table))")
            #expect(try await store.digestNow(history.log).sha256 != before.sha256)
        }
    }

    @Test func `of a database of the first version keeps its rows, with their places`() async throws {
        let database = try SharedPostgres.get().makeDatabase()
        let log = TestLog()
        for entry in 0..<20 { log.append(TestCommands.command(entry * 5..<entry * 5 + 5, key: entry)) }
        // As the first version would have left it.
        let connection = try connect(database)
        try OldSchema.make(connection)
        try OldSchema.fill(connection, entries: 20, perEntry: 5)
        let store = try openStore(database, log)
        defer { store.close() }
        try await store.waitUntilReady(deadline: soon)
        #expect(store.appliedIndex == LogIndex(20) && store.progress.transactions == 100)
        let fresh = try openStore(try SharedPostgres.get().makeDatabase(), log)
        defer { fresh.close() }
        try await fresh.applyAll(log)
        let index = log.append(.verify(timeMicroseconds: TestCommands.start, id: 7))
        var digests: [ContentDigest] = []
        for store in [store, fresh] {
            store.commitAdvanced(to: index)
            digests.append(try await store.digest(at: index, deadline: soon))
        }
        #expect(digests[0].transactions == 100)
        #expect(digests[0].sha256 == digests[1].sha256)
    }
}
