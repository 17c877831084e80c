import Detection
import Foundation
import Ledger
import Pipeline
import Synchronization
import Testing

@Suite("Reads are answered as the API promises", .serialized)
struct ReadTests {
    private static let id = TransactionID("txn_01M81SQC8H8X8K5QQMCF2Z6QTR")!

    private static func view(
        detection: DetectionScores? = nil, label: LabelView? = nil
    ) throws -> TransactionView {
        let euro = try #require(Currency("EUR"))
        return TransactionView(
            id: id,
            transaction: Transaction(
                userID: "u \"1\"\n", amount: try #require(Amount(minorUnits: 4250, currency: euro)), merchant: "Café",
                location: "Berlin, DE", ip: "::1", occurredAtMicroseconds: 1_763_819_100_250_000),
            acceptedAtMicroseconds: 1_763_819_101_000_000, logIndex: 9,
            verdict: Judgement(decision: .block, score: 0.75, reasonsJSON: Array("[]".utf8)),
            detection: detection, label: label)
    }

    @Test("A stored transaction tells which engine decided, what its parts said, and its label")
    func detection() async throws {
        let scores = DetectionScores(
            modelID: "00112233445566aa", rules: 0.5, forest: 0.25, transformer: nil, probability: 0.75,
            shadowModelID: "ffffffffffffffff", shadow: 0.125)
        let label = LabelView(
            verdict: .fraud, source: "chargeback", labelledAtMicroseconds: 1_763_819_100_250_000, logIndex: 12)
        let views = [try Self.view(detection: scores, label: label), try Self.view()]
        try await TestGateway.run { gateway in
            gateway.backend.state.withLock { $0.transactions[Self.id] = views[0] }
            let json = try await gateway.request("GET", "/transactions/\(Self.id)").json()
            #expect(json["engine"] as? String == "hybrid")
            let told = try #require(json["scores"] as? [String: Any])
            #expect(told.keys.sorted() == ["forest", "model", "probability", "rules", "shadow", "shadow_model"])
            #expect(told["forest"] as? Double == 0.25)
            let labelled = try #require(json["label"] as? [String: Any])
            #expect(labelled["label"] as? String == "fraud")
            #expect(labelled["labelled_at"] as? String == "2025-11-22T13:45:00.250000Z")

            gateway.backend.state.withLock { $0.transactions[Self.id] = views[1] }
            let alone = try await gateway.request("GET", "/transactions/\(Self.id)").json()
            #expect(alone["engine"] as? String == "rules")
            #expect(alone["scores"] == nil)
            #expect(alone["label"] == nil)
        }
    }

    @Test("A stored transaction comes back whole")
    func oneTransaction() async throws {
        let view = try Self.view()
        try await TestGateway.run { gateway in
            gateway.backend.state.withLock { $0.transactions[Self.id] = view }
            let response = try await gateway.request("GET", "/transactions/\(Self.id)?consistency=local")
            #expect(response.status == 200)
            let json = try response.json()
            #expect(json["transaction_id"] as? String == Self.id.description)
            #expect(json["user_id"] as? String == "u \"1\"\n")
            #expect(json["amount"] as? String == "42.50")
            #expect(json["currency"] as? String == "EUR")
            #expect(json["merchant"] as? String == "Café")
            #expect(json["ip"] as? String == "::1")
            #expect(json["device_id"] == nil)
            #expect(json["occurred_at"] as? String == "2025-11-22T13:45:00.250000Z")
            #expect(json["accepted_at"] as? String == "2025-11-22T13:45:01Z")
            #expect(json["log_index"] as? Int == 9)
            #expect(json["decision"] as? String == "block")
            #expect(json["score"] as? Double == 0.75)
            #expect((json["reasons"] as? [Any])?.isEmpty == true)
            #expect(gateway.backend.state.withLock { $0.lastConsistency } == .local)
        }
    }

    @Test("A transaction that is not there is a 404, and so is what is no id")
    func noTransaction() async throws {
        try await TestGateway.run { gateway in
            for path in ["/transactions/\(Self.id)", "/transactions/7", "/nothing", "/transactions/a/b"] {
                let response = try await gateway.request("GET", path)
                #expect(response.status == 404)
                _ = try response.problem("not-found")
            }
        }
    }

