import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Pipeline
import Security
import Synchronization

/// The connection broke while a request was read; nobody is left to answer.
struct ConnectionBroken: Error {
    let underlying: any Error
}

/// Turns requests into replies. One for all connections.
final class Responder<Backend: GatewayBackend>: Sendable {
    let configuration: GatewayConfiguration
    let backend: Backend
    let verifier: TokenVerifier
    let registry: PrometheusRegistry
    let parser: TransactionParser
    let batchParser: TransactionBatchParser
    let logger: Logger
    private let metrics: RequestMetrics
    private let requestsInFlight = Atomic<Int>(0)
    let batchesInFlight = Atomic<Int>(0)
    private let internalErrors = Atomic<UInt64>(0)

    init(
        configuration: GatewayConfiguration, backend: Backend, verifier: TokenVerifier, registry: PrometheusRegistry,
        logger: Logger
    ) {
        self.configuration = configuration
        self.backend = backend
        self.verifier = verifier
        self.registry = registry
        self.logger = logger
        parser = TransactionParser(maxDocumentBytes: configuration.maxDocumentBytes)
        batchParser = TransactionBatchParser(
            maxBytes: configuration.maxBatchBytes, maxLines: configuration.maxBatchLines,
            maxLineBytes: configuration.maxDocumentBytes)
        metrics = RequestMetrics(registry)
    }

    var requestsInWork: Int { requestsInFlight.load(ordering: .relaxed) }

    /// Answers one request. Throws only when the connection is to be given up.
    @concurrent
    func respond(to request: Request, _ writer: consuming ResponseWriter) async throws {
        let start = Self.monotonicNanoseconds()
        let target = request.head.path ?? ""
        let path = target.prefix { $0 != "?" }
        let (route, parameter) = Route.of(path)
        let reply: Reply
        do {
            if Self.expectsContinue(request), declaredLength(request) <= maxBodyBytes(route) {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            let query = target.utf8.count > path.utf8.count ? target.dropFirst(path.count + 1) : ""
            reply = try await self.reply(to: request, Call(route: route, parameter: parameter, query: query))
        } catch let problem as Problem {
            reply = problem.reply
        } catch let broken as ConnectionBroken {
            throw broken.underlying
        } catch let error as BackendError {
            reply = self.reply(to: error)
        } catch {
            reply = self.reply(to: .internal(String(describing: error)))
        }
        let head = HTTPResponse(status: reply.status, headerFields: reply.fields)
        let isHead = request.method == .head
        try await writer.write(
            response: head, body: isHead ? ResponseBody() : ResponseBody(byteBuffer: reply.body))
        metrics.record(route, status: reply.status.code, nanoseconds: Self.monotonicNanoseconds() - start)
    }

    /// A request on its way to a handler.
    struct Call {
        let route: Route
        let parameter: Substring
        let query: Substring
    }

    private func reply(to request: Request, _ call: Call) async throws -> Reply {
        guard (request.head.path ?? "").utf8.count <= configuration.maxTargetBytes else {
            throw Problem(.targetTooLong, "path and query are longer than \(configuration.maxTargetBytes) bytes")
        }
        guard call.route != .unknown else { throw Problem(.notFound, "there is nothing at this path") }
        guard call.route.methods.contains(request.method) else {
            let allowed = call.route.methods.map(\.rawValue).joined(separator: ", ")
            var problem = Problem(.methodNotAllowed, "only \(allowed) is allowed here")
            problem.extraFields = [.allow: allowed]
            throw problem
        }
        guard !call.route.isAlwaysServed else { return open(call.route) }
        let inFlight = requestsInFlight.wrappingAdd(1, ordering: .relaxed).newValue
        defer { requestsInFlight.wrappingSubtract(1, ordering: .relaxed) }
        guard inFlight <= configuration.maxRequestsInFlight else {
            throw Problem(
                .overloaded, "\(configuration.maxRequestsInFlight) requests are in work on this node",
                retryAfterSeconds: 1)
        }
        switch call.route {
        case .transactions where request.method == .post: return try await postTransaction(request, call)
        case .transactions: return try await listTransactions(request, call)
        case .batch: return try await postBatch(request, call)
        case .transaction: return try await getTransaction(request, call)
        case .cluster: return try await getCluster(request, call)
        case .verify: return try await postVerify(request, call)
        case .digest: return try await getDigest(request, call)
        case .live, .ready, .leader, .metrics, .openapi, .unknown: return open(call.route)
        }
    }

    /// The principal of a request, if it may do what `role` may.
    func authorize(_ request: Request, _ role: Role) async throws(Problem) -> Principal {
        guard let field = request.headers[.authorization] else {
            var problem = Problem(.unauthorized, "the Authorization header with a bearer token is missing")
            problem.extraFields = [.wwwAuthenticate: "Bearer realm=\"redoubt\""]
            throw problem
        }
        guard field.utf8.count > 7, field.utf8.prefix(7).elementsEqual("Bearer ".utf8, by: { $0 | 0x20 == $1 | 0x20 })
        else {
            var problem = Problem(.unauthorized, "the Authorization header does not hold a bearer token")
            problem.extraFields = [.wwwAuthenticate: "Bearer realm=\"redoubt\""]
            throw problem
        }
        let token = String(field.dropFirst(7))
        let principal: Principal
        if let known = verifier.cachedPrincipal(bearer: token) {
            principal = known
        } else {
            do {
                principal = try await verifier.verify(bearer: token)
            } catch {
                throw Problem(error)
            }
        }
        guard principal.may(role) else {
            var problem = Problem(.forbidden, "this takes the role \"\(role.rawValue)\"")
            problem.extraFields = [.wwwAuthenticate: "Bearer realm=\"redoubt\", error=\"insufficient_scope\""]
            throw problem
        }
        return principal
    }

    /// The whole body, if it has at most `limit` bytes.
    func body(_ request: Request, limit: Int) async throws -> ByteBuffer {
        guard declaredLength(request) <= limit else { throw Problem.bodyTooLarge(limit) }
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem.bodyTooLarge(limit)
        } catch {
            throw ConnectionBroken(underlying: error)
        }
    }

    func requireContentType(_ request: Request, _ accepted: [String]) throws(Problem) {
        guard let field = request.headers[.contentType] else { return }
        if field == accepted[0] { return }
        let type = field.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard accepted.contains(type) else {
            throw Problem(.unsupportedContentType, "the body must be \(accepted[0])")
        }
    }

    func reply(to error: BackendError) -> Reply {
        Problem(error) {
            let id =
                "req_" + String(internalErrors.wrappingAdd(1, ordering: .relaxed).newValue, radix: 16)
                + "_" + String(Self.monotonicNanoseconds(), radix: 16)
            logger.error("request failed", metadata: ["request_id": "\(id)", "error": "\(error)"])
            return id
        }.reply
    }

    private func declaredLength(_ request: Request) -> Int {
        guard let field = request.headers[.contentLength] else { return 0 }
        return Int(field) ?? Int.max
    }

    private func maxBodyBytes(_ route: Route) -> Int {
        switch route {
        case .transactions: configuration.maxDocumentBytes
        case .batch: configuration.maxBatchBytes
        default: 0
        }
    }

    private static func expectsContinue(_ request: Request) -> Bool {
        guard let expectation = request.headers[.expect] else { return false }
        return expectation.lowercased() == "100-continue"
    }

    static func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func wallClockMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
