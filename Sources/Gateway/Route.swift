import NIOHTTP1

/// The paths of the API.
enum Route: Int, CaseIterable, Sendable {
    case transactions, batch, transaction, cluster, verify, digest
    case members, member, replacement, leadership, snapshot, history, maintenance
    case live, ready, leader, metrics, openapi
    /// Any other path.
    case unknown

    /// The name of the route in metrics.
    var template: String {
        switch self {
        case .transactions: "/transactions"
        case .batch: "/transactions/batch"
        case .transaction: "/transactions/{id}"
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
        case .transactions: [.GET, .POST]
        case .batch, .verify, .members, .replacement, .leadership, .snapshot: [.POST]
        case .transaction, .cluster, .digest, .history: [.GET]
        case .member: [.DELETE]
        case .maintenance: [.PUT]
        case .live, .ready, .leader, .metrics, .openapi: [.GET, .HEAD]
        case .unknown: []
        }
    }

    /// Answered even when the node has too much to do.
    var isAlwaysServed: Bool {
        switch self {
        case .live, .ready, .leader, .metrics, .openapi, .unknown: true
        case .transactions, .batch, .transaction, .cluster, .verify, .digest: false
        case .members, .member, .replacement, .leadership, .snapshot, .history, .maintenance: false
        }
    }

    /// The route of a path, and what stands in the place of its parameter.
    static func of(_ path: Substring) -> (route: Route, parameter: Substring) {
        switch path {
        case "/transactions": return (.transactions, "")
        case "/transactions/batch": return (.batch, "")
        case "/health/live": return (.live, "")
        case "/health/ready": return (.ready, "")
        case "/health/leader": return (.leader, "")
        case "/metrics": return (.metrics, "")
        case "/cluster": return (.cluster, "")
        case "/cluster/verify": return (.verify, "")
        case "/cluster/members": return (.members, "")
        case "/cluster/replace": return (.replacement, "")
        case "/cluster/leader": return (.leadership, "")
        case "/cluster/snapshot": return (.snapshot, "")
        case "/cluster/history": return (.history, "")
        case "/cluster/maintenance": return (.maintenance, "")
        case "/openapi.yaml": return (.openapi, "")
        default: break
        }
        let families = [
            (Route.transaction, "/transactions/"), (.digest, "/cluster/digest/"), (.member, "/cluster/members/"),
        ]
        for (route, prefix) in families where path.hasPrefix(prefix) {
            let parameter = path.dropFirst(prefix.count)
            if !parameter.isEmpty, !parameter.contains("/") { return (route, parameter) }
        }
        return (.unknown, "")
    }
}
