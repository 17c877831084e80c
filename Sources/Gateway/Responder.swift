import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Pipeline
import Security
import Synchronization

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
    let detectionMetrics: DetectionMetrics
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
        detectionMetrics = DetectionMetrics(registry)
    }

    var requestsInWork: Int { requestsInFlight.load(ordering: .relaxed) }

    /// The most of a body that is taken; zero where none is wanted, whatever comes is then passed over.
    func maxBodyBytes(_ route: Route) -> Int {
        switch route {
        case .transactions: configuration.maxDocumentBytes
        case .batch: configuration.maxBatchBytes
        case .label: LabelRequests.maxLineBytes
        case .labels: configuration.maxBatchBytes
        case .rules, .ruleValidation, .backtests: RuleRequests.maxBodyBytes
        case .ruleRollback: RegistryRequests.maxRollbackBodyBytes
        case .list, .listEntries: RegistryRequests.maxListBodyBytes
        case .models: RegistryRequests.maxModelBytes
        case .review: ReviewRequests.maxBodyBytes
        case .webhook: WebhookRequests.maxBodyBytes
        case .webhookReplay: WebhookRequests.maxReplayBodyBytes
        case .pipelineReset: StreamRequests.maxBodyBytes
        case .members, .replacement, .leadership, .maintenance: AdministrationRequests.maxBodyBytes
        default: 0
        }
    }

    /// A refused body is read a little further than the largest that is taken, so that its sender can see the refusal.
    var maxRefusedBodyBytes: Int { 4 * max(configuration.maxBatchBytes, configuration.maxDocumentBytes) }

    /// Answers one request, whatever it is.
    func respond(to request: Request) async -> Reply {
        do {
            return try await reply(to: request)
        } catch let problem as Problem {
            return problem.reply
        } catch let error as BackendError {
            return reply(to: error)
        } catch {
            return reply(to: .internal(String(describing: error)))
        }
    }

    /// Counts a request that was answered.
    func record(_ request: Request, _ reply: Reply) {
        metrics.record(
            request.route, status: reply.status.code, nanoseconds: monotonicNanoseconds() - request.startNanoseconds)
    }

    private func reply(to request: Request) async throws -> Reply {
        guard request.target.utf8.count <= configuration.maxTargetBytes else {
            throw Problem(.targetTooLong, "path and query are longer than \(configuration.maxTargetBytes) bytes")
        }
        guard request.route != .unknown else { throw Problem(.notFound, "there is nothing at this path") }
        guard request.route.methods.contains(request.method) else {
            let allowed = request.route.methods.map(\.rawValue).joined(separator: ", ")
            var problem = Problem(.methodNotAllowed, "only \(allowed) is allowed here")
            problem.extraFields = [.allow: allowed]
            throw problem
        }
        guard !request.route.isAlwaysServed else {
            if request.route == .metrics { await detectionMetrics.update(from: backend.detection) }
            return open(request.route)
        }
        let inFlight = requestsInFlight.wrappingAdd(1, ordering: .relaxed).newValue
        defer { requestsInFlight.wrappingSubtract(1, ordering: .relaxed) }
        guard inFlight <= configuration.maxRequestsInFlight else {
            throw Problem(
                .overloaded, "\(configuration.maxRequestsInFlight) requests are in work on this node",
                retryAfterSeconds: 1)
        }
        switch request.route {
        case .transactions where request.method == .POST: return try await postTransaction(request)
        case .transactions: return try await listTransactions(request)
        case .batch: return try await postBatch(request)
        case .transaction: return try await getTransaction(request)
        case .label: return try await postLabel(request)
        case .labels: return try await postLabels(request)
        case .userProfile: return try await getUserProfile(request)
        case .merchantProfile: return try await getMerchantProfile(request)
        case .rules, .ruleHistory, .ruleRollback, .ruleValidation, .backtests, .backtest:
            return try await respondAboutRules(request)
        case .lists: return try await getLists(request)
        case .list: return try await list(request)
        case .listEntries: return try await listEntries(request)
        case .listEntry: return try await listEntry(request)
        case .models, .model, .modelArtifact, .modelActivation, .modelShadow, .modelShadowEnd, .modelRollback,
            .modelComparison:
            return try await respondAboutModels(request)
        case .alerts, .alertStream, .alert, .review: return try await respondAboutAlerts(request)
        case .webhooks, .webhook, .webhookTest, .webhookReplay: return try await respondAboutWebhooks(request)
        case .pipeline, .pipelinePause, .pipelineResume, .pipelineReset, .deadLetters:
            return try await respondAboutStreams(request)
        case .cluster: return try await getCluster(request)
        case .verify: return try await postVerify(request)
        case .digest: return try await getDigest(request)
        case .members, .member, .replacement, .leadership, .snapshot, .history, .maintenance:
            return try await administer(request)
        case .live, .ready, .leader, .metrics, .openapi, .unknown: return open(request.route)
        }
    }

    /// The principal of a request, if it may do what `role` may.
    func authorize(_ request: Request, _ role: Role) async throws(Problem) -> Principal {
        guard let field = request[.authorization] else {
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

    /// The whole body, if it is not too large for its route.
    func body(of request: Request) throws(Problem) -> ByteBuffer {
        guard !request.isTooLarge else { throw Problem.bodyTooLarge(maxBodyBytes(request.route)) }
        return request.body
    }

    func rejectQuery(_ request: Request) throws(Problem) {
        guard !request.query.isEmpty else { return }
        _ = try QueryParameters(request.query, known: [])
    }

    func requireContentType(_ request: Request, _ accepted: [String]) throws(Problem) {
        guard let field = request[.contentType] else { return }
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
                + "_" + String(monotonicNanoseconds(), radix: 16)
            logger.error("request failed", metadata: ["request_id": "\(id)", "error": "\(error)"])
            return id
        }.reply
    }
}
