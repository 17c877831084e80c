import Detection
import Foundation
import Ledger
import Pipeline
import Synchronization
import Testing

@Suite("Models are pushed, chosen and compared over HTTPS", .serialized)
struct ModelRouteTests {
    private static let id = "00112233445566aa"
    private static let other = "ffffffffffffffff"

    private static func model(_ id: String, _ state: ModelState, ap: Double) -> ModelSummary {
        ModelSummary(
            id: id, header: header(ap: ap), byteCount: 4096, state: state, pushedBy: "ann",
            pushedAtMicroseconds: 1_763_819_100_250_000, logIndex: 60,
            report: ModelReport())
    }

    private func stock(_ gateway: TestGateway) {
        gateway.backend.engine.state.withLock {
            $0.models = [
                Self.model(Self.id, .active, ap: 0.5),
                Self.model(Self.other, .shadow, ap: 0.75),
            ]
        }
    }

    @Test("The models are told with their training, their state, and how they do")
    func list() async throws {
        try await TestGateway.run { gateway in
            stock(gateway)
            let answer = try await gateway.request("GET", "/models").json()
            #expect(answer["active"] as? String == Self.id)
            #expect(answer["shadow"] as? String == Self.other)
            let models = try #require(answer["models"] as? [[String: Any]])
            #expect(models.map { $0["state"] as? String } == ["active", "shadow"])
            #expect((models.first?["metrics"] as? [String: Double])?["ap"] == 0.5)
            let history = try #require(answer["history"] as? [[String: Any]])
            #expect(history.first?["role"] as? String == "active")
        }
    }

    @Test("One model is told, and its artifact given back byte for byte")
    func one() async throws {
        try await TestGateway.run { gateway in
            stock(gateway)
            #expect(try await gateway.request("GET", "/models/\(Self.id)").json()["state"] as? String == "active")
            let artifact = try await gateway.request("GET", "/models/\(Self.id)/artifact")
            #expect(artifact.headers["content-type"] == "application/octet-stream")
            #expect(artifact.body == [0, 255, 10, 13])
            for path in ["/models/0000000000000000", "/models/x", "/models/0000000000000000/artifact"] {
                #expect(try await gateway.request("GET", path).status == 404, "\(path)")
            }
        }
    }

    @Test("A model is pushed as bytes; 201 says that it is new")
    func push() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let bytes: [UInt8] = [1, 0, 13, 10, 255]
            func push() async throws -> TestResponse {
                try await gateway.request(
                    "POST", "/models", headers: ["Content-Type: application/octet-stream"], body: bytes)
            }
            let first = try await push()
            #expect(first.status == 201)
            #expect(first.headers["location"] == "/models/\(Self.id)")
            #expect(try first.json()["model"] as? String == Self.id)
            gateway.backend.engine.state.withLock { $0.changes = false }
            #expect(try await push().status == 200)
            #expect(gateway.backend.engine.calls.first == .push(bytes, author: "tester"))
            #expect(try await gateway.request("POST", "/models").status == 400)
        }
    }

    @Test("A model is activated, put into the shadow, taken out of it, rolled back and removed")
    func changes() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let requests = [
                ("POST", "/models/\(Self.id)/activate"), ("POST", "/models/\(Self.other)/shadow"),
                ("DELETE", "/models/shadow"), ("POST", "/models/rollback"), ("DELETE", "/models/\(Self.other)"),
            ]
            for (method, path) in requests {
                #expect(try await gateway.request(method, path).status == 200, "\(path)")
            }
            #expect(
                gateway.backend.engine.calls == [
                    .activate(Self.id, author: "tester"), .shadow(Self.other), .shadow(nil), .rollBackModel,
                    .removeModel(Self.other),
                ])
            #expect(try await gateway.request("POST", "/models/x/activate").status == 404)
        }
    }

    @Test("A model that is in use is not removed: a 409 that says what to do")
    func inUse() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.engine.state.withLock {
                $0.failure = .conflict(code: .modelInUse, detail: "it is active")
            }
            let response = try await gateway.request("DELETE", "/models/\(Self.id)")
            #expect(response.status == 409)
            let detail = try response.problem("model-in-use")["detail"] as? String
            #expect(detail?.hasPrefix("it is active; ") == true)
        }
    }

    @Test("Two models are compared; those in office unless others are named")
    func compare() async throws {
        try await TestGateway.run { gateway in
            let none = try await gateway.request("GET", "/models/compare")
            #expect(none.status == 422)
            #expect(try none.faults("invalid-request").keys.sorted() == ["a"])
            stock(gateway)
            let answer = try await gateway.request("GET", "/models/compare").json()
            #expect((answer["a"] as? [String: Any])?["id"] as? String == Self.id)
            #expect(answer["difference"] as? [String: Double] == ["ap": 0.25])
            let named = try await gateway.request("GET", "/models/compare?a=\(Self.other)&b=\(Self.id)").json()
            #expect((named["a"] as? [String: Any])?["id"] as? String == Self.other)
            #expect(try await gateway.request("GET", "/models/compare?a=\(Self.id)&b=0").status == 404)
        }
    }

    @Test("The metrics tell which rules and models are in effect and how they do")
    func metrics() async throws {
        try await TestGateway.run { gateway in
            stock(gateway)
            let text = try await gateway.request("GET", "/metrics", token: .none).text
            for line in [
                "redoubt_rules_version 4", #"redoubt_rule_hits{mode="live",rule="velocity"} 12"#, "redoubt_models 2",
                #"redoubt_model_state{model="\#(Self.id)",state="active"} 1"#,
                #"redoubt_model_labelled{model="\#(Self.id)",outcome="true_positive"} 0"#, "redoubt_lists 1",
                "redoubt_list_entries 2",
            ] {
                #expect(text.contains(line), "\(line)")
            }
            gateway.backend.engine.state.withLock { $0.models = [Self.model(Self.id, .stored, ap: 0.5)] }
            let later = try await gateway.request("GET", "/metrics", token: .none).text
            #expect(later.contains(#"redoubt_model_state{model="\#(Self.id)",state="active"} 0"#))
            #expect(later.contains(#"redoubt_model_state{model="\#(Self.id)",state="stored"} 1"#))
        }
    }
}
