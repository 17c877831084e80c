import APIDescription
import Bytes
import FoundationEssentials
import HTTPTypes
import NIOCore
import Pipeline
import Security

extension Responder {
    // MARK: The cluster

    func getCluster(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        try rejectQuery(request)
        return Reply(.ok, try encode(await backend.clusterStatus()))
    }

    func postVerify(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .operator)
        try rejectQuery(request)
        let index = try await backend.startVerification()
        return Reply(.accepted, Array("{\"index\":\(index)}".utf8))
    }

    func getDigest(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .operator)
        try rejectQuery(request)
        guard let index = QueryParameters.digits(request.parameter) else {
            throw Problem(.notFound, "a log index is a whole number")
        }
        switch try await backend.contentDigest(at: index) {
        case .known(let digest): return Reply(.ok, try encode(digest))
        case .computing: return Reply(.accepted, Array("{\"status\":\"processing\",\"index\":\(index)}".utf8))
        case .unknown: throw Problem(.notFound, "no verification stands at index \(index), or it is no longer kept")
        }
    }

    func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    // MARK: Open to everyone

    /// The routes without a token: they tell nothing of what is stored.
    func open(_ route: Route) -> Reply {
        switch route {
        case .metrics:
            return Reply(.ok, registry.exposition(), contentType: PrometheusText.contentType)
        case .openapi:
            return Reply(.ok, APIDescription.openAPI, contentType: "application/yaml")
        default:
            return health(route)
        }
    }

    private func health(_ route: Route) -> Reply {
        let health = backend.health
        let (holds, yes, no): (Bool, StaticString, StaticString) =
            switch route {
            case .live: (health.isLive, "live", "not live")
            case .ready: (health.isReady, "ready", "not ready")
            default: (health.isLeader, "leader", "not leader")
            }
        var body: [UInt8] = []
        JSONBytes.append("{\"status\":\"", to: &body)
        JSONBytes.append(holds ? yes : no, to: &body)
        JSONBytes.append("\"", to: &body)
        if !holds, route != .leader, let reason = health.reason {
            JSONBytes.append(",\"reason\":", to: &body)
            JSONBytes.append(string: reason, to: &body)
        }
        JSONBytes.append("}", to: &body)
        return Reply(holds ? .ok : .serviceUnavailable, body)
    }
}
