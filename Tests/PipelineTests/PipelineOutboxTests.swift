import Detection
import Ledger
import Pipeline
import PostgresFixture
import Raft
import Testing

/// What leaves the cluster, through a whole pipeline with a real PostgreSQL.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `The outbox` {
    private func pay(_ numbers: [Int], _ node: SoloNode) async throws {
        let submission = Submission(
            subject: "shop", idempotencyKey: nil,
            transactions: numbers.map { number in
                SubmittedTransaction(
                    transaction: Transaction(
                        userID: "ada", amount: Amount(minorUnits: 20_000_00, currency: Currency("EUR")!)!,
                        merchant: "Books", location: "Berlin, DE", occurredAtMicroseconds: 1_000_000_000),
                    id: TransactionID(rawValue: UInt128(number)))
            }, wantsVerdicts: false, deadlineMilliseconds: 20_000)
        _ = try await node.pipeline.submit(submission)
        try await node.settle()
    }

    @Test func `gives every alert once, and says how far there is no other`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        try await pay([1, 2, 3], node)
        try await pay([4], node)
        var seen: [UInt128] = []
        var position = OutboxPosition.start
        var hasMore = true
        while hasMore {
            let page = try await node.pipeline.outbox(after: position, limit: 3, deadlineMilliseconds: 5_000)
            seen += page.alerts.map(\.transaction.id.rawValue)
            #expect(page.through >= page.alerts.last?.position ?? .start)
            (position, hasMore) = (page.through, page.hasMore)
        }
        #expect(seen == [1, 2, 3, 4])
        let pipeline = node.pipeline
        let behind = position
        #expect(await !pipeline.alertsArrived(after: behind, deadline: .now + .milliseconds(5)))
        async let arrived = pipeline.alertsArrived(after: behind, deadline: .now + .seconds(20))
        try await pay([5], node)
        #expect(await arrived)
        let page = try await pipeline.outbox(after: behind, limit: 3, deadlineMilliseconds: 5_000)
        #expect(page.alerts.map(\.transaction.id.rawValue) == [5])
        #expect(page.alerts[0].transaction.transaction.userID == "ada")
    }

    @Test func `goes on where the last leader was`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        try await pay([1, 2], node)
        let page = try await node.pipeline.outbox(after: .start, limit: 1, deadlineMilliseconds: 5_000)
        let noted = try await node.pipeline.noteDeliveries(
            [.delivered(channel: "kafka:alerts", through: page.through)], deadlineMilliseconds: 5_000)
        #expect(noted.outcomes == [.changed])
        var offices = node.pipeline.offices().makeAsyncIterator()
        #expect(await offices.next() == true)
        node.follow(term: 2)
        #expect(await offices.next() == false)
        node.lead(term: 3)
        #expect(await offices.next() == true)
        let channel = try await node.pipeline.outbox().channels["kafka:alerts"]
        #expect(channel?.position == page.alerts[0].position)
        let rest = try await node.pipeline.outbox(
            after: try #require(channel).position, limit: 10, deadlineMilliseconds: 5_000)
        #expect(rest.alerts.map(\.transaction.id.rawValue) == [2] && !rest.hasMore)
        node.pipeline.stop()
        #expect(await offices.next() == false)
        #expect(await offices.next() == nil)
    }

    @Test func `knows webhooks, what they gave up and what is to be repeated`() async throws {
        let node = try SoloNode()
        defer { node.stop() }
        try await pay([1], node)
        let pipeline = node.pipeline
        let secret = [UInt8](repeating: 5, count: 32)
        let made = try await pipeline.putWebhook(
            "shop", url: "https://example.com/a", secret: secret, isEnabled: true, author: "ada",
            deadlineMilliseconds: 5_000)
        #expect(made.outcomes == [.changed])
        #expect(
            try await pipeline.webhookTargets() == [
                WebhookTarget(name: "shop", url: "https://example.com/a", secret: secret, isEnabled: true)
            ])
        // It is told of what comes from now on.
        let position = try #require(try await pipeline.webhooks().first).position
        let page = try await pipeline.outbox(after: position, limit: 3, deadlineMilliseconds: 5_000)
        #expect(page.alerts.isEmpty)
        try await pay([2], node)
        let next = try await pipeline.outbox(after: position, limit: 3, deadlineMilliseconds: 5_000).alerts
        #expect(next.map(\.transaction.id.rawValue) == [2])
        let failure = FailedDelivery(
            position: next[0].position, id: next[0].transaction.id, attempts: 8, reason: "410 Gone",
            failedAtMicroseconds: 5)
        _ = try await pipeline.noteDeliveries(
            [
                .failed(channel: "webhook:shop", failure),
                .delivered(channel: "webhook:shop", through: next[0].position),
            ], deadlineMilliseconds: 5_000)
        let view = try #require(try await pipeline.webhooks().first)
        #expect(view.position == next[0].position && view.failures == [failure])
        #expect(view.createdBy == "ada" && view.isEnabled)
        _ = try await pipeline.removeWebhook("shop", author: "ada", deadlineMilliseconds: 5_000)
        #expect(try await pipeline.webhooks().isEmpty)
        do throws(BackendError) {
            _ = try await pipeline.removeWebhook("shop", author: "ada", deadlineMilliseconds: 5_000)
            Issue.record("removed twice")
        } catch {
            #expect(error == .notFound(what: "webhook \"shop\""))
        }
        do throws(BackendError) {
            _ = try await pipeline.putWebhook(
                "S", url: "", secret: [1], isEnabled: true, author: "ada", deadlineMilliseconds: 5_000)
            Issue.record("taken")
        } catch {
            guard case .invalid(let fields) = error else { Issue.record("\(error)"); return }
            #expect(fields.map(\.field) == ["name", "url", "secret"])
        }
    }
}
