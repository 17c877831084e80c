import HTTPTypes
import Logging
import NIOCore
import Pipeline
import Security

/// What an operator does to the cluster.
extension Responder {
    func administer(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .operator)
        let isHistory = request.route == .history
        let query = try QueryParameters(request.query, known: isHistory ? ["limit"] : [])
        let administration = backend.administration
        if isHistory { return try json(["events": try await administration.history(limit: try query.limit())]) }

        let change = try change(request)
        // Who did what is for the record, whatever comes of it.
        logger.notice("administration", metadata: ["subject": "\(principal.subject)", "change": "\(change)"])
        do throws(BackendError) {
            switch change {
            case .add(let member): return try receipt(try await administration.add(member))
            case .remove(let number): return try receipt(try await administration.remove(number: number))
            case .replace(let number, let member):
                return try receipt(try await administration.replace(number: number, by: member))
            case .transfer(let number): return try json(try await administration.transferLeadership(to: number))
            case .snapshot: return try json(try await administration.takeSnapshot())
            case .maintenance(let isOn): return try json(try await administration.setMaintenance(isOn))
            }
        } catch .deadlineExceeded {
            throw Problem(
                .outcomeUnknown,
                "the deadline passed before the outcome was known: the change may or may not be made. See GET /cluster "
                    + "before asking again", retryAfterSeconds: 1)
        }
    }

    /// What a request asks for.
    private enum Change: CustomStringConvertible {
        case add(MemberAddition)
        case remove(number: UInt64)
        case replace(number: UInt64, by: MemberAddition)
        case transfer(to: UInt64?)
        case snapshot
        case maintenance(Bool)

        var description: String {
            switch self {
            case .add(let member): "add \(Self.words(member))"
            case .remove(let number): "remove node \(number)"
            case .replace(let number, let member): "replace node \(number) by \(Self.words(member))"
            case .transfer(let number): "transfer the leadership" + (number.map { " to node \($0)" } ?? "")
            case .snapshot: "take a snapshot"
            case .maintenance(let isOn): "maintenance \(isOn ? "on" : "off")"
            }
        }

        private static func words(_ member: MemberAddition) -> String {
            "node \(member.number) at \(member.peerAddress)" + (member.promote ? "" : " as a learner")
        }
    }

    private func change(_ request: Request) throws -> Change {
        switch request.route {
        case .members: return .add(try AdministrationRequests.addition(try document(request)))
        case .member:
            guard let number = QueryParameters.digits(request.parameter),
                AdministrationRequests.memberNumbers.contains(number)
            else { throw Problem(.notFound, "a member's number is a whole number from 1 to 65535") }
            return .remove(number: number)
        case .replacement:
            let (number, member) = try AdministrationRequests.replacement(try document(request))
            return .replace(number: number, by: member)
        case .leadership: return .transfer(to: try AdministrationRequests.leader(try document(request)))
        case .snapshot: return .snapshot
        case .maintenance: return .maintenance(try AdministrationRequests.maintenance(try document(request)))
        default: preconditionFailure("\(request.route) is no change of the cluster")
        }
    }

    private func document(_ request: Request) throws(Problem) -> ByteBuffer {
        try requireContentType(request, ["application/json"])
        return try body(of: request)
    }

    /// 202 while something is left to be done.
    private func receipt(_ receipt: MembershipReceipt) throws(BackendError) -> Reply {
        try json(receipt, receipt.isFinal ? .ok : .accepted)
    }

    private func json(
        _ value: some Encodable, _ status: HTTPResponse.Status = .ok
    ) throws(BackendError) -> Reply {
        do {
            return Reply(status, try encode(value))
        } catch {
            throw .internal("a reply can't be encoded: \(error)")
        }
    }
}
