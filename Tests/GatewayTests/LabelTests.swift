import Detection
import Foundation
import Gateway
import Ledger
import Pipeline
import Security
import Synchronization
import Testing

@Suite("Labels reach the detection engine, each for itself", .serialized)
struct LabelTests {
    private static let id = "txn_01M81SQC8H8X8K5QQMCF2Z6QTR"
    private static let other = "txn_01M81SQC8H8X8K5QQMCF2Z6QTS"

    private func label(_ gateway: TestGateway, _ body: String, id: String = id) async throws -> TestResponse {
        try await gateway.administer("POST", "/transactions/\(id)/label", body)
    }

    private func labels(_ gateway: TestGateway, _ lines: [String]) async throws -> TestResponse {
        try await gateway.request(
            "POST", "/labels", headers: ["Content-Type: application/x-ndjson"],
            body: Array(lines.joined(separator: "\n").utf8), token: .roles([.analyst]))
    }

    @Test("A label is taken with its time and source")
    func single() async throws {
        try await TestGateway.run { gateway in
            let body = #"{"label":"fraud","labelled_at":"2025-11-22T13:45:00.25Z","source":"chargeback"}"#
            let response = try await label(gateway, body)
            #expect(response.status == 200)
            #expect(response.text == #"{"log_index":88,"status":"accepted","transaction_id":"\#(Self.id)"}"#)
            let expected = LabelRequest(
                transactionID: try #require(TransactionID(Self.id)), verdict: .fraud, source: "chargeback",
                labelledAtMicroseconds: 1_763_819_100_250_000)
            #expect(gateway.backend.engine.calls == [.label([expected])])
        }
    }

    @Test("A label that says the same or the other thing again is told as that")
    func repeated() async throws {
        try await TestGateway.run { gateway in
            var statuses: [String] = []
            for verdict in ["legitimate", "legitimate", "fraud"] {
                let answer = try await label(gateway, #"{"label":"\#(verdict)"}"#).json()
                statuses.append(try #require(answer["status"] as? String))
            }
            #expect(statuses == ["accepted", "unchanged", "changed"])
        }
    }

    @Test("A label of no transaction is a 404")
    func unknown() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.engine.state.withLock { $0.unknown = [TransactionID(Self.id)!] }
            let response = try await label(gateway, #"{"label":"fraud"}"#)
            #expect(response.status == 404)
            _ = try response.problem("not-found")
            #expect(try await label(gateway, #"{"label":"fraud"}"#, id: "txn_1").status == 404)
        }
    }

    @Test("What is wrong with a label is told by field")
    func faults() async throws {
        try await TestGateway.run { gateway in
            let response = try await label(
                gateway, #"{"label":"maybe","labelled_at":"yesterday","source":"","note":1}"#)
            #expect(response.status == 422)
            let faults = try response.faults("invalid-fields")
            #expect(faults.keys.sorted() == ["label", "labelled_at", "note", "source"])
            #expect(faults["label"] == "must be \"fraud\" or \"legitimate\"")
            #expect(try await label(gateway, "{}").faults("invalid-fields") == ["label": "is required"])
            #expect(gateway.backend.engine.calls.isEmpty)
        }
    }

    @Test("Of many labels each has its outcome, and a bad line costs no other")
    func lines() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.engine.state.withLock { $0.unknown = [TransactionID(Self.other)!] }
            let response = try await labels(
                gateway,
                [
                    #"{"transaction_id":"\#(Self.id)","label":"fraud"}"#, "", "{oops",
                    #"{"transaction_id":"\#(Self.other)","label":"legitimate","source":"review"}"#,
                    #"{"transaction_id":"txn_1","label":"fraud"}"#,
                    #"{"transaction_id":"\#(Self.id)","label":"legitimate"}"#,
                ])
            #expect(response.status == 200)
            let answer = try response.json()
            for (name, count) in ["accepted": 1, "changed": 1, "unchanged": 0, "unknown": 1, "invalid": 2] {
                #expect(answer[name] as? Int == count, "\(name)")
            }
            let results = try #require(answer["results"] as? [[String: Any]])
            #expect(results.map { $0["line"] as? Int } == [1, 3, 4, 5, 6])
            let statuses = results.map { $0["status"] as? String }
            #expect(statuses == ["accepted", "invalid", "unknown_transaction", "invalid", "changed"])
            let fault = try #require((results[3]["errors"] as? [[String: Any]])?.first)
            #expect(fault["field"] as? String == "transaction_id")
            let syntax = try #require((results[1]["errors"] as? [[String: Any]])?.first)
            #expect((syntax["detail"] as? String)?.hasPrefix("not JSON at byte 1") == true)
            #expect(gateway.backend.engine.calls.count == 1)
        }
    }

    @Test("More labels than one log entry takes go in parts, in order")
    func parts() async throws {
        try await TestGateway.run { gateway in
            let line = #"{"transaction_id":"\#(Self.id)","label":"fraud"}"#
            let response = try await labels(
                gateway, Array(repeating: line, count: Pipeline.labelsPerRequest + 1))
            #expect(response.status == 200)
            #expect(try response.json()["unchanged"] as? Int == Pipeline.labelsPerRequest)
            #expect(gateway.backend.engine.calls.count == 2)
        }
    }

    @Test("A body without a label, and one with too many, are refused")
    func bounds() async throws {
        try await TestGateway.run {
            $0.maxBatchLines = 2
        } _: { (gateway: TestGateway) async throws -> Void in
            #expect(try await labels(gateway, [" ", ""]).status == 400)
            #expect(try await labels(gateway, ["{}", "{}", "{}"]).status == 413)
            #expect(try await labels(gateway, ["{}", "{}"]).status == 200)
            #expect(gateway.backend.engine.calls.isEmpty)
        }
    }

    @Test("An outcome that is not known is said to be so, and that repeating does no harm")
    func outcomeUnknown() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.engine.state.withLock { $0.failure = .deadlineExceeded }
            let response = try await label(gateway, #"{"label":"fraud"}"#)
            #expect(response.status == 503)
            let detail = try response.problem("outcome-unknown")["detail"] as? String
            #expect(detail?.contains("Repeat the request") == true)
        }
    }

    @Test("Labels are counted in the metrics by verdict and outcome")
    func metrics() async throws {
        try await TestGateway.run { gateway in
            _ = try await labels(gateway, [#"{"transaction_id":"\#(Self.id)","label":"fraud"}"#, "x"])
            let text = try await gateway.request("GET", "/metrics", token: .none).text
            #expect(text.contains(#"redoubt_labels_total{outcome="accepted",verdict="fraud"} 1"#))
            #expect(text.contains(#"redoubt_labels_total{outcome="invalid",verdict="none"} 1"#))
        }
    }

    @Test("Profiles are read by names with any characters, as fresh as is asked for")
    func profiles() async throws {
        try await TestGateway.run { gateway in
            let user = try await gateway.request("GET", "/users/a%2Fb%20c/profile?consistency=local")
            #expect(user.status == 200)
            #expect(try user.json()["user_id"] as? String == "a/b c")
            let merchant = try await gateway.request("GET", "/merchants/Caf%C3%A9/profile")
            #expect(merchant.status == 200)
            #expect(
                gateway.backend.engine.calls == [.profile("a/b c", .local), .profile("Café", .linearizable)])
            for path in ["/users/nobody/profile", "/merchants/nobody/profile", "/users/%FF/profile", "/users//profile"]
            {
                #expect(try await gateway.request("GET", path).status == 404, "\(path)")
            }
        }
    }
}
