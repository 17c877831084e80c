import Foundation
import Gateway
import Security
import Testing

/// What may come over one connection, as bytes.
@Suite("One connection carries its requests in order, whatever comes", .serialized)
struct ConnectionTests {
    private static let get = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let last = "GET /health/leader HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    /// Sends the text over TLS and gives all that comes back until the server closes.
    private static func talk(_ gateway: TestGateway, _ text: String) async throws -> String {
        let result = try await runProgram(
            ["timeout", "20", "openssl", "s_client", "-quiet", "-connect", "127.0.0.1:\(gateway.port)"],
            input: Array(text.utf8))
        #expect(result.status != 124, "the server did not close")
        return String(decoding: result.output, as: UTF8.self)
    }

    @Test("Requests that are sent ahead are answered in their order")
    func pipelining() async throws {
        try await TestGateway.run { gateway in
            let count = 500
            let answer = try await Self.talk(gateway, String(repeating: Self.get, count: count) + Self.last)
            let statuses = answer.components(separatedBy: "HTTP/1.1 ").dropFirst()
            #expect(statuses.count == count + 1)
            #expect(statuses.dropLast().allSatisfy { $0.hasPrefix("200 OK") && $0.contains(#"{"status":"live"}"#) })
            #expect(statuses.last?.contains("connection: close") == true)
            #expect(statuses.last?.contains(#""leader""#) == true)
        }
    }

    @Test("A body in chunks is one body")
    func chunks() async throws {
        try await TestGateway.run { gateway in
            let token = try await gateway.material.token([.ingest])
            let document = TestGateway.document()
            let middle = document.index(document.startIndex, offsetBy: 20)
            let parts = [document[..<middle], document[middle...]].map {
                String($0.utf8.count, radix: 16) + "\r\n" + $0 + "\r\n"
            }
            let answer = try await Self.talk(
                gateway,
                "POST /transactions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nConnection: close\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n" + parts.joined() + "0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 202 Accepted"))
        }
    }

    @Test("HTTP/1.0 is answered and then closed")
    func oldHTTP() async throws {
        try await TestGateway.run { gateway in
            let answer = try await Self.talk(gateway, "GET /health/live HTTP/1.0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
            #expect(answer.contains("connection: close"))
        }
    }

    @Test("What is not HTTP is a 400 that says so, after the replies to what was")
    func malformed() async throws {
        try await TestGateway.run { gateway in
            let answer = try await Self.talk(gateway, Self.get + "NONSENSE\r\n\r\n")
            let replies = answer.components(separatedBy: "HTTP/1.1 ").dropFirst()
            #expect(replies.count == 2)
            #expect(replies.first?.hasPrefix("200 OK") == true)
            #expect(replies.last?.hasPrefix("400 Bad Request") == true)
            #expect(replies.last?.contains("urn:redoubt:problem:malformed-request") == true)
        }
    }

    @Test("Who asks before sending a body that is too large is refused at once")
    func expectation() async throws {
        try await TestGateway.run { gateway in
            let token = try await gateway.material.token([.ingest])
            let head =
                "POST /transactions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nExpect: 100-continue\r\n"
            // The body never comes: the answer does not wait for it.
            let refused = try await Self.talk(gateway, head + "Content-Length: 10000000\r\n\r\n")
            #expect(refused.hasPrefix("HTTP/1.1 413 "))
            let document = TestGateway.document()
            let taken = try await Self.talk(
                gateway, head + "Connection: close\r\nContent-Length: \(document.utf8.count)\r\n\r\n" + document)
            #expect(taken.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted"))
        }
    }

    @Test("A connection on which nothing happens is closed")
    func idle() async throws {
        try await TestGateway.run {
            $0.idleTimeoutMilliseconds = 200
        } _: { gateway in
            let answer = try await Self.talk(gateway, Self.get)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        }
    }
}
