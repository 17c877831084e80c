package import Gateway
import HTTPSClient
import NIOCore

/// Carries a change of the members out and tells what came of it.
struct MembershipChange: Sendable {
    /// "added"
    let verb: String
    let goal: MembershipGoal
    let request: AdministrationRequest
    let waiting: MembershipWaitOptions
    /// The cluster may stand still for a moment, which is measured.
    var isDisturbing = false
    /// That the node is a member already is no refusal: one with an empty disk asks to be admitted by itself.
    var acceptsMember = false
    /// The life of the member that is replaced; who comes in another of the same number has done so by itself.
    var formerLife: String?

    func run(_ administration: AdministrationOptions) async throws {
        try await administration.run { client in try await perform(client) }
    }

    private func perform(_ client: AdministrationClient) async throws -> MembershipChangeResult {
        let began = ContinuousClock.now
        let probe =
            isDisturbing && !waiting.noWait
            ? PauseProbe(client: client.client, endpoints: await others(client), token: client.token) : nil
        var receipt: MembershipReceipt
        do {
            receipt = try await begin(client)
            if !waiting.noWait {
                try await goal.wait(client.observer, timeoutSeconds: waiting.timeout)
                receipt = await presentMembers(client, or: receipt)
            }
        } catch {
            _ = await probe?.stop()
            throw error
        }
        return MembershipChangeResult(
            number: goal.number, verb: verb, receipt: receipt, seconds: (ContinuousClock.now - began).inSeconds,
            pauseMilliseconds: await probe?.stop())
    }

    private func begin(_ client: AdministrationClient) async throws -> MembershipReceipt {
        do {
            return try await client.send(
                request, as: MembershipReceipt.self, patienceSeconds: min(waiting.timeout, 30))
        } catch AdministrationFailure.refused(_, _, "already-member", _) where acceptsMember {
            return await presentMembers(client, or: .unknown)
        } catch AdministrationFailure.refused(let node, let status, "member-alive", let text) where acceptsMember {
            let members = await client.observer.observe(timeout: .seconds(2)).reports.latest?.members ?? []
            guard let formerLife, members.haveLife(of: goal.number, besides: formerLife) else {
                throw AdministrationFailure.refused(node: node, status: status, code: "member-alive", text: text)
            }
            return await presentMembers(client, or: .unknown)
        }
    }

    /// The nodes but the one that is changed: what becomes of that one is no pause of the cluster.
    private func others(_ client: AdministrationClient) async -> [HTTPSEndpoint] {
        await client.observer.observe(timeout: .seconds(2)).compactMap { observation in
            guard let report = try? observation.report.get(), report.node != goal.number else { return nil }
            return observation.endpoint
        }
    }

    private func presentMembers(
        _ client: AdministrationClient, or receipt: MembershipReceipt
    ) async -> MembershipReceipt {
        let reports = await client.observer.observe(timeout: .seconds(2)).reports
        guard let membership = reports.latest?.membership else { return receipt }
        return MembershipReceipt(
            index: membership.index, voters: membership.voters, learners: membership.learners,
            isFinal: membership.outgoing.isEmpty && membership.committed
                && (goal.state != .voter || !membership.learners.contains(goal.number)))
    }
}

extension MembershipReceipt {
    fileprivate static let unknown = MembershipReceipt(index: 0, voters: [], learners: [], isFinal: false)
}

extension [NodeReport.Member] {
    /// Is the number a member in another life than this one?
    package func haveLife(of number: UInt64, besides former: String) -> Bool {
        contains { $0.id == number && $0.life != nil && $0.life != former }
    }
}

/// What `cluster add`, `remove` and `replace` print.
package struct MembershipChangeResult: Encodable, Sendable, TextRepresentable {
    package let number: UInt64
    package let change: String
    package let index: UInt64
    package let voters: [UInt64]
    package let learners: [UInt64]
    package let isFinal: Bool
    package let seconds: Double
    package let pauseMilliseconds: Double?

    package init(
        number: UInt64, verb: String, receipt: MembershipReceipt, seconds: Double, pauseMilliseconds: Double?
    ) {
        self.number = number
        change = verb
        index = receipt.index
        voters = receipt.voters
        learners = receipt.learners
        isFinal = receipt.isFinal
        self.seconds = seconds.rounded(places: 3)
        self.pauseMilliseconds = pauseMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case number, change, index, voters, learners, seconds
        case isFinal = "final"
        case pauseMilliseconds = "pause_ms"
    }

    package var text: String {
        var lines = [
            isFinal
                ? "Node \(number) is \(change), after \(seconds.rounded(places: 1)) s."
                : "Node \(number) is being \(change); `redoubt cluster status` shows how far it is.",
            MembershipText.line(voters: voters, outgoing: [], learners: learners, index: index),
        ]
        if let pauseMilliseconds {
            lines.append("The longest that a read had to wait meanwhile: \(pauseMilliseconds) ms.")
        }
        return lines.joined(separator: "\n")
    }
}

/// Members in a line, for people.
package enum MembershipText {
    package static func line(voters: [UInt64], outgoing: [UInt64], learners: [UInt64], index: UInt64) -> String {
        var parts = ["Voters \(list(voters))"]
        if !outgoing.isEmpty { parts.append("leaving \(list(outgoing))") }
        if !learners.isEmpty { parts.append("learners \(list(learners))") }
        return parts.joined(separator: "; ") + (index > 0 ? ", by entry \(index)." : ".")
    }

    private static func list(_ numbers: [UInt64]) -> String {
        numbers.isEmpty ? "none" : numbers.map { String($0) }.joined(separator: ", ")
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
