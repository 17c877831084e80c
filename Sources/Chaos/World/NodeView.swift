import Foundation

/// What one node says of the cluster, `GET /cluster`; only what the harness uses.
package struct NodeView: Decodable, Sendable {
    package let node: Int
    package let leader: Int?
    package let term: UInt64
    package let commitIndex: UInt64?
    package let appliedIndex: UInt64?
    package let membership: Membership?
    package let identity: Identity?
    package let maintenance: Bool?

    package struct Membership: Decodable, Sendable {
        package let voters: [Int]
        package let learners: [Int]
        package let outgoing: [Int]
    }

    package struct Identity: Decodable, Sendable {
        package let life: String
        package let boot: Int
        package let state: String
    }

    private enum CodingKeys: String, CodingKey {
        case node, leader, term, membership, identity, maintenance
        case commitIndex = "commit_index"
        case appliedIndex = "applied_index"
    }
}
