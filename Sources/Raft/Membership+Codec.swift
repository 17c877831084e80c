/// A membership's bytes, which are the payload of its entry on disk and on the wire. Numbers are little-endian.
///
///     version     1 byte, 1
///     count       2 bytes
///     members, by ascending id:
///       id        8 bytes
///       part      1 byte: 1 voter, 2 outgoing, 4 learner, or their sum
///       contact   2 bytes of length, then the contact
///
/// One membership has one encoding, so that equal bytes are equal memberships.
extension Membership {
    private static let version: UInt8 = 1
    private enum Part {
        static let voter: UInt8 = 1
        static let outgoing: UInt8 = 2
        static let learner: UInt8 = 4
    }

    public func encode() -> [UInt8] {
        var bytes = [Self.version]
        func put(_ value: UInt64, bytes count: Int) {
            for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
        }
        put(UInt64(members.count), bytes: 2)
        for member in members {
            let contact = contacts[member]!
            put(member.rawValue, bytes: 8)
            bytes.append(part(of: member))
            put(UInt64(contact.count), bytes: 2)
            bytes += contact
        }
        return bytes
    }

    private func part(of member: NodeID) -> UInt8 {
        (voters.contains(member) ? Part.voter : 0) + (outgoing.contains(member) ? Part.outgoing : 0)
            + (learners.contains(member) ? Part.learner : 0)
    }

    /// nil unless these are the bytes of a membership, all of them and no more. Survives any bytes.
    public init?(decoding bytes: [UInt8]) {
        var place = 0
        func take(_ count: Int) -> UInt64? {
            guard place + count <= bytes.count else { return nil }
            defer { place += count }
            return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard take(1) == UInt64(Self.version), let count = take(2), count <= UInt64(Self.maxMembers) else { return nil }
        var voters: [NodeID] = []
        var outgoing: [NodeID] = []
        var learners: [NodeID] = []
        var contacts: [NodeID: [UInt8]] = [:]
        var previous: NodeID?
        for _ in 0..<count {
            guard let id = take(8).flatMap(NodeID.init(validating:)), previous.map({ $0 < id }) ?? true,
                let part = take(1).map(UInt8.init(truncatingIfNeeded:)),
                let length = take(2).map(Int.init), length <= Self.maxContactBytes, place + length <= bytes.count
            else { return nil }
            guard part & Part.voter == 0 || part & Part.learner == 0, (1..<8).contains(part) else { return nil }
            if part & Part.voter != 0 { voters.append(id) }
            if part & Part.outgoing != 0 { outgoing.append(id) }
            if part & Part.learner != 0 { learners.append(id) }
            contacts[id] = Array(bytes[place..<place + length])
            place += length
            previous = id
        }
        guard place == bytes.count, !voters.isEmpty || count == 0 else { return nil }
        self.init(voters: voters, outgoing: outgoing, learners: learners, contacts: contacts)
    }
}
