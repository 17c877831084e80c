import Foundation
import Gateway
import Logging
import Pipeline
import Security
import ServiceLifecycle
import Testing

/// A gateway on a free port of the loopback, with a certificate and keys of its own, and curl to talk to it.
struct TestGateway {
    let backend: MemoryBackend
    let registry: PrometheusRegistry
    let port: Int
    let material: TestMaterial
    /// What the gateway runs in.
    let services: ServiceGroup
    private let server: Task<Void, any Error>

    /// Runs `body` against a gateway, and stops it.
    static func run(
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (TestGateway) async throws -> Void
    ) async throws {
        let material = try await TestMaterial.shared()
        let backend = MemoryBackend()
        let registry = PrometheusRegistry()
        let keys = try await TokenKeys.load(
            hs256SecretPath: material.secretPath, es256PublicKeyPath: material.es256PublicKeyPath)
        var configuration = GatewayConfiguration(
            host: "127.0.0.1", port: 0, certificateChainPath: material.certificatePath,
            privateKeyPath: material.privateKeyPath)
        configure(&configuration)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "gateway-test")
        logger.logLevel = .critical
        let gateway = try Gateway(
            configuration: configuration, backend: backend,
            verifier: TokenVerifier(keys: keys, policy: TokenPolicy(issuer: TestMaterial.issuer)), registry: registry,
            logger: logger, onListening: { listening.yield($0) })
        let services = ServiceGroup(services: [gateway], logger: logger)
        let server = Task { try await services.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            try await body(
                TestGateway(
                    backend: backend, registry: registry, port: port, material: material, services: services,
                    server: server))
        } catch {
            backend.release()
            server.cancel()
            _ = try? await server.value
            throw error
        }
        backend.release()
        server.cancel()
        _ = try? await server.value
    }

    /// Waits until the gateway has come to its end.
    func stopped() async throws { try await server.value }

    /// Sends a request and reads the response. The token is a fresh one of the operator unless told otherwise.
    func request(
        _ method: String, _ target: String, headers: [String] = [], body: [UInt8]? = nil, token: Token = .operator,
        options: [String] = []
    ) async throws -> TestResponse {
        var arguments = [
            "curl", "-sS", "-i", "--max-time", "30", "--cacert", material.certificatePath, "--globoff", "--path-as-is",
        ]
        arguments += method == "HEAD" ? ["-I"] : ["-X", method]
        for header in headers { arguments += ["-H", header] }
        switch token {
        case .operator: arguments += ["-H", "Authorization: Bearer \(try await material.token([.operator]))"]
        case .roles(let roles): arguments += ["-H", "Authorization: Bearer \(try await material.token(roles))"]
        case .text(let text): arguments += ["-H", "Authorization: Bearer \(text)"]
        case .none: break
        }
        if body != nil { arguments += ["--data-binary", "@-"] }
        arguments += options + ["https://127.0.0.1:\(port)\(target)"]
        let result = try await runProgram(arguments, input: body ?? [])
        try #require(result.status == 0, "curl failed: \(result.errors)")
        return try TestResponse(result.output)
    }

    /// Posts one transaction.
    func post(
        _ document: String, headers: [String] = [], token: Token = .operator
    ) async throws -> TestResponse {
        try await request(
            "POST", "/transactions", headers: ["Content-Type: application/json"] + headers,
            body: Array(document.utf8), token: token)
    }

    /// Posts a batch.
    func postBatch(_ batch: String, headers: [String] = []) async throws -> TestResponse {
        try await request(
            "POST", "/transactions/batch", headers: ["Content-Type: application/x-ndjson"] + headers,
            body: Array(batch.utf8))
    }

    enum Token {
        case `operator`
        case roles(Set<Role>)
        case text(String)
        case none
    }

    /// A sound document, with one field changed or added.
    static func document(_ changes: [String: String] = [:]) -> String {
        var fields = [
            "user_id": #""u-1001""#, "amount": #""42.50""#, "currency": #""EUR""#, "merchant": #""Bakery""#,
            "location": #""Berlin, DE""#,
        ]
        fields.merge(changes) { $1 }
        return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }
}

/// A response as curl wrote it.
struct TestResponse {
    let status: Int
    /// By name in small letters.
    let headers: [String: String]
    let body: [UInt8]

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        var status = 0
        var headers: [String: String] = [:]
        repeat {
            let separator = Array("\r\n\r\n".utf8)
            var end = rest.startIndex
            while end + 4 <= rest.endIndex, Array(rest[end..<end + 4]) != separator { end += 1 }
            try #require(end + 4 <= rest.endIndex, "the response has no head")
            let lines = String(decoding: rest[..<end], as: UTF8.self).components(separatedBy: "\r\n")
            status = try #require(Int(lines[0].split(separator: " ")[1]))
            headers = [:]
            for line in lines.dropFirst() {
                let sides = line.split(separator: ":", maxSplits: 1)
                headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
            }
            rest = rest[(end + 4)...]
        } while status == 100
        self.status = status
        self.headers = headers
        body = Array(rest)
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    func json() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
    }

    /// The problem document, after checking that it is one.
    func problem(_ slug: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
        #expect(headers["content-type"] == "application/problem+json", sourceLocation: sourceLocation)
        let problem = try json()
        #expect(problem["type"] as? String == "urn:redoubt:problem:\(slug)", sourceLocation: sourceLocation)
        #expect(problem["status"] as? Int == status, sourceLocation: sourceLocation)
        #expect((problem["title"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
        #expect((problem["detail"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
        return problem
    }

    /// The faults of a problem document: field (with the line before it in a batch) to detail.
    func faults(_ slug: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: String] {
        let errors = try problem(slug, sourceLocation: sourceLocation)["errors"] as? [[String: Any]] ?? []
        var faults: [String: String] = [:]
        for error in errors {
            let field = error["field"] as? String ?? ""
            let key = (error["line"] as? Int).map { "\($0):\(field)" } ?? field
            faults[key] = error["detail"] as? String
        }
        return faults
    }
}
