/// What one node says of the cluster, `GET /cluster`; only what the commands use.
struct NodeReport: Decodable, Sendable {
    let node: UInt64
    let leader: UInt64?
    let term: UInt64
    let commitIndex: UInt64
    let appliedIndex: UInt64
    let postgres: Postgres
    let members: [Member]

    struct Postgres: Decodable, Sendable {
        let state: String
        let detail: String?
    }

    struct Member: Decodable, Sendable {
        let id: UInt64
        let role: String
        let lag: UInt64?
    }

    private enum CodingKeys: String, CodingKey {
        case node, leader, term, postgres, members
        case commitIndex = "commit_index"
        case appliedIndex = "applied_index"
    }
}

/// What a node answered, or why it did not.
struct NodeObservation: Sendable {
    let endpoint: HTTPSEndpoint
    let report: Result<NodeReport, HTTPSError>
    /// `GET /health/ready` said yes.
    let isReady: Bool
}
