import Node
import PeerTransport
import Raft
import Replica
import Testing

@Suite("Nodes that ask to be admitted") struct ApplicantsTests {
    private static let old = NodeID(number: 3, life: 1)
    private static let new = NodeID(number: 3, life: 2)
    private static let contact = MemberContact(address: PeerAddress(host: "h", port: 1), url: "")
    private let start = ContinuousClock.now

    private static func membership(_ members: NodeID...) -> Membership {
        Membership(
            voters: members, contacts: Dictionary(uniqueKeysWithValues: members.map { ($0, contact.encode()) }))
    }

    private func standing(
        _ applicants: Applicants, afterLife: NodeID? = nil, in membership: Membership, isChanging: Bool = false,
        at seconds: Int = 0
    ) -> Applicants.Standing {
        applicants.standing(
            ofNumber: 3, afterLife: afterLife, in: membership, isChanging: isChanging, now: start + .seconds(seconds))
    }

    @Test func `are known for as long as they ask`() {
        let members = Self.membership(NodeID(1), NodeID(2))
        var applicants = Applicants()
        #expect(standing(applicants, in: members) == .notYet)
        let isNew = (0..<2).map { _ in applicants.heard(Self.new, contact: Self.contact, now: start) }
        #expect(isNew == [true, false])
        #expect(standing(applicants, in: members, at: 4) == .asks(Self.new))
        #expect(standing(applicants, in: members, at: 5) == .notYet)
        let isNewLife = applicants.heard(NodeID(number: 3, life: 4), contact: Self.contact, now: start)
        #expect(isNewLife)
    }

    /// A node that begins anew is admitted under its own number by the leader itself. A request to replace it that comes
    /// meanwhile must not be a second change.
    @Test func `are not taken while the members change, for then they may be members already`() {
        let before = Self.membership(NodeID(1), NodeID(2), Self.old)
        var applicants = Applicants()
        _ = applicants.heard(Self.new, contact: Self.contact, now: start)
        #expect(standing(applicants, afterLife: Self.old, in: before, isChanging: true) == .notYet)
        #expect(standing(applicants, afterLife: Self.old, in: before) == .asks(Self.new))
        let after = Self.membership(NodeID(1), NodeID(2), Self.new)
        #expect(standing(applicants, afterLife: Self.old, in: after, isChanging: true) == .isMember)
    }

    @Test func `are forgotten when they are members, or gone`() {
        var applicants = Applicants()
        _ = applicants.heard(Self.new, contact: Self.contact, now: start)
        applicants.tidy(members: Self.membership(NodeID(1)), now: start + .seconds(5))
        #expect(applicants.contact(ofNumber: 3) == Self.contact)
        applicants.tidy(members: Self.membership(NodeID(1), Self.new), now: start)
        #expect(applicants.contact(ofNumber: 3) == nil)
        _ = applicants.heard(Self.new, contact: Self.contact, now: start)
        applicants.tidy(members: Self.membership(NodeID(1)), now: start + .seconds(6))
        #expect(applicants.contact(ofNumber: 3) == nil)
    }
}
