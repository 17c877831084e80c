package import Raft
import Replica

/// A learner that is meant to vote, and whose vote it takes.
package struct Promotion: Equatable, Sendable {
    package let learner: NodeID
    private let contact: MemberContact

    /// Of the members of this membership, in their order.
    package static func all(of membership: Membership) -> [Promotion] {
        membership.learners.compactMap { learner in
            guard let contact = membership.contact(of: learner), contact.intent != .stay else { return nil }
            return Promotion(learner: learner, contact: contact)
        }
    }

    /// Makes the first that is not refused: one that is, mostly because its learner lacks too much yet, must not keep the
    /// others waiting.
    package static func first<Refusal: Error>(
        of membership: Membership, make: (Promotion) async throws(Refusal) -> LogIndex,
        refused: (Promotion, Refusal) -> Void
    ) async -> (Promotion, LogIndex)? {
        for promotion in all(of: membership) {
            do throws(Refusal) {
                return (promotion, try await make(promotion))
            } catch {
                refused(promotion, error)
            }
        }
        return nil
    }

    /// The learner in the place of the member whose vote it takes: an earlier life of its own number, or another number.
    package func change(of membership: Membership) -> MembershipChange {
        let replaced: UInt64 = if case .replace(let number) = contact.intent { number } else { learner.number }
        return MembershipChange(
            voters: membership.voters.filter { $0.number != replaced } + [learner],
            learners: membership.learners.filter { $0 != learner && $0.number != replaced },
            contacts: [learner: contact.with(.stay).encode()])
    }
}
