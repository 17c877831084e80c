import Foundation
import Gateway
import Ledger
import Pipeline
import Synchronization
import Testing

@Suite("Writes are answered as the API promises", .serialized)
struct WriteTests {
    @Test("A transaction is answered by 202 and its id")
    func accepted() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.post(
                TestGateway.document(["amount": "42.5", "merchant": #""Caf\u00e9""#, "channel": "null"]),
                headers: ["Idempotency-Key: order-7"])
            #expect(response.status == 202)
            #expect(response.headers["content-type"] == "application/json")
            let json = try response.json()
            #expect(json["status"] as? String == "processing")
            let id = try #require(json["transaction_id"] as? String)
            #expect(TransactionID(id) != nil)
            let submission = try #require(gateway.backend.state.withLock { $0.submissions.first })
            #expect(submission.subject == "tester")
            #expect(submission.idempotencyKey == "order-7")
            #expect(submission.deadlineMilliseconds == 5000)
            #expect(!submission.wantsVerdicts)
            #expect(submission.transactions.count == 1)
            #expect(submission.transactions[0].transaction.amount.minorUnits == 4250)
            #expect(submission.transactions[0].transaction.merchant == "Café")
        }
    }

    @Test("With Prefer: wait the answer carries decision, score and reasons")
    func waited() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.post(
                TestGateway.document(), headers: ["Prefer: respond-async, wait=9", "Idempotency-Key: k"])
            #expect(response.status == 200)
            #expect(response.headers["preference-applied"] == "wait")
            let json = try response.json()
            #expect(json["decision"] as? String == "review")
            #expect(json["score"] as? Double == 0.5)
            #expect((json["reasons"] as? [[String: Any]])?.first?["code"] as? String == "test")
            #expect(json["engine"] as? String == "hybrid")
            #expect(json["duplicate"] as? Bool == false)
            #expect(gateway.backend.state.withLock { $0.submissions[0].deadlineMilliseconds } == 9000)

            // The repetition is a duplicate, with the first verdict.
            let again = try await gateway.post(
                TestGateway.document(), headers: ["Prefer: wait", "Idempotency-Key: k"])
            #expect(again.status == 200)
            #expect(try again.json()["duplicate"] as? Bool == true)
            #expect(try again.json()["decision"] as? String == "review")
            #expect(try again.json()["transaction_id"] as? String == json["transaction_id"] as? String)
        }
    }

    @Test("A client's own transaction_id is kept, and a repetition counts as a duplicate in a batch")
    func clientIDs() async throws {
        try await TestGateway.run { gateway in
            let own = TestGateway.document(["transaction_id": #""txn_01M81SQC8H8X8K5QQMCF2Z6QTR""#])
            let batch = own + "\n" + TestGateway.document() + "\n"
            let first = try await gateway.postBatch(batch)
            #expect(first.status == 202)
            #expect(try first.json()["accepted"] as? Int == 2)
            let ids = try #require(try first.json()["transaction_ids"] as? [String])
            #expect(ids.count == 2)
            #expect(ids.first == "txn_01M81SQC8H8X8K5QQMCF2Z6QTR")
            let second = try await gateway.postBatch(batch, headers: ["Prefer: wait"])
            #expect(second.status == 200)
            #expect(try second.json()["accepted"] as? Int == 1)
            #expect(try second.json()["duplicates"] as? Int == 1)
            let results = try #require(try second.json()["results"] as? [[String: Any]])
            #expect(results.map { $0["duplicate"] as? Bool } == [true, false])
            #expect(results.map { $0["decision"] as? String } == ["review", "review"])
        }
    }

    @Test("A large batch comes through, with and without Expect: 100-continue")
    func largeBatch() async throws {
        try await TestGateway.run { gateway in
            let batch = Array(String(repeating: TestGateway.document() + "\n", count: 10_000).utf8)
            for header in ["Expect: 100-continue", "Expect:"] {
                let response = try await gateway.request(
                    "POST", "/transactions/batch", headers: ["Content-Type: application/x-ndjson", header], body: batch)
                #expect(response.status == 202)
                #expect(try response.json()["accepted"] as? Int == 10_000)
            }
        }
    }

    @Test(
        "Errors of the node become problem documents",
        arguments: [
            (BackendError.unavailable(reason: "no quorum", retryAfterSeconds: 2), 503, "unavailable", "2"),
            (.overloaded(reason: "the queue is full", retryAfterSeconds: 1), 429, "overloaded", "1"),
            (.deadlineExceeded, 503, "outcome-unknown", "1"),
            (.idempotencyKeyReused, 409, "idempotency-key-reused", nil),
            (.transactionIDReused([TransactionID(rawValue: 1)]), 409, "transaction-id-reused", nil),
            (.invalid([InvalidField(field: "amount", reason: "must not be odd")]), 422, "invalid-fields", nil),
            (.conflict(code: .changeUnderWay, detail: ""), 409, "change-under-way", nil),
            (.internal("secret detail"), 500, "internal-error", nil),
        ] as [(BackendError, Int, String, String?)])
    func backendErrors(error: BackendError, status: Int, slug: String, retryAfter: String?) async throws {
        try await TestGateway.run { gateway in
            gateway.backend.state.withLock { $0.failure = error }
            let response = try await gateway.post(TestGateway.document())
            #expect(response.status == status)
            #expect(response.headers["retry-after"] == retryAfter)
            let problem = try response.problem(slug)
            #expect(!response.text.contains("secret"))
            #expect((problem["request_id"] != nil) == (status == 500))
            if slug.hasSuffix("reused") || status == 422 { #expect(try response.faults(slug).count == 1) }
        }
    }

    @Test("Past the bound of requests in work the answer is a 429, while health still answers")
    func requestBound() async throws {
        try await TestGateway.run {
            $0.maxRequestsInFlight = 1
        } _: { gateway in
            gateway.backend.state.withLock { $0.isHeld = true }
            async let first = gateway.post(TestGateway.document())
            try await gateway.waitUntilHeld()
            let second = try await gateway.post(TestGateway.document())
            #expect(second.status == 429)
            #expect(second.headers["retry-after"] == "1")
            _ = try second.problem("overloaded")
            let health = try await gateway.request("GET", "/health/live")
            #expect(health.status == 200)
            gateway.backend.release()
            let released = try await first
            #expect(released.status == 202)
        }
    }

    @Test("Past the bound of batches in work the answer is a 429")
    func batchBound() async throws {
        try await TestGateway.run {
            $0.maxBatchesInFlight = 1
        } _: { gateway in
            gateway.backend.state.withLock { $0.isHeld = true }
            async let first = gateway.postBatch(TestGateway.document())
            try await gateway.waitUntilHeld()
            let second = try await gateway.postBatch(TestGateway.document())
            #expect(second.status == 429)
            gateway.backend.release()
            let released = try await first
            #expect(released.status == 202)
        }
    }
}

extension TestGateway {
    /// Returns once a submission waits in the backend; fails after ten seconds.
    func waitUntilHeld() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while backend.state.withLock({ $0.held.isEmpty }) {
            try #require(ContinuousClock.now < deadline, "no submission came")
            await Task.yield()
        }
    }
}
