import Foundation
import Gateway
import Glibc
import Pipeline
import Security
import Synchronization
import Testing

@Suite("What is open to everyone, and what no one gets past", .serialized)
struct ServiceTests {
    @Test("Health is 200 or 503 with a word why, to GET and HEAD, without a token")
    func health() async throws {
        try await TestGateway.run { gateway in
            let ready = try await gateway.request("GET", "/health/ready", token: .none)
            #expect(ready.status == 200)
            #expect(ready.text == #"{"status":"ready"}"#)
            gateway.backend.state.withLock {
                $0.health = NodeHealth(isLive: true, isReady: false, isLeader: false, reason: "no \"quorum\"")
            }
            let unready = try await gateway.request("GET", "/health/ready", token: .none)
            #expect(unready.status == 503)
            #expect(unready.text == #"{"status":"not ready","reason":"no \"quorum\""}"#)
            #expect(try await gateway.request("GET", "/health/live", token: .none).status == 200)
            let leader = try await gateway.request("GET", "/health/leader", token: .none)
            #expect(leader.status == 503)
            #expect(leader.text == #"{"status":"not leader"}"#)
            let head = try await gateway.request("HEAD", "/health/leader", token: .none)
            #expect(head.status == 503)
            #expect(head.headers["content-length"] == "23")
            #expect(head.body.isEmpty)
        }
    }

    @Test("Another method is a 405 that tells the allowed ones")
    func methods() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.request("DELETE", "/transactions")
            #expect(response.status == 405)
            #expect(response.headers["allow"] == "GET, POST")
            _ = try response.problem("method-not-allowed")
        }
    }

    @Test("Metrics count requests by route and status")
    func metrics() async throws {
        try await TestGateway.run { gateway in
            // Different roles, different tokens: two of the same second would be the same.
            _ = try await gateway.post(TestGateway.document(), token: .roles([.ingest]))
            _ = try await gateway.post("{", token: .operator)
            let name = "redoubt_http_request_duration_seconds_count"
            let expected = [
                "\(name){route=\"/transactions\",status=\"202\"} 1",
                "\(name){route=\"/transactions\",status=\"400\"} 1",
                "redoubt_verified_tokens_cached 2",
            ]
            // A request is counted after its response has left, which may be after curl has ended.
            let deadline = ContinuousClock.now + .seconds(60)
            var text = ""
            repeat {
                let response = try await gateway.request("GET", "/metrics", token: .none)
                #expect(response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                text = response.text
            } while !expected.allSatisfy(text.contains) && ContinuousClock.now < deadline
            for line in expected { #expect(text.contains(line)) }
        }
    }

    @Test("The description of the API is the one in docs")
    func openAPI() async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/openapi.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try await TestGateway.run { gateway in
            let response = try await gateway.request("GET", "/openapi.yaml", token: .none)
            #expect(response.status == 200)
            #expect(response.text == text)
        }
    }

    @Test("A header or target past its bound is refused")
    func longRequests() async throws {
        try await TestGateway.run { gateway in
            let target = try await gateway.request(
                "GET", "/transactions?user_id=" + String(repeating: "u", count: 5000))
            #expect(target.status == 414)
            _ = try target.problem("target-too-long")
            let header = try await gateway.request(
                "GET", "/health/live", headers: ["X-Long: " + String(repeating: "x", count: 20_000)], token: .none)
            #expect(header.status == 431)
            _ = try header.problem("headers-too-large")
        }
    }

    @Test("Older TLS than 1.2 is refused")
    func oldTLS() async throws {
        try await TestGateway.run { gateway in
            let result = try await runProgram([
                "curl", "-sS", "--cacert", gateway.material.certificatePath, "--tls-max", "1.1", "--ciphers",
                "DEFAULT:@SECLEVEL=0", "https://127.0.0.1:\(gateway.port)/health/live",
            ])
            #expect(result.status == 35)
        }
    }

    @Test("Random bytes on the port, under TLS and without, harm nothing")
    func randomBytes() async throws {
        try await TestGateway.run { gateway in
            var generator = SplitMix64(seed: 7)
            for round in 0..<20 {
                let noise = (0..<(round * 50 + 1)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                _ = try await runProgram(
                    ["bash", "-c", "cat > /dev/tcp/127.0.0.1/\(gateway.port)"], input: noise)
            }
            for round in 0..<5 {
                let noise = (0..<(round * 500 + 1)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                _ = try await runProgram(
                    [
                        "timeout", "10", "openssl", "s_client", "-quiet", "-no_ign_eof", "-connect",
                        "127.0.0.1:\(gateway.port)",
                    ], input: noise + Array("\r\n\r\n".utf8))
            }
            #expect(try await gateway.post(TestGateway.document()).status == 202)
        }
    }

    @Test("A request that does not come to its end is cut off")
    func drippingRequest() async throws {
        try await TestGateway.run {
            $0.requestReadTimeoutMilliseconds = 300
        } _: { gateway in
            // The head promises a body of which only a part ever comes; s_client ends when the server closes.
            let head = "POST /transactions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
            let script = """
                coproc CLIENT { timeout 15 openssl s_client -quiet -connect 127.0.0.1:\(gateway.port) 2>&1; }
                process=$CLIENT_PID
                printf '%s' "$0" >&${CLIENT[1]}
                wait $process
                """
            let result = try await runProgram(["bash", "-c", script, head])
            // 124 would be the time-out of the program itself.
            #expect(result.status != 124)
            let health = try await gateway.request("GET", "/health/live")
            #expect(health.status == 200)
        }
    }
}

/// A small seeded generator, so that noise is the same in every run.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
