import Foundation
import Security
import Testing

@Suite("Tokens and roles decide who may do what", .serialized)
struct AccessTests {
    @Test("Without a token the answer is a 401 that asks for one")
    func missingToken() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.post(TestGateway.document(), token: .none)
            #expect(response.status == 401)
            #expect(response.headers["www-authenticate"] == "Bearer realm=\"redoubt\"")
            _ = try response.problem("unauthorized")
        }
    }

    @Test("An expired token is a 401 that says so")
    func expiredToken() async throws {
        try await TestGateway.run { gateway in
            let token = try await gateway.material.mint.mint(
                subject: "tester", roles: [.operator], lifetimeSeconds: 10, issuer: TestMaterial.issuer,
                nowSeconds: TokenVerifier.wallClockSeconds() - 1000)
            let response = try await gateway.post(TestGateway.document(), token: .text(token))
            #expect(response.status == 401)
            #expect(response.headers["www-authenticate"]?.contains("invalid_token") == true)
            #expect(try response.problem("unauthorized")["detail"] as? String == "the token has expired")
        }
    }

    @Test("A forged token is a 401")
    func forgedToken() async throws {
        try await TestGateway.run { gateway in
            let token = try await gateway.material.forger.mint(
                subject: "tester", roles: [.operator], lifetimeSeconds: 600, issuer: TestMaterial.issuer)
            let response = try await gateway.post(TestGateway.document(), token: .text(token))
            #expect(response.status == 401)
            let detail = try response.problem("unauthorized")["detail"] as? String
            #expect(detail == "the token's signature is not valid")
        }
    }

    @Test("A token of the algorithm none is a 401")
    func noneToken() async throws {
        try await TestGateway.run { gateway in
            let claims = #"{"sub":"tester","roles":["operator"],"exp":9999999999,"iss":"redoubt-test"}"#
            let token = [#"{"alg":"none","typ":"JWT"}"#, claims].map(base64URL).joined(separator: ".") + "."
            let response = try await gateway.post(TestGateway.document(), token: .text(token))
            #expect(response.status == 401)
            let detail = try response.problem("unauthorized")["detail"] as? String
            #expect(detail == "the token's algorithm \"none\" is not accepted")
        }
    }

    @Test("A token of another issuer, or of too many bytes, is a 401")
    func otherTokens() async throws {
        try await TestGateway.run { gateway in
            let foreign = try await gateway.material.mint.mint(
                subject: "tester", roles: [.operator], lifetimeSeconds: 600, issuer: "elsewhere")
            #expect(try await gateway.post(TestGateway.document(), token: .text(foreign)).status == 401)
            let long = String(repeating: "x", count: 4097)
            #expect(try await gateway.post(TestGateway.document(), token: .text(long)).status == 401)
        }
    }

    @Test("An ES256 token is taken as well")
    func es256Token() async throws {
        try await TestGateway.run { gateway in
            let token = try await gateway.material.es256Mint.mint(
                subject: "tester", roles: [.ingest], lifetimeSeconds: 600, issuer: TestMaterial.issuer)
            #expect(try await gateway.post(TestGateway.document(), token: .text(token)).status == 202)
        }
    }

    @Test(
        "Each role reaches its own routes and gets a 403 at the others",
        arguments: [
            ("POST", "/transactions", [Role.ingest, .operator]),
            ("POST", "/transactions/batch", [.ingest, .operator]),
            ("GET", "/transactions", [.analyst, .operator]),
            ("GET", "/transactions/txn_01M81SQC8H8X8K5QQMCF2Z6QTR", [.analyst, .operator]),
            ("POST", "/transactions/txn_01M81SQC8H8X8K5QQMCF2Z6QTR/label", [.analyst, .operator]),
            ("POST", "/labels", [.analyst, .operator]),
            ("GET", "/users/u/profile", [.analyst, .operator]),
            ("GET", "/merchants/m/profile", [.analyst, .operator]),
            ("GET", "/rules", [.analyst, .operator]),
            ("PUT", "/rules", [.operator]),
            ("GET", "/rules/history", [.analyst, .operator]),
            ("POST", "/rules/rollback", [.operator]),
            ("POST", "/rules/validate", [.analyst, .operator]),
            ("GET", "/rules/backtest", [.analyst, .operator]),
            ("POST", "/rules/backtest", [.operator]),
            ("GET", "/rules/backtest/bt-1", [.analyst, .operator]),
            ("DELETE", "/rules/backtest/bt-1", [.operator]),
            ("GET", "/lists", [.analyst, .operator]),
            ("GET", "/lists/blocked_devices", [.analyst, .operator]),
            ("PUT", "/lists/blocked_devices", [.operator]),
            ("DELETE", "/lists/blocked_devices", [.operator]),
            ("POST", "/lists/blocked_devices/entries", [.operator]),
            ("DELETE", "/lists/blocked_devices/entries", [.operator]),
            ("PUT", "/lists/blocked_devices/entries/d-17", [.operator]),
            ("DELETE", "/lists/blocked_devices/entries/d-17", [.operator]),
            ("GET", "/models", [.analyst, .operator]),
            ("POST", "/models", [.operator]),
            ("GET", "/models/00112233445566aa", [.analyst, .operator]),
            ("DELETE", "/models/00112233445566aa", [.operator]),
            ("GET", "/models/00112233445566aa/artifact", [.analyst, .operator]),
            ("POST", "/models/00112233445566aa/activate", [.operator]),
            ("POST", "/models/00112233445566aa/shadow", [.operator]),
            ("DELETE", "/models/shadow", [.operator]),
            ("POST", "/models/rollback", [.operator]),
            ("GET", "/models/compare", [.analyst, .operator]),
            ("GET", "/alerts", [.analyst, .operator]),
            ("GET", "/alerts/stream", [.analyst, .operator]),
            ("GET", "/alerts/txn_01M81SQC8H8X8K5QQMCF2Z6QTR", [.analyst, .operator]),
            ("POST", "/alerts/txn_01M81SQC8H8X8K5QQMCF2Z6QTR/review", [.analyst, .operator]),
            ("GET", "/webhooks", [.operator]),
            ("GET", "/webhooks/desk", [.operator]),
            ("PUT", "/webhooks/desk", [.operator]),
            ("DELETE", "/webhooks/desk", [.operator]),
            ("POST", "/webhooks/desk/test", [.operator]),
            ("POST", "/webhooks/desk/replay", [.operator]),
            ("GET", "/pipeline", [.operator]),
            ("POST", "/pipeline/pause", [.operator]),
            ("POST", "/pipeline/resume", [.operator]),
            ("POST", "/pipeline/reset", [.operator]),
            ("GET", "/pipeline/dead-letters", [.operator]),
            ("GET", "/cluster", [.analyst, .operator]),
            ("POST", "/cluster/verify", [.operator]),
            ("GET", "/cluster/digest/1", [.operator]),
            ("POST", "/cluster/members", [.operator]),
            ("DELETE", "/cluster/members/4", [.operator]),
            ("POST", "/cluster/replace", [.operator]),
            ("POST", "/cluster/leader", [.operator]),
            ("POST", "/cluster/snapshot", [.operator]),
            ("GET", "/cluster/history", [.operator]),
            ("PUT", "/cluster/maintenance", [.operator]),
        ])
    func roles(method: String, path: String, allowed: [Role]) async throws {
        try await TestGateway.run { gateway in
            for role in Role.allCases {
                let response = try await gateway.request(
                    method, path, body: method == "POST" ? Array(TestGateway.document().utf8) : nil,
                    token: .roles([role]), options: ["-H", "Content-Type:"])
                #expect((response.status == 403) == !allowed.contains(role), "\(role) at \(path)")
                if response.status == 403 { _ = try response.problem("forbidden") }
            }
        }
    }

    private func base64URL(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
