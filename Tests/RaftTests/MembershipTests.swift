import Raft
import Testing

@Suite("A membership")
struct MembershipTests {
    static func nodes(_ numbers: [UInt64]) -> [NodeID] { numbers.map { NodeID($0) } }

    static func membership(_ voters: [UInt64], outgoing: [UInt64] = [], learners: [UInt64] = []) -> Membership {
        let all = Set(voters + outgoing + learners)
        return Membership(
            voters: nodes(voters), outgoing: nodes(outgoing), learners: nodes(learners),
            contacts: Dictionary(uniqueKeysWithValues: all.map { (NodeID($0), Array("host-\($0)".utf8)) }))
    }

    @Test(
        "comes back from its bytes",
        arguments: [
            Membership.none, membership([1]), membership([3, 1, 2], learners: [9]),
            membership([1, 2, 4], outgoing: [1, 2, 3], learners: [3]), membership([2 << 16 | 7, 1], outgoing: [7, 1]),
        ])
    func roundTrip(membership: Membership) {
        let bytes = membership.encode()
        #expect(Membership(decoding: bytes) == membership)
        #expect(bytes == membership.encode())
        for length in bytes.indices { #expect(Membership(decoding: Array(bytes[..<length])) == nil) }
        #expect(Membership(decoding: bytes + [0]) == nil)
    }

    @Test("is the same, and the same bytes, in whatever order its members were named")
    func canonical() {
        let left = Self.membership([1, 2, 3])
        let right = Self.membership([3, 1, 2, 1])
        #expect(left == right && left.encode() == right.encode() && right.voters == Self.nodes([1, 2, 3]))
    }

    @Test("does not come from damaged bytes, or from bytes that it would write otherwise")
    func damage() {
        var random = SimulationRandom(seed: 1)
        let whole = Self.membership([1, 2, 4], outgoing: [1, 2, 3], learners: [3, 5]).encode()
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<random.within(1...3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            if let decoded = Membership(decoding: bytes) { #expect(decoded.encode() == bytes) }
            let noise = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            if let decoded = Membership(decoding: [1] + noise) { #expect(decoded.encode() == [1] + noise) }
        }
        #expect(Membership(decoding: []) == nil)
        // A number of zero; nobody who votes; a voter that only listens.
        #expect(Membership(decoding: [1, 1, 0] + [0, 0, 1, 0, 0, 0, 0, 0] + [1, 0, 0]) == nil)
        #expect(Membership(decoding: [1, 1, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [4, 0, 0]) == nil)
        #expect(Membership(decoding: [1, 1, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [5, 0, 0]) == nil)
        #expect(Membership(decoding: [1, 1, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0]) != nil)
    }

    @Test("names a later life of a number as another member")
    func lives() {
        let founder = NodeID(2)
        let later = NodeID(number: 2, life: 0x1a2b)
        #expect(founder != later && later.number == 2 && later.life == 0x1a2b && founder.life == 0)
        #expect(founder.description == "n2" && later.description == "n2/1a2b")
        #expect(NodeID(validating: 5 << 16) == nil && NodeID(validating: later.rawValue) == later)
        #expect(Membership(decoding: Self.membership([2, later.rawValue]).encode())?.voters == [founder, later])
    }

    @Test("reads as the change that it is")
    func description() {
        let joint = Self.membership([1, 2, 4], outgoing: [1, 2, 3], learners: [5])
        #expect(joint.description == "n1 n2 n3 -> n1 n2 n4 + n5")
        #expect(Membership.none.description == "nobody")
    }
}
