import Detection
import Ledger
import Pipeline
import PostgresFixture
import Raft
import Testing

/// Alerts through a whole pipeline with a real PostgreSQL.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `An alert` {
    /// The payments of these numbers; every one over the limit of the standard rules is an alert.
    private func pay(_ numbers: [Int], amount: Int64 = 20_000_00, _ node: SoloNode) async throws {
        let submission = Submission(
            subject: "shop", idempotencyKey: nil,
            transactions: numbers.map { number in
                SubmittedTransaction(
                    transaction: Transaction(
                        userID: "ada", amount: Amount(minorUnits: amount, currency: Currency("EUR")!)!,
                        merchant: "Books", location: "Berlin, DE", occurredAtMicroseconds: 1_000_000_000),
                    id: TransactionID(rawValue: UInt128(number)))
            }, wantsVerdicts: false, deadlineMilliseconds: 20_000)
        _ = try await node.pipeline.submit(submission)
        try await node.settle()
    }

    private func review(
        _ number: Int, _ request: ReviewRequest, _ node: SoloNode
    ) async throws(BackendError) -> ReviewReceipt {
        try await node.pipeline.review(
            TransactionID(rawValue: UInt128(number)), request, author: "ada", deadlineMilliseconds: 20_000)
    }

    private func history(_ number: Int, _ node: SoloNode) async throws -> AlertHistoryView? {
        try await node.settle()
        return try await node.pipeline.alert(
            TransactionID(rawValue: UInt128(number)), consistency: .local, deadlineMilliseconds: 5_000)
    }

    @Test func `is reviewed step by step, and its verdict is a label`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        try await pay([1], amount: 5_00, node)
        try await pay([2, 3], node)
        let page = try await node.pipeline.alerts(
            AlertQuery(state: .open, userID: "ada", limit: 1), consistency: .local, deadlineMilliseconds: 5_000)
        #expect(page.alerts.map(\.transaction.id.rawValue) == [3])
        let next = try await node.pipeline.alerts(
            AlertQuery(state: .open, userID: "ada", limit: 1, after: page.next), consistency: .local,
            deadlineMilliseconds: 5_000)
        #expect(next.alerts.map(\.transaction.id.rawValue) == [2] && next.next == nil)
        #expect(next.alerts[0].standing == .new && next.alerts[0].transaction.transaction.userID == "ada")

        let assigned = try await review(2, ReviewRequest(action: .assign(to: "bob")), node)
        #expect(assigned.standing.state == .assigned && assigned.standing.revision == 1 && assigned.label == nil)
        _ = try await review(2, ReviewRequest(action: .note, note: "she says it wasn't her"), node)
        let confirmed = try await review(2, ReviewRequest(action: .confirm, expectedRevision: 2), node)
        #expect(confirmed.label == .accepted && confirmed.standing.assignee == "bob")
        let found = try #require(try await history(2, node))
        #expect(found.alert.standing == confirmed.standing)
        #expect(found.reviews.map(\.action) == ["assign", "note", "confirm"])
        #expect(found.reviews.map(\.note) == [nil, "she says it wasn't her", nil])
        #expect(found.alert.transaction.label?.verdict == .fraud)
        #expect(found.alert.transaction.label?.source == "review:ada")
        #expect(try await history(1, node) == nil)
    }

    @Test func `is refused to who comes late, and a repetition is none`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        try await pay([2], node)
        let request = ReviewRequest(action: .dismiss, expectedRevision: 0, number: 77)
        let first = try await review(2, request, node)
        let again = try await review(2, request, node)
        #expect(again.isRepeated && again.standing == first.standing)
        do throws(BackendError) {
            _ = try await review(2, ReviewRequest(action: .confirm, expectedRevision: 0), node)
            Issue.record("taken")
        } catch {
            #expect(error == .conflict(code: .alertChanged, detail: "the alert is dismissed, at revision 1"))
        }
        do throws(BackendError) {
            _ = try await review(9, ReviewRequest(action: .confirm), node)
            Issue.record("taken")
        } catch {
            guard case .notFound = error else { Issue.record("\(error)"); return }
        }
        #expect(try await history(2, node)?.reviews.count == 1)
    }

    @Test func `is known to the next leader by where it stands`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        try await pay([2], node)
        _ = try await review(2, ReviewRequest(action: .assign(to: "bob")), node)
        node.follow(term: 2)
        node.lead(term: 3)
        let receipt = try await review(2, ReviewRequest(action: .dismiss, expectedRevision: 1), node)
        #expect(receipt.standing.revision == 2 && receipt.standing.assignee == "bob")
    }

    @Test(arguments: [
        ReviewRequest(action: .note), ReviewRequest(action: .note, note: ""),
        ReviewRequest(action: .assign(to: "")), ReviewRequest(action: .assign(to: "a\nb")),
        ReviewRequest(action: .confirm, note: String(repeating: "x", count: 4_097)),
    ]) func `takes no review that makes no sense`(request: ReviewRequest) async throws {
        let node = try SoloNode()
        defer { node.stop() }
        do throws(BackendError) {
            _ = try await review(2, request, node)
            Issue.record("taken")
        } catch {
            guard case .invalid = error else { Issue.record("\(error)"); return }
        }
    }
}
