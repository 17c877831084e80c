import Bytes
public import PeerTransport

/// How a member is reached, and what is meant to become of it, as it stands in the replicated membership.
public struct MemberContact: Equatable, Sendable {
    /// What a leader does about a learner once it has caught up.
    public enum Intent: Equatable, Sendable {
        /// It goes on listening.
        case stay
        /// It is given a vote, and takes the place of an earlier life of its number, if that still has one.
        case vote
        /// It is given the vote of this number, whose node leaves the cluster.
        case replace(number: UInt64)
    }

    /// For the other nodes. Host names have at most 255 bytes.
    public let address: PeerAddress
    /// For clients, `https://host:port`, at most 512 bytes; empty: not known.
    public let url: String
    public let intent: Intent

    public init(address: PeerAddress, url: String, intent: Intent = .stay) {
        self.address = address
        self.url = url
        self.intent = intent
    }

    public func with(_ intent: Intent) -> MemberContact {
        MemberContact(address: address, url: url, intent: intent)
    }

    /// host, port, url, intent: 0 stay, 1 vote, 2 replace; then the number that is replaced, or zero.
    public func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        writer.writeString(address.host)
        writer.write(UInt16(address.port))
        writer.writeString(url)
        switch intent {
        case .stay: writer.write(UInt8(0))
        case .vote: writer.write(UInt8(1))
        case .replace: writer.write(UInt8(2))
        }
        if case .replace(let number) = intent { writer.write(number) } else { writer.write(UInt64(0)) }
        return writer.bytes
    }

    /// Nil for what `encode` would not have written.
    public init?(decoding bytes: [UInt8]) {
        let decoded = try? bytes.withUnsafeBytes { raw throws(MalformedBytes) -> MemberContact in
            var reader = ByteReader(raw)
            let address = PeerAddress(host: try reader.readString(), port: Int(try reader.read(UInt16.self)))
            let url = try reader.readString()
            let kind = try reader.read(UInt8.self)
            let number = try reader.read(UInt64.self)
            let intent: Intent
            switch kind {
            case 0: intent = .stay
            case 1: intent = .vote
            case 2: intent = .replace(number: number)
            default: throw MalformedBytes(offset: reader.offset, reason: "unknown intent \(kind)")
            }
            guard reader.isAtEnd, address.port > 0, !address.host.isEmpty else {
                throw MalformedBytes(offset: reader.offset, reason: "no address, or bytes too many")
            }
            return MemberContact(address: address, url: url, intent: intent)
        }
        guard let decoded else { return nil }
        self = decoded
    }
}
