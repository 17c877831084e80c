import Detection
import Foundation
import Pipeline
import Security
import Synchronization
import Testing

@Suite("Rules are read, changed and tried over HTTPS", .serialized)
struct RuleRouteTests {
    private static let rules = "version: 1\n"

    private func put(
        _ gateway: TestGateway, _ body: String, type: String = "application/yaml", query: String = "",
        headers: [String] = []
    ) async throws -> TestResponse {
        try await gateway.request(
            "PUT", "/rules" + query, headers: ["Content-Type: \(type)"] + headers, body: Array(body.utf8))
    }

    @Test("The active rules are told with their text, version and hits")
    func get() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("GET", "/rules")
            #expect(response.status == 200)
            #expect(response.headers["etag"] == "\"4\"")
            let answer = try response.json()
            #expect(answer["version"] as? Int == 4)
            #expect(answer["rules"] as? String == RuleProgram.standardText)
            #expect(answer["author"] as? String == "ann")
            #expect(answer["created_at"] as? String == "2025-11-22T13:45:00.250000Z")
            let hits = try #require(answer["hits"] as? [[String: Any]])
            #expect(hits.map { $0["shadow"] as? Bool } == [false, true])
        }
    }

    @Test("Whoever asks for YAML gets the text alone")
    func yaml() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("GET", "/rules", headers: ["Accept: application/yaml"])
            #expect(response.headers["content-type"] == "application/yaml")
            #expect(response.text == RuleProgram.standardText)
        }
    }

    @Test("A version that is not there is a 404, and one that is no number a 422")
    func versions() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.request("GET", "/rules?version=4").status == 200)
            let missing = try await gateway.request("GET", "/rules?version=9")
            #expect(missing.status == 404)
            #expect(try missing.problem("not-found")["detail"] as? String == "there is no rules version 9")
            #expect(try await gateway.request("GET", "/rules?version=x").status == 422)
        }
    }

    @Test("Rules are put as YAML or within JSON, with comment, author and the version that is expected")
    func putRules() async throws {
        try await TestGateway.run { gateway in
            let plain = try await put(
                gateway, Self.rules, query: "?comment=a%20word", headers: ["If-Match: \"4\""])
            #expect(plain.status == 200)
            #expect(plain.headers["etag"] == "\"5\"")
            #expect(plain.text == #"{"changed":true,"log_index":90,"version":5}"#)
            let wrapped = try await put(
                gateway, #"{"rules":"version: 1\n","comment":"more"}"#, type: "application/json",
                headers: ["If-Match: *"])
            #expect(wrapped.status == 200)
            #expect(
                gateway.backend.engine.calls == [
                    .putRules(Self.rules, comment: "a word", author: "tester", expecting: 4),
                    .putRules(Self.rules, comment: "more", author: "tester", expecting: nil),
                ])
        }
    }

    @Test("Rules that cannot be used are a 422 with line and column")
    func invalid() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.engine.state.withLock {
                $0.failure = .invalidRules(line: 12, column: 7, reason: "amont is not known; amount is")
            }
            let response = try await put(gateway, Self.rules)
            #expect(response.status == 422)
            let problem = try response.problem("invalid-rules")
            #expect(problem["detail"] as? String == "line 12, column 7: amont is not known; amount is")
            let error = try #require((problem["errors"] as? [[String: Any]])?.first)
            #expect(error["line"] as? Int == 12)
            #expect(error["column"] as? Int == 7)
        }
    }

    @Test("Rules that somebody else has changed meanwhile are a 409")
    func changed() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.engine.state.withLock {
                $0.failure = .conflict(code: .rulesChanged, detail: "version 5 is active")
            }
            let response = try await put(gateway, Self.rules, headers: ["If-Match: \"4\""])
            #expect(response.status == 409)
            _ = try response.problem("rules-changed")
        }
    }

    @Test("A body that holds no rules, or is too large, or of another type is refused")
    func bodies() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            #expect(try await put(gateway, "").status == 400)
            #expect(try await put(gateway, "{}", type: "application/json").status == 422)
            #expect(try await put(gateway, "x", type: "image/png").status == 415)
            #expect(try await put(gateway, String(repeating: "#", count: 600_000)).status == 413)
            #expect(try await put(gateway, Self.rules, headers: ["If-Match: 4"]).status == 422)
            #expect(gateway.backend.engine.calls.isEmpty)
        }
    }

    @Test("Rules are validated without being changed")
    func validate() async throws {
        try await TestGateway.run { gateway in
            func validate(_ text: String) async throws -> TestResponse {
                try await gateway.request(
                    "POST", "/rules/validate", headers: ["Content-Type: application/yaml"], body: Array(text.utf8),
                    token: .roles([.analyst]))
            }
            let good = try await validate(RuleProgram.standardText)
            #expect(good.status == 200)
            #expect(try good.json()["rules"] as? Int == RuleProgram.standard.rules.count)
            let bad = try await validate("version: 1\nrules: 7\n")
            #expect(bad.status == 422)
            let error = try #require((try bad.problem("invalid-rules")["errors"] as? [[String: Any]])?.first)
            #expect(error["line"] as? Int == 2)
            #expect(gateway.backend.engine.calls.isEmpty)
        }
    }

    @Test("The history names the versions without their texts")
    func history() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/rules/history").json()
            let versions = try #require(answer["versions"] as? [[String: Any]])
            #expect(versions.map { $0["version"] as? Int } == [4, 0])
            #expect(versions.allSatisfy { $0["rules"] == nil })
        }
    }

    @Test("Rules are rolled back, to a version of choice or the one before")
    func rollback() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            for body in ["", "{}", #"{"version":2}"#] {
                #expect(try await gateway.administer("POST", "/rules/rollback", body).status == 200)
            }
            #expect(
                gateway.backend.engine.calls == [
                    .rollBackRules(to: nil, author: "tester"), .rollBackRules(to: nil, author: "tester"),
                    .rollBackRules(to: 2, author: "tester"),
                ])
        }
    }

    @Test("A backtest takes rules of its own, a version, those that are active, or those that were in effect")
    func backtest() async throws {
        try await TestGateway.run { gateway in
            func start(_ query: String, _ body: String = "") async throws -> TestResponse {
                try await gateway.request(
                    "POST", "/rules/backtest" + query, headers: ["Content-Type: application/yaml"],
                    body: Array(body.utf8))
            }
            let first = try await start("?from=2025-11-22T13:45:00Z&to=2025-11-22T13:45:01Z", Self.rules)
            #expect(first.status == 202)
            #expect(first.headers["location"] == "/rules/backtest/bt-1")
            let answer = try first.json()
            #expect(answer["state"] as? String == "running")
            #expect(answer["progress"] as? Double == 0.25)
            #expect(try await start("").status == 202)
            #expect(try await start("?version=2").status == 202)
            #expect(try await start("?version=as-they-were").status == 202)
            let requests = gateway.backend.engine.calls.compactMap { call -> BacktestRequest? in
                if case .backtest(let request, _) = call { request } else { nil }
            }
            #expect(requests.map(\.rules) == [.text(Self.rules), .version(4), .version(2), .asTheyWere])
            #expect(requests[0].fromMicroseconds == 1_763_819_100_000_000)
            #expect(requests[0].toMicroseconds == 1_763_819_101_000_000)
            #expect(try await start("?version=2", Self.rules).status == 422)
            #expect(try await start("?version=x").status == 422)
            #expect(try await start("?from=2025-11-22T13:45:00Z&to=2025-11-22T13:45:00Z").status == 422)
            #expect(gateway.backend.engine.calls.count == 4)
        }
    }

    @Test("A backtest is looked at and cancelled")
    func backtestStatus() async throws {
        try await TestGateway.run { gateway in
            let failed = try await gateway.request("GET", "/rules/backtest/bt-1").json()
            #expect(failed["state"] as? String == "failed")
            #expect(failed["reason"] as? String == "PostgreSQL is away")
            #expect(try await gateway.request("GET", "/rules/backtest/bt-9").status == 404)
            let cancelled = try await gateway.request("DELETE", "/rules/backtest/bt-1").json()
            #expect(cancelled["state"] as? String == "cancelled")
            #expect(gateway.backend.engine.calls == [.cancel("bt-1")])
            let all = try await gateway.request("GET", "/rules/backtest").json()
            #expect((all["backtests"] as? [Any])?.count == 1)
        }
    }

    @Test("A second backtest at the same time is a 409")
    func backtestUnderWay() async throws {
        try await TestGateway.run { gateway in
            gateway.backend.engine.state.withLock {
                $0.failure = .conflict(code: .backtestUnderWay, detail: "bt-1 is under way")
            }
            let response = try await gateway.request("POST", "/rules/backtest")
            #expect(response.status == 409)
            _ = try response.problem("backtest-under-way")
        }
    }
}
