import NIOHTTP1

/// The paths of the API.
enum Route: Int, CaseIterable, Sendable {
    case transactions, batch, transaction, label, labels, userProfile, merchantProfile
    case rules, ruleHistory, ruleRollback, ruleValidation, backtests, backtest
    case lists, list, listEntries, listEntry
    case models, model, modelArtifact, modelActivation, modelShadow, modelShadowEnd, modelRollback, modelComparison
    case alerts, alertStream, alert, review
    case webhooks, webhook, webhookTest, webhookReplay
    case pipeline, pipelinePause, pipelineResume, pipelineReset, deadLetters
    case cluster, verify, digest
    case members, member, replacement, leadership, snapshot, history, maintenance
    case live, ready, leader, metrics, openapi
    /// Any other path.
    case unknown

    /// The name of the route in metrics; what stands in braces is a parameter.
    var template: String {
        switch self {
        case .transactions: "/transactions"
        case .batch: "/transactions/batch"
        case .transaction: "/transactions/{id}"
        case .label: "/transactions/{id}/label"
        case .labels: "/labels"
        case .userProfile: "/users/{id}/profile"
        case .merchantProfile: "/merchants/{id}/profile"
        case .rules: "/rules"
        case .ruleHistory: "/rules/history"
        case .ruleRollback: "/rules/rollback"
        case .ruleValidation: "/rules/validate"
        case .backtests: "/rules/backtest"
        case .backtest: "/rules/backtest/{id}"
        case .lists: "/lists"
        case .list: "/lists/{name}"
        case .listEntries: "/lists/{name}/entries"
        case .listEntry: "/lists/{name}/entries/{value}"
        case .models: "/models"
        case .model: "/models/{id}"
        case .modelArtifact: "/models/{id}/artifact"
        case .modelActivation: "/models/{id}/activate"
        case .modelShadow: "/models/{id}/shadow"
        case .modelShadowEnd: "/models/shadow"
        case .modelRollback: "/models/rollback"
        case .modelComparison: "/models/compare"
        case .alerts: "/alerts"
        case .alertStream: "/alerts/stream"
        case .alert: "/alerts/{id}"
        case .review: "/alerts/{id}/review"
        case .webhooks: "/webhooks"
        case .webhook: "/webhooks/{name}"
        case .webhookTest: "/webhooks/{name}/test"
        case .webhookReplay: "/webhooks/{name}/replay"
        case .pipeline: "/pipeline"
        case .pipelinePause: "/pipeline/pause"
        case .pipelineResume: "/pipeline/resume"
        case .pipelineReset: "/pipeline/reset"
        case .deadLetters: "/pipeline/dead-letters"
        case .cluster: "/cluster"
        case .verify: "/cluster/verify"
        case .digest: "/cluster/digest/{index}"
        case .members: "/cluster/members"
        case .member: "/cluster/members/{id}"
        case .replacement: "/cluster/replace"
        case .leadership: "/cluster/leader"
        case .snapshot: "/cluster/snapshot"
        case .history: "/cluster/history"
        case .maintenance: "/cluster/maintenance"
        case .live: "/health/live"
        case .ready: "/health/ready"
        case .leader: "/health/leader"
        case .metrics: "/metrics"
        case .openapi: "/openapi.yaml"
        case .unknown: "other"
        }
    }

    var methods: [HTTPMethod] {
        switch self {
        case .transactions, .models, .backtests: [.GET, .POST]
        case .batch, .verify, .members, .replacement, .leadership, .snapshot: [.POST]
        case .label, .labels, .ruleRollback, .ruleValidation: [.POST]
        case .modelActivation, .modelShadow, .modelRollback: [.POST]
        case .review, .webhookTest, .webhookReplay, .pipelinePause, .pipelineResume, .pipelineReset: [.POST]
        case .transaction, .cluster, .digest, .history: [.GET]
        case .alerts, .alertStream, .alert, .webhooks, .pipeline, .deadLetters: [.GET]
        case .userProfile, .merchantProfile, .ruleHistory, .modelComparison, .modelArtifact, .lists: [.GET]
        case .rules: [.GET, .PUT]
        case .backtest, .model: [.GET, .DELETE]
        case .list, .webhook: [.GET, .PUT, .DELETE]
        case .listEntries: [.POST, .DELETE]
        case .listEntry: [.PUT, .DELETE]
        case .member, .modelShadowEnd: [.DELETE]
        case .maintenance: [.PUT]
        case .live, .ready, .leader, .metrics, .openapi: [.GET, .HEAD]
        case .unknown: []
        }
    }

    /// Answered even when the node has too much to do.
    var isAlwaysServed: Bool {
        switch self {
        case .live, .ready, .leader, .metrics, .openapi, .unknown: true
        default: false
        }
    }

    private static let literals = Dictionary(
        uniqueKeysWithValues: allCases.filter { !$0.template.contains("{") && $0 != .unknown }.map {
            ($0.template[...], $0)
        })
    private static let patterns = allCases.filter { $0.template.contains("{") }.map {
        ($0, $0.template.split(separator: "/", omittingEmptySubsequences: false))
    }

    /// The route of a path, and what stands in the places of its parameters, percent signs and all; never empty.
    static func of(_ path: Substring) -> (route: Route, parameters: [Substring]) {
        // The one that is asked for a thousand times as often as all others.
        if path == "/transactions" { return (.transactions, []) }
        if let route = literals[path] { return (route, []) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for (route, pattern) in patterns where pattern.count == parts.count {
            if let parameters = parameters(parts, pattern) { return (route, parameters) }
        }
        return (.unknown, [])
    }

    private static func parameters(_ parts: [Substring], _ pattern: [Substring]) -> [Substring]? {
        var parameters: [Substring] = []
        for (part, wanted) in zip(parts, pattern) {
            if wanted.hasPrefix("{") {
                guard !part.isEmpty else { return nil }
                parameters.append(part)
            } else if part != wanted {
                return nil
            }
        }
        return parameters
    }
}