    @Test("The parameters of a list reach the node, and a page its reader")
    func list() async throws {
        let view = try Self.view()
        try await TestGateway.run { gateway in
            let next = TransactionCursor(occurredAtMicroseconds: 1_763_819_100_250_000, id: Self.id)
            gateway.backend.state.withLock { $0.page = TransactionPage(transactions: [view, view], next: next) }
            let response = try await gateway.request(
                "GET",
                "/transactions?user_id=u%20%C3%A9&decision=review&from=2026-01-01T00:00:00Z"
                    + "&to=2026-01-01T02:00:00+01:00&limit=2")
            #expect(response.status == 200)
            let query = try #require(gateway.backend.state.withLock { $0.lastQuery })
            #expect(query.userID == "u é")
            #expect(query.decision == .review)
            #expect(query.fromMicroseconds == 1_767_225_600_000_000)
            #expect(query.toMicroseconds == 1_767_229_200_000_000)
            #expect(query.limit == 2)
            #expect(query.after == nil)
            #expect(gateway.backend.state.withLock { $0.lastConsistency } == .linearizable)
            #expect((try response.json()["transactions"] as? [Any])?.count == 2)

            let cursor = try #require(try response.json()["next_cursor"] as? String)
            gateway.backend.state.withLock { $0.page = TransactionPage(transactions: [], next: nil) }
            let last = try await gateway.request("GET", "/transactions?cursor=\(cursor)")
            #expect(gateway.backend.state.withLock { $0.lastQuery?.after } == next)
            #expect(gateway.backend.state.withLock { $0.lastQuery?.limit } == 100)
            #expect(try last.json()["next_cursor"] is NSNull)
        }
    }

    @Test(
        "A parameter that is wrong, unknown or repeated is a 422 that names it",
        arguments: [
            ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=ten", "limit"), ("limit=", "limit"),
            ("decision=maybe", "decision"), ("from=yesterday", "from"), ("to=2026-01-01T00:00:00", "to"),
            ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"), ("cursor=abc", "cursor"),
            ("consistency=eventual", "consistency"), ("user_id=", "user_id"), ("user=u", "user"),
            ("limit=1&limit=2", "limit"),
        ])
    func badParameters(query: String, field: String) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("GET", "/transactions?\(query)")
            #expect(response.status == 422)
            #expect(try response.faults("invalid-request").keys.sorted() == [field])
        }
    }

    @Test("The state of the cluster has names in snake case")
    func cluster() async throws {
        try await TestGateway.run { gateway in
            let json = try await gateway.request("GET", "/cluster").json()
            #expect(json["cluster_id"] as? String == "test")
            #expect(json["leader"] as? Int == 2)
            #expect(json["applied_index"] as? Int == 7)
            #expect((json["postgres"] as? [String: Any])?["state"] as? String == "connected")
            let members = try #require(json["members"] as? [[String: Any]])
            #expect(members.map { $0["role"] as? String } == ["voter", "leader", "learner"])
            #expect(members.map { $0["life"] as? String } == ["1a2b", "0", "0"])
            #expect(members[0]["match_index"] as? Int == 9)
            #expect(members[0]["url"] as? String == "https://127.0.0.1:8441")
            #expect(members[0]["state"] == nil)
            #expect(members[2]["state"] as? String == "snapshot")
            #expect(members[2]["snapshot"] as? [String: Int] == ["sent_bytes": 100, "total_bytes": 4000])
        }
    }

    @Test("The state of the cluster tells who the node is and who belongs to the cluster")
    func membership() async throws {
        try await TestGateway.run { gateway in
            let json = try await gateway.request("GET", "/cluster").json()
            #expect(json["maintenance"] as? Bool == true)
            let identity = try #require(json["identity"] as? [String: Any])
            #expect(identity["number"] as? Int == 1)
            #expect(identity["life"] as? String == "1a2b")
            #expect(identity["boot"] as? Int == 3)
            #expect(identity["state"] as? String == "member")
            #expect(identity["reason"] as? String == "began anew")
            let membership = try #require(json["membership"] as? [String: Any])
            #expect(membership["voters"] as? [Int] == [1, 2])
            #expect(membership["outgoing"] as? [Int] == [1, 2, 3])
            #expect(membership["learners"] as? [Int] == [4])
            #expect(membership["index"] as? Int == 5)
            #expect(membership["committed"] as? Bool == false)
        }
    }

    @Test("A verification is begun, awaited and read")
    func verification() async throws {
        try await TestGateway.run { gateway in
            let begun = try await gateway.request("POST", "/cluster/verify")
            #expect(begun.status == 202)
            #expect(try begun.json()["index"] as? Int == 42)
            #expect(try await gateway.request("GET", "/cluster/digest/42").status == 404)
            gateway.backend.state.withLock { $0.digest = .computing }
            #expect(try await gateway.request("GET", "/cluster/digest/42").status == 202)
            gateway.backend.state.withLock {
                $0.digest = .known(NodeDigest(node: 1, index: 42, digest: "ab12", transactions: 5))
            }
            let known = try await gateway.request("GET", "/cluster/digest/42")
            #expect(known.status == 200)
            #expect(known.text == #"{"digest":"ab12","index":42,"node":1,"transactions":5}"#)
            #expect(try await gateway.request("GET", "/cluster/digest/x").status == 404)
        }
    }
}
