import FoundationEssentials
import Gateway
import Pipeline

/// What nodes say to each other about who belongs to the cluster and who should lead it, beside what their cores say.
enum ClusterMessage: Codable, Equatable, Sendable {
    /// From a node with an empty disk: this is where it is reached; may it join?
    case application(address: String, url: String)
    /// Why the application is not granted yet.
    case answer(reason: String)
    /// For the leader, from each member, again and again: could it serve in the leader's place?
    case readiness(Bool)
    /// For the leader, from a node that was asked by an operator.
    case request(id: UInt64, AdministrationRequest)
    case response(id: UInt64, AdministrationResponse)

    /// Tells these messages from the pipeline's, which begin with other bytes.
    private static let marker: UInt8 = 0xC1

    /// The marker, then JSON: these are few, and small.
    func encode() -> [UInt8] {
        guard let json = try? JSONEncoder().encode(self) else { preconditionFailure("a message can be encoded") }
        return [Self.marker] + json
    }

    static func isOne(_ content: [UInt8]) -> Bool { content.first == marker }

    /// Throws for what `encode` would not have written.
    static func decode(_ content: [UInt8]) throws -> ClusterMessage {
        try JSONDecoder().decode(ClusterMessage.self, from: Data(content.dropFirst()))
    }
}

/// What an operator asks of the leader.
enum AdministrationRequest: Codable, Equatable, Sendable {
    case add(MemberAddition)
    case remove(number: UInt64)
    case replace(number: UInt64, by: MemberAddition)
    case transfer(to: UInt64?)
}

/// What came of it.
enum AdministrationResponse: Codable, Equatable, Sendable {
    case membership(MembershipReceipt)
    case transfer(TransferReceipt)
    case conflict(code: String, detail: String)
    case unavailable(reason: String)
    /// It may or may not have been done.
    case unknown

    init(_ error: BackendError) {
        switch error {
        case .conflict(let code, let detail): self = .conflict(code: code.rawValue, detail: detail)
        case .unavailable(let reason, _): self = .unavailable(reason: reason)
        default: self = .unknown
        }
    }

    /// The receipt, or the error that the leader met with.
    func receipt() throws(BackendError) -> AdministrationResponse {
        switch self {
        case .membership, .transfer: return self
        case .conflict(let code, let detail):
            guard let code = ConflictCode(rawValue: code) else { throw .internal("unknown conflict \(code)") }
            throw .conflict(code: code, detail: detail)
        case .unavailable(let reason): throw .unavailable(reason: reason, retryAfterSeconds: 1)
        case .unknown: throw .deadlineExceeded
        }
    }
}
