import Foundation
import Gateway
import Ledger
import Pipeline
import Synchronization
import Testing

@Suite("An operator's requests reach the node, and its answers the operator", .serialized)
struct AdministrationTests {
    private static let node4 = MemberAddition(
        number: 4, peerAddress: "10.0.0.4:7104", url: "https://node-4.example:8444", promote: true)
    private static let node4JSON =
        #"{"number":4,"peer_address":"10.0.0.4:7104","url":"https://node-4.example:8444"}"#

    private func calls(_ gateway: TestGateway) -> [MemoryAdministration.Call] { gateway.backend.operations.calls }

    @Test("A member is added; 202 says that something is left to be done, 200 that nothing is")
    func add() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.operations.state.withLock { $0.isFinal = false }
            let begun = try await gateway.administer("POST", "/cluster/members", Self.node4JSON)
            #expect(begun.status == 202)
            #expect(begun.text == #"{"final":false,"index":12,"learners":[4],"voters":[1,2,3]}"#)
            gateway.backend.operations.state.withLock { $0.isFinal = true }
            let done = try await gateway.administer("POST", "/cluster/members", Self.node4JSON)
            #expect(done.status == 200)
            #expect(try done.json()["final"] as? Bool == true)
            #expect(calls(gateway) == [.add(Self.node4), .add(Self.node4)])
        }
    }

    @Test("A member may be added as a learner that stays one, with names and IPv6 addresses of all sorts")
    func addLearner() async throws {
        try await TestGateway.run { gateway in
            let body =
                #"{"promote":false,"url":"https://[fd00::4]","peer_address":"[fd00::4]:65535","number":65535}"#
            let added = try await gateway.administer("POST", "/cluster/members", body)
            #expect(added.status == 200)
            let service = #"{"number":5,"peer_address":"redoubt_5:1","url":"https://a-b.c","promote":null}"#
            let another = try await gateway.administer("POST", "/cluster/members", service)
            #expect(another.status == 200)
            #expect(
                calls(gateway) == [
                    .add(
                        MemberAddition(
                            number: 65535, peerAddress: "[fd00::4]:65535", url: "https://[fd00::4]", promote: false)),
                    .add(MemberAddition(number: 5, peerAddress: "redoubt_5:1", url: "https://a-b.c")),
                ])
        }
    }

    @Test("A member is removed")
    func remove() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("DELETE", "/cluster/members/3")
            #expect(response.status == 200)
            #expect(try response.json()["voters"] as? [Int] == [1, 2, 3])
            #expect(calls(gateway) == [.remove(3)])
        }
    }

    @Test("A member is replaced, by another number or its own")
    func replace() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.administer(
                "POST", "/cluster/replace", #"{"number":3,"by":\#(Self.node4JSON)}"#)
            #expect(response.status == 200)
            #expect(calls(gateway) == [.replace(3, by: Self.node4)])
        }
    }

    @Test(
        "The leadership is handed over, to a member of choice or any",
        arguments: [(#"{"target":3}"#, 3), ("{}", nil), (#"{"target":null}"#, nil), ("", nil)] as [(String, UInt64?)])
    func transfer(body: String, target: UInt64?) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.administer("POST", "/cluster/leader", body)
            #expect(response.status == 200)
            #expect(response.text == #"{"from":1,"pause_ms":3.25,"term":8,"to":\#(target ?? 2)}"#)
            #expect(calls(gateway) == [.transfer(to: target)])
        }
    }

    @Test("A snapshot is taken")
    func snapshot() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("POST", "/cluster/snapshot")
            #expect(response.status == 200)
            #expect(
                response.text
                    == #"{"applied_index":95,"bytes":4096,"index":90,"path":"/data/snapshots/90","seconds":0.5}"#)
            #expect(calls(gateway) == [.snapshot])
        }
    }

    @Test("The history is told, a hundred events unless told otherwise")
    func history() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("GET", "/cluster/history")
            #expect(response.status == 200)
            let events = try #require(try response.json()["events"] as? [[String: Any]])
            #expect(events.map { $0["kind"] as? String } == ["leader", "membership"])
            #expect(events[0]["time"] as? String == "2025-11-22T13:45:00.250000Z")
            #expect(events[0]["index"] == nil)
            #expect(events[1]["index"] as? Int == 12)
            #expect(events[1]["detail"] as? String == "node 4 was added")
            let longest = try await gateway.request("GET", "/cluster/history?limit=1000")
            #expect(longest.status == 200)
            #expect(calls(gateway) == [.history(limit: 100), .history(limit: 1000)])
        }
    }

    @Test("Maintenance is begun and ended", arguments: [true, false])
    func maintenance(isOn: Bool) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.administer("PUT", "/cluster/maintenance", #"{"enabled":\#(isOn)}"#)
            #expect(response.status == 200)
            #expect(response.text == #"{"maintenance":\#(isOn)}"#)
            #expect(calls(gateway) == [.maintenance(isOn)])
        }
    }

    @Test(
        "Each conflict is a 409 with a name of its own and words that say what to do", arguments: ConflictCode.allCases)
    func conflicts(code: ConflictCode) async throws {
        try await TestGateway.run { gateway in
            let failure = BackendError.conflict(code: code, detail: "node 4 lacks 3012 entries")
            gateway.backend.operations.state.withLock { $0.failure = failure }
            let response = try await gateway.administer("POST", "/cluster/members", Self.node4JSON)
            #expect(response.status == 409)
            #expect(response.headers["retry-after"] == nil)
            let problem = try response.problem(code.rawValue)
            #expect(problem["title"] as? String == code.title)
            #expect(problem["detail"] as? String == "node 4 lacks 3012 entries; \(code.advice)")
        }
    }

    @Test("The description of the API names every conflict")
    func conflictsAreDescribed() async throws {
        try await TestGateway.run { gateway in
            let text = try await gateway.request("GET", "/openapi.yaml").text
            for code in ConflictCode.allCases { #expect(text.contains(code.rawValue)) }
        }
    }

    @Test("Without a leader every request is a 503 that says when to ask again")
    func unavailable() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.operations.state.withLock {
                $0.failure = .unavailable(reason: "no leader is known", retryAfterSeconds: 2)
            }
            for (method, path, body) in Self.requests {
                let response = try await gateway.administer(method, path, body)
                #expect(response.status == 503)
                #expect(response.headers["retry-after"] == "2")
                #expect(try response.problem("unavailable")["detail"] as? String == "no leader is known")
            }
        }
    }

    @Test("An outcome that is not known is said to be so, with the place to look")
    func outcomeUnknown() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.operations.state.withLock { $0.failure = .deadlineExceeded }
            let response = try await gateway.administer("POST", "/cluster/leader", "")
            #expect(response.status == 503)
            let detail = try response.problem("outcome-unknown")["detail"] as? String
            #expect(detail?.contains("GET /cluster") == true)
            #expect(detail?.contains("Idempotency-Key") == false)
        }
    }

    @Test("A fault that the node finds with a field is a 422 that names it")
    func invalidField() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.operations.state.withLock {
                $0.failure = .invalid([InvalidField(field: "peer_address", reason: "belongs to node 2")])
            }
            let response = try await gateway.administer("POST", "/cluster/members", Self.node4JSON)
            #expect(response.status == 422)
            #expect(try response.faults("invalid-fields") == ["peer_address": "belongs to node 2"])
        }
    }

    /// One sound request for each route.
    static let requests = [
        ("POST", "/cluster/members", node4JSON), ("DELETE", "/cluster/members/4", ""),
        ("POST", "/cluster/replace", #"{"number":3,"by":\#(node4JSON)}"#), ("POST", "/cluster/leader", ""),
        ("POST", "/cluster/snapshot", ""), ("GET", "/cluster/history", ""),
        ("PUT", "/cluster/maintenance", #"{"enabled":true}"#),
    ]
}

extension TestGateway {
    /// Sends an operator's request with a JSON body; none if it is empty.
    func administer(_ method: String, _ path: String, _ body: String) async throws -> TestResponse {
        try await request(
            method, path, headers: ["Content-Type: application/json"], body: body.isEmpty ? nil : Array(body.utf8))
    }
}
