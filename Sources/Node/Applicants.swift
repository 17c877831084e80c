package import Raft
package import Replica

/// The nodes that ask to be admitted. Each asks again and again for as long as it waits.
package struct Applicants {
    /// One that asked this long ago and not since is gone.
    static let patience: Duration = .seconds(5)

    /// What a request to admit a number meets.
    package enum Standing: Equatable, Sendable {
        /// A member already, in another life than the one that is replaced.
        case isMember
        /// It asks to be admitted.
        case asks(NodeID)
        /// Nobody asks under this number; or a change is being made, which may be the one that admits it.
        case notYet
    }

    private struct Application {
        var node: NodeID
        var contact: MemberContact
        var heard: ContinuousClock.Instant
    }

    /// By number.
    private var applications: [UInt64: Application] = [:]

    package init() {}

    /// - Returns: whether it asks for the first time.
    package mutating func heard(
        _ node: NodeID, contact: MemberContact, now: ContinuousClock.Instant
    ) -> Bool {
        let isNew = applications[node.number]?.node != node
        applications[node.number] = Application(node: node, contact: contact, heard: now)
        return isNew
    }

    package func contact(ofNumber number: UInt64) -> MemberContact? { applications[number]?.contact }

    /// Forgets who has been admitted, and who is gone.
    package mutating func tidy(members: Membership, now: ContinuousClock.Instant) {
        applications = applications.filter { _, one in
            !members.contains(one.node) && now - one.heard <= Self.patience
        }
    }

    /// - Parameters:
    ///   - afterLife: the one that is to be replaced, if one is; a newcomer of its number may be admitted without the
    ///     request meanwhile.
    ///   - isChanging: the members are being changed at this moment.
    package func standing(
        ofNumber number: UInt64, afterLife: NodeID?, in membership: Membership, isChanging: Bool,
        now: ContinuousClock.Instant
    ) -> Standing {
        if let afterLife, membership.hasLife(of: number, besides: afterLife) { return .isMember }
        guard !isChanging, let one = applications[number], now - one.heard < Self.patience else { return .notYet }
        return .asks(one.node)
    }
}
