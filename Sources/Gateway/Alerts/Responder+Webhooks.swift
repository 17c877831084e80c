import HTTPTypes
import NIOCore
import NIOHTTP1
import Pipeline
import Security

/// Whom the cluster tells of alerts.
extension Responder {
    func respondAboutWebhooks(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .operator)
        try rejectQuery(request)
        guard request.route != .webhooks else {
            return Reply(.ok, try encode(WebhooksDocument(try await backend.webhooks.webhooks())))
        }
        guard let name = WebhookRequests.name(request.decodedParameter()) else {
            // Whoever makes one is told what names there are; to all others there is no such webhook.
            guard request.method == .PUT else {
                throw Problem(.notFound, "a webhook's name \(WebhookRequests.nameFault)")
            }
            throw Problem.invalid("name", WebhookRequests.nameFault)
        }
        switch request.route {
        case .webhook where request.method == .GET: return try await getWebhook(name)
        case .webhook where request.method == .DELETE:
            let receipt = try await change(principal, "remove the webhook \(name)") { () throws(BackendError) in
                try await backend.webhooks.removeWebhook(name, author: principal.subject)
            }
            return Reply(.ok, try encode(WebhookReceipt(name, receipt)))
        case .webhook: return try await putWebhook(name, request, principal)
        case .webhookTest:
            let report = try await change(principal, "test the webhook \(name)") { () throws(BackendError) in
                try await backend.webhooks.testWebhook(name)
            }
            return Reply(.ok, try encode(WebhookTestAnswer(report)))
        case .webhookReplay: return try await replayWebhook(name, request, principal)
        default: preconditionFailure("\(request.route) is not about webhooks")
        }
    }

    private func getWebhook(_ name: String) async throws -> Reply {
        guard let webhook = try await backend.webhooks.webhooks().first(where: { $0.name == name }) else {
            throw Problem(.notFound, "there is no webhook \"\(name)\"")
        }
        return Reply(.ok, try encode(WebhookDocument(webhook)))
    }

    private func putWebhook(_ name: String, _ request: Request, _ principal: Principal) async throws -> Reply {
        try requireContentType(request, ["application/json"])
        let webhook = try WebhookRequests.webhook(try body(of: request))
        // Neither the secret nor the address, which may hold one, is for the log.
        let receipt = try await change(principal, "put the webhook \(name)") { () throws(BackendError) in
            try await backend.webhooks.putWebhook(
                name, url: webhook.url, secret: webhook.secret, isEnabled: webhook.isEnabled,
                author: principal.subject)
        }
        return Reply(.ok, try encode(WebhookReceipt(name, receipt)))
    }

    private func replayWebhook(_ name: String, _ request: Request, _ principal: Principal) async throws -> Reply {
        try requireContentType(request, ["application/json"])
        let position = try WebhookRequests.replay(try body(of: request))
        let what = "replay \(position.map { "\($0)" } ?? "what was given up") to the webhook \(name)"
        let report = try await change(principal, what) { () throws(BackendError) in
            try await backend.webhooks.replayWebhook(name, position: position)
        }
        return Reply(.ok, try encode(ReplayAnswer(report)))
    }
}
