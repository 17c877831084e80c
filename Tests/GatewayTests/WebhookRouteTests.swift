import Deliveries
import Foundation
import Gateway
import Ledger
import Pipeline
import Raft
import Synchronization
import Testing

@Suite("Webhooks are looked after over HTTPS", .serialized)
struct WebhookRouteTests {
    private static let secret = "0123456789abcdef"

    @Test("Without webhooks the list is empty, and one by its name is a 404")
    func none() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            #expect(try await gateway.request("GET", "/webhooks").text == #"{"webhooks":[]}"#)
            for name in ["desk", "Desk", "%FF", String(repeating: "x", count: 49)] {
                let response = try await gateway.request("GET", "/webhooks/\(name)")
                #expect(response.status == 404, "\(name)")
                _ = try response.problem("not-found")
            }
        }
    }

    @Test("A webhook is put with what it needs; its name may be percent-encoded")
    func put() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let bodies = [
                ("desk", #"{"url":"https://example.com/a","secret":"\#(Self.secret)"}"#),
                ("de%73k-2", #"{"url":"https://example.com/b","enabled":false,"secret":null}"#),
            ]
            for (name, body) in bodies {
                let response = try await gateway.administer("PUT", "/webhooks/\(name)", body)
                #expect(response.status == 200)
                #expect(!response.text.contains(Self.secret))
                #expect(response.text.contains(#""changed":true,"log_index":21,"name":"desk"#))
            }
            #expect(
                gateway.backend.hooks.calls == [
                    .put(
                        "desk", url: "https://example.com/a", secret: Self.secret, isEnabled: true, author: "tester"),
                    .put("desk-2", url: "https://example.com/b", secret: nil, isEnabled: false, author: "tester"),
                ])
            gateway.backend.hooks.state.withLock { $0.outcome = .unchanged }
            let again = try await gateway.administer("PUT", "/webhooks/desk", bodies[0].1).json()
            #expect(again["changed"] as? Bool == false)
        }
    }

    @Test(
        "What is wrong with a webhook is told by field, and never shows the secret",
        arguments: [
            (#"{}"#, ["url"]), (#"{"url":""}"#, ["url"]), (#"{"url":"https://ü"}"#, ["url"]),
            (#"{"url":"https://example.com","secret":"fifteen bytes!!"}"#, ["secret"]),
            (#"{"url":"https://example.com","secret":""}"#, ["secret"]),
            (#"{"url":"https://example.com","enabled":"yes","token":"x"}"#, ["enabled", "token"]),
        ])
    func faults(body: String, fields: [String]) async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let response = try await gateway.administer("PUT", "/webhooks/desk", body)
            #expect(response.status == 422)
            #expect(try response.faults("invalid-fields").keys.sorted() == fields)
            #expect(!response.text.contains("fifteen bytes!!"))
            #expect(gateway.backend.hooks.calls.isEmpty)
        }
    }

    @Test("A name that none may have is refused by its field, and a secret of 256 bytes taken")
    func bounds() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let secret = String(repeating: "s", count: 256)
            let body = #"{"url":"https://example.com","secret":"\#(secret)"}"#
            for name in ["Desk", "a%20b", "%FF", String(repeating: "x", count: 49)] {
                let response = try await gateway.administer("PUT", "/webhooks/\(name)", body)
                #expect(response.status == 422, "\(name)")
                #expect(try response.faults("invalid-request").keys.sorted() == ["name"], "\(name)")
            }
            #expect(try await gateway.administer("PUT", "/webhooks/desk", body).status == 200)
        }
    }

    @Test("A fault that the node finds with the address is a 422 that names it; too many webhooks are a 409")
    func nodeFaults() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let body = #"{"url":"https://127.0.0.1","secret":"\#(Self.secret)"}"#
            gateway.backend.hooks.state.withLock {
                $0.failure = .invalid([InvalidField(field: "url", reason: "leads to this machine")])
            }
            let refused = try await gateway.administer("PUT", "/webhooks/desk", body)
            #expect(try refused.faults("invalid-fields") == ["url": "leads to this machine"])
            gateway.backend.hooks.state.withLock { $0.failure = .conflict(code: .tooManyWebhooks, detail: "") }
            let full = try await gateway.administer("PUT", "/webhooks/desk", body)
            #expect(full.status == 409)
            _ = try full.problem("too-many-webhooks")
        }
    }

    @Test("A webhook is removed; one that is not there is a 404")
    func remove() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let response = try await gateway.request("DELETE", "/webhooks/desk")
            #expect(response.text == #"{"changed":true,"log_index":22,"name":"desk"}"#)
            #expect(gateway.backend.hooks.calls == [.remove("desk", author: "tester")])
            gateway.backend.hooks.state.withLock { $0.failure = .notFound(what: "webhook \"desk\"") }
            #expect(try await gateway.request("DELETE", "/webhooks/desk").status == 404)
        }
    }

    @Test("A test tells what came of it, with an answer and without one")
    func test() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            var options = WebhookOptions(
                policy: TargetPolicy(allowedRanges: [try #require(NetworkRange("127.0.0.0/8"))]))
            options.trust(authorityFile: gateway.material.certificatePath)
            let sender = WebhookSender(options: options)
            // The gateway itself answers, that this is no way to ask for its health; nobody answers at port 1.
            for (port, status) in [(gateway.port, 405), (1, nil)] {
                let url = try WebhookURL("https://127.0.0.1:\(port)/health/live", policy: options.policy)
                let endpoint = try WebhookEndpoint(name: "desk", url: url, secret: Array(Self.secret.utf8), revision: 1)
                let report = await sender.test(endpoint)
                gateway.backend.hooks.state.withLock { $0.report = report }
                let json = try await gateway.request("POST", "/webhooks/desk/test").json()
                #expect(json.keys.sorted() == ["delivered", "duration_ms", "reason", "status"])
                #expect(json["delivered"] as? Bool == false)
                #expect(json["status"] as? Int == status)
                #expect((json["reason"] as? String)?.isEmpty == false)
                #expect(json["duration_ms"] as? Int ?? -1 >= 0)
            }
            await sender.close()
            gateway.backend.hooks.state.withLock { $0.report = nil }
            #expect(try await gateway.request("POST", "/webhooks/desk/test").status == 404)
        }
    }

    @Test("Deliveries are replayed, one by its position or the oldest")
    func replay() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            gateway.backend.hooks.state.withLock {
                $0.replay = Replay.Report(delivered: 2, reason: "answered 500", left: 1)
            }
            let path = "/webhooks/desk/replay"
            let response = try await gateway.administer("POST", path, #"{"position":"4711.2"}"#)
            #expect(response.text == #"{"delivered":2,"left":1,"reason":"answered 500"}"#)
            gateway.backend.hooks.state.withLock { $0.replay = Replay.Report(delivered: 3) }
            for body in ["", "{}", #"{"position":null}"#] {
                let response = try await gateway.administer("POST", path, body)
                #expect(response.text == #"{"delivered":3,"left":0,"reason":null}"#)
            }
            #expect(
                gateway.backend.hooks.calls
                    == [.replay("desk", OutboxPosition(index: LogIndex(4711), ordinal: 2))]
                    + Array(repeating: .replay("desk", nil), count: 3))
            for (body, field) in [
                (#"{"position":"x"}"#, "position"), (#"{"position":4711.2}"#, "position"),
                (#"{"positions":[]}"#, "positions"),
            ] {
                let response = try await gateway.administer("POST", path, body)
                #expect(try response.faults("invalid-fields").keys.sorted() == [field])
            }
        }
    }

    @Test("A delivery that was given up tells its place, its transaction and why")
    func failure() throws {
        let failure = FailedDelivery(
            position: OutboxPosition(index: LogIndex(4711), ordinal: 2), id: AlertRouteTests.id, attempts: 12,
            reason: "answered 500", failedAtMicroseconds: 1_763_819_100_250_000)
        let json = try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(FailureDocument(failure)))
                as? [String: Any])
        #expect(json.keys.sorted() == ["attempts", "failed_at", "id", "position", "reason"])
        #expect(json["position"] as? String == "4711.2")
        #expect(json["failed_at"] as? String == "2025-11-22T13:45:00.250000Z")
    }
}
