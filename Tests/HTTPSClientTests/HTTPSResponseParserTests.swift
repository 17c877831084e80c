import HTTPSClient
import NIOCore
import Testing

@Suite("Reading answers off a connection")
struct HTTPSResponseParserTests {
    private static let sized =
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\ncontent-length: 5\r\nRetry-After: 7\r\n\r\nhello"
    private static let chunked =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        + "4;x=y\r\nwiki\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n"

    /// Feeds the pieces as they come off a socket, and gathers the answers.
    private func parse(_ pieces: [String]) throws -> [HTTPSResponse] {
        var parser = HTTPSResponseParser()
        var input = ByteBuffer()
        var responses: [HTTPSResponse] = []
        for piece in pieces {
            input.writeString(piece)
            while let response = try parser.consume(&input) { responses.append(response) }
        }
        return responses
    }

    @Test("Two answers in one piece are two answers")
    func pipelined() throws {
        let responses = try parse([Self.sized + Self.chunked])
        #expect(responses.map(\.status) == [202, 200])
        #expect(responses.map { String(buffer: $0.body) } == ["hello", "wiki0123456789"])
        #expect(responses.map(\.retryAfterSeconds) == [7, nil])
        #expect(responses.map(\.keepsAlive) == [true, false])
    }

    @Test("It does not matter where the bytes are cut")
    func everyCut() throws {
        let text = Self.sized + Self.chunked
        for cut in 1..<text.utf8.count {
            let end = text.utf8.index(text.startIndex, offsetBy: cut)
            // "\r\n" is one Character, so that pieces are cut as bytes.
            let pieces = [
                String(decoding: Array(text.utf8[..<end]), as: UTF8.self),
                String(decoding: Array(text.utf8[end...]), as: UTF8.self),
            ]
            let bodies = try parse(pieces).map { String(buffer: $0.body) }
            #expect(bodies == ["hello", "wiki0123456789"], "cut after \(cut) bytes")
        }
    }

    @Test("An answer without a length ends with the connection")
    func untilClose() throws {
        var parser = HTTPSResponseParser()
        var input = ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\nall of it")
        #expect(try parser.consume(&input) == nil)
        let finished = parser.finish()
        let response = try #require(finished)
        #expect(String(buffer: response.body) == "all of it")
        #expect(!response.keepsAlive)
    }

    @Test(
        "What is no answer is refused",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        ])
    func malformed(_ text: String) {
        #expect(throws: HTTPSResponseParser.Malformed.self) { try parse([text]) }
    }

    @Test("A head without end is refused at the bound")
    func endlessHead() {
        let line = "X: " + String(repeating: "y", count: HTTPSResponseParser.maxHeadBytes) + "\r\n"
        #expect(throws: HTTPSResponseParser.Malformed.self) { try parse(["HTTP/1.1 200 OK\r\n" + line]) }
    }

    @Test("A problem document is told with its faults")
    func problem() {
        var response = HTTPSResponse()
        response.body = ByteBuffer(
            string: """
                {"title":"Fields are invalid","detail":"nothing was taken","errors":[{"line":3,"field":"amount","detail":"is negative"}]}
                """)
        #expect(response.problem == "Fields are invalid: nothing was taken [line 3, amount: is negative]")
    }
}

@Suite("Addresses of nodes")
struct HTTPSEndpointTests {
    @Test("Host and port are taken apart, and put together again")
    func valid() {
        #expect(HTTPSEndpoint("https://127.0.0.1:8441/")?.authority == "127.0.0.1:8441")
        #expect(HTTPSEndpoint("https://node-1")?.port == 443)
        #expect(HTTPSEndpoint("https://[::1]:8441")?.authority == "[::1]:8441")
    }

    @Test(
        "Anything else is no address",
        arguments: ["http://a:1", "https://", "https://a:0", "https://a:b", "https://a/path", "https://u@a", "a:1"])
    func invalid(_ text: String) {
        #expect(HTTPSEndpoint(text) == nil)
    }
}
