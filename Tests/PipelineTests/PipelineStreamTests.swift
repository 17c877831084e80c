import Detection
import Ledger
import Pipeline
import PostgresFixture
import Raft
import Synchronization
import Testing

/// Stretches of streams through a whole pipeline into PostgreSQL.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `A stream through the pipeline` {
    private static let partition = StreamPartition(topic: "payments", number: 0)

    private func transaction(_ number: Int, amount: Int64 = 10_00) -> SubmittedTransaction {
        SubmittedTransaction(
            transaction: Transaction(
                userID: "ada", amount: Amount(minorUnits: amount, currency: Currency("EUR")!)!, merchant: "Books",
                location: "Berlin, DE", occurredAtMicroseconds: 1_000_000_000 * Int64(number)),
            id: TransactionID(rawValue: UInt128(number)))
    }

    private func stretch(
        _ records: [(offset: Int64, SubmittedTransaction)], deadLetters: [DeadLetter] = [],
        at offsets: ClosedRange<Int64>, expecting: Int64? = nil, _ node: SoloNode
    ) -> IntakeGroup {
        let range = StreamRange(
            partition: Self.partition, clusterID: "kafka", expectedOffset: expecting ?? offsets.lowerBound,
            firstOffset: offsets.lowerBound, lastOffset: offsets.upperBound)
        return IntakeGroup(
            stream: IntakeStream(range: range, offsets: records.map(\.offset), deadLetters: deadLetters),
            records: records.map { node.record($0.1) }, mayBeKnown: true)
    }

    @Test func `is taken once, and what could not be taken can be looked at`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        let pipeline = node.pipeline
        let poison = DeadLetter(
            offset: 6, reason: "malformed", detail: "no JSON",
            content: DeadLetterContent(key: nil, value: Array("{".utf8)).seal(at: 6, of: Self.partition, node.sealer))
        let first = stretch([(5, transaction(1)), (7, transaction(2))], deadLetters: [poison], at: 5...7, node)
        guard case .taken(let receipt, _) = try await node.submit(first) else {
            Issue.record("refused")
            return
        }
        #expect(receipt == StreamReceipt(nextOffset: 8, accepted: 2, duplicates: 0, deadLetters: 1))
        #expect(try await node.submit(first) == .refused(.offsetConflict(next: 8)))
        let second = stretch([(8, transaction(2)), (9, transaction(1, amount: 9_99))], at: 8...9, node)
        guard case .taken(let receipt, _) = try await node.submit(second) else {
            Issue.record("refused")
            return
        }
        #expect(receipt == StreamReceipt(nextOffset: 10, accepted: 0, duplicates: 1, deadLetters: 1))
        #expect(
            try await pipeline.streamOffsets(consistency: .local, deadlineMilliseconds: 5_000) == [
                StreamOffset(partition: Self.partition, clusterID: "kafka", nextOffset: 10)
            ])
        try await node.settle()
        let page = try await pipeline.deadLetters(after: .start, limit: 100, deadlineMilliseconds: 5_000)
        #expect(!page.hasMore && page.letters.map(\.offset) == [6, 9])
        #expect(page.letters.map(\.reason) == ["malformed", "id_reused"])
        #expect(page.letters[0].content == .raw(DeadLetterContent(key: nil, value: Array("{".utf8))))
        #expect(
            page.letters[1].content
                == .transaction(TransactionID(rawValue: 1), transaction(1, amount: 9_99).transaction))
        let rest = try await pipeline.deadLetters(
            after: page.letters[0].position, limit: 1, deadlineMilliseconds: 5_000)
        #expect(rest.letters == [page.letters[1]])
    }

    @Test func `reaches the ledger in the order in which it was submitted`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        let outcomes = Mutex<[Int: Result<StreamOutcome, BackendError>]>([:])
        // Many at once, without waiting for any.
        for number in 0..<200 {
            let offset = Int64(number)
            let stretch = stretch([(offset, transaction(1 + number))], at: offset...offset, node)
            node.pipeline.submitStream(stretch, deadlineMilliseconds: 60_000) { result in
                outcomes.withLock { $0[number] = result }
            }
        }
        try await eventually("the answers") { outcomes.withLock { $0.count } == 200 }
        for number in 0..<200 {
            guard case .success(.taken(let receipt, _)) = outcomes.withLock({ $0[number] }) else {
                Issue.record("\(number): \(String(describing: outcomes.withLock { $0[number] }))")
                return
            }
            #expect(receipt.nextOffset == Int64(number) + 1 && receipt.accepted == 1)
        }
        try await node.settle()
        #expect(node.store.progress.transactions == 200)
    }

    @Test func `goes on where an operator says`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        _ = try await node.submit(stretch([(5, transaction(1))], at: 5...5, node))
        let receipt = try await node.pipeline.resetStream(
            Self.partition, clusterID: "kafka", nextOffset: 50, author: "ada", deadlineMilliseconds: 5_000)
        #expect(receipt.changed && receipt.previous == StreamPosition(clusterID: "kafka", nextOffset: 6))
        let next = stretch([(6, transaction(2))], at: 6...6, node)
        #expect(try await node.submit(next) == .refused(.offsetConflict(next: 50)))
        let forgotten = try await node.pipeline.forgetStream(
            Self.partition, author: "ada", deadlineMilliseconds: 5_000)
        #expect(forgotten.previous?.nextOffset == 50)
        guard case .taken = try await node.submit(next) else { Issue.record("refused"); return }
        await #expect(throws: BackendError.self) {
            try await node.pipeline.resetStream(
                Self.partition, clusterID: "", nextOffset: -1, author: "ada", deadlineMilliseconds: 5_000)
        }
        try await node.settle()
        #expect(try await node.store.streamOffsets().map(\.position.nextOffset) == [7])
    }

    @Test func `is refused when it is too long`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        let wrong = stretch((0..<5_000).map { ($0, transaction(Int($0) + 1)) }, at: 0...4_999, node)
        do throws(BackendError) {
            _ = try await node.submit(wrong)
            Issue.record("taken")
        } catch {
            guard case .invalid = error else { Issue.record("\(error)"); return }
        }
    }
}
