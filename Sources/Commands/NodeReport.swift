package import HTTPSClient

/// What one node says of the cluster, `GET /cluster`; only what the commands use.
package struct NodeReport: Decodable, Sendable {
    package let node: UInt64
    package let identity: Identity?
    package let maintenance: Bool?
    package let leader: UInt64?
    package let term: UInt64
    package let commitIndex: UInt64
    package let appliedIndex: UInt64
    package let postgres: Postgres
    package let membership: Membership?
    package let members: [Member]

    package struct Identity: Decodable, Sendable {
        package let life: String
        package let state: String
        package let reason: String?
    }

    package struct Postgres: Decodable, Sendable {
        package let state: String
        package let detail: String?
    }

    package struct Membership: Codable, Sendable {
        package let voters: [UInt64]
        package let outgoing: [UInt64]
        package let learners: [UInt64]
        package let index: UInt64
        package let committed: Bool
    }

    package struct Member: Decodable, Sendable {
        package let id: UInt64
        package let life: String?
        package let role: String
        package let address: String?
        package let url: String?
        package let reachable: Bool
        package let lag: UInt64?
        package let state: String?
        package let snapshot: SnapshotProgress?
    }

    package struct SnapshotProgress: Decodable, Sendable {
        package let sentBytes: Int
        package let totalBytes: Int

        private enum CodingKeys: String, CodingKey {
            case sentBytes = "sent_bytes"
            case totalBytes = "total_bytes"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case node, identity, maintenance, leader, term, postgres, membership, members
        case commitIndex = "commit_index"
        case appliedIndex = "applied_index"
    }
}

/// What a node answered, or why it did not.
package struct NodeObservation: Sendable {
    package let endpoint: HTTPSEndpoint
    package let report: Result<NodeReport, HTTPSError>
    /// `GET /health/ready` said yes.
    package let isReady: Bool

    package init(endpoint: HTTPSEndpoint, report: Result<NodeReport, HTTPSError>, isReady: Bool) {
        self.endpoint = endpoint
        self.report = report
        self.isReady = isReady
    }
}

extension [NodeObservation] {
    /// What the nodes said that answered.
    package var reports: [NodeReport] { compactMap { try? $0.report.get() } }
}

extension [NodeReport] {
    /// The word of the leader of the highest term; where it is not heard, that of another node in this term.
    package var latest: NodeReport? {
        self.max { ($0.term, $0.leader == $0.node ? 1 : 0) < ($1.term, $1.leader == $1.node ? 1 : 0) }
    }
}
