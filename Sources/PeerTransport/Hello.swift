internal import Bytes
package import Raft

/// The first frame of the dialler: who it is, whom it means to reach, and what the connection is for.
package struct Hello: Equatable {
    /// Longest hello or answer, in bytes; nobody unknown may send more.
    package static let maxBytes = 1024
    static let magic: UInt32 = 0x5442_4452  // "RDBT" in the order of the wire

    package var version: UInt16
    package var clusterID: String
    /// Node ids with their lives.
    package var from: UInt64
    package var to: UInt64
    package var channel: UInt8
    /// Where the dialler can be dialled if it is not known; empty: it must be known. At most 300 bytes.
    package var guestAddress: String

    package init(
        version: UInt16, clusterID: String, from: UInt64, to: UInt64, channel: UInt8, guestAddress: String = ""
    ) {
        self.version = version
        self.clusterID = clusterID
        self.from = from
        self.to = to
        self.channel = channel
        self.guestAddress = guestAddress
    }

    package func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        writer.write(Self.magic)
        writer.write(version)
        writer.writeString(clusterID)
        writer.write(from)
        writer.write(to)
        writer.write(channel)
        writer.writeString(guestAddress)
        return writer.bytes
    }

    /// Reads a hello. That of another protocol version may have another shape: only its version is read.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(MalformedHello) {
        do throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            guard try reader.read(UInt32.self) == Self.magic else {
                throw MalformedBytes(offset: 0, reason: "wrong magic")
            }
            let version = try reader.read(UInt16.self)
            guard version == PeerTransportConfiguration.protocolVersion else {
                self.init(version: version, clusterID: "", from: 0, to: 0, channel: 0)
                return
            }
            self.init(
                version: version, clusterID: try reader.readString(), from: try reader.read(), to: try reader.read(),
                channel: try reader.read(), guestAddress: try reader.readString())
            guard reader.isAtEnd else { throw MalformedBytes(offset: reader.offset, reason: "bytes left over") }
        } catch {
            throw MalformedHello(description: "not a hello: \(error)")
        }
    }

    /// Checks everything but the certificate; the answer is a sentence that says why the peer is refused, nil if it is welcome.
    func refusal(by configuration: PeerTransportConfiguration) -> String? {
        let ownVersion = PeerTransportConfiguration.protocolVersion
        guard version == ownVersion else {
            return "protocol version \(version) is spoken, this node speaks \(ownVersion)"
        }
        guard clusterID == configuration.clusterID else { return "this node belongs to another cluster" }
        let own = configuration.nodeID
        guard let to = NodeID(validating: to), let from = NodeID(validating: from) else {
            return "a node without a number"
        }
        // Another life of this node may be meant: the answer tells whom the peer has found.
        guard to.number == own.number else { return "node \(to.number) is meant, this is node \(own.number)" }
        guard from.number != own.number else { return "node \(from.number) is this node's own number" }
        guard configuration.peers.keys.contains(where: { $0.number == from.number }) || PeerAddress(guestAddress) != nil
        else {
            return "node \(from.number) is not a member"
        }
        guard Channel(rawValue: channel) != nil else { return "channel \(channel) is unknown" }
        return nil
    }
}

/// The acceptor's answer to a hello: the only frame that ever goes from acceptor to dialler.
package enum HelloAnswer: Equatable {
    /// Who welcomes the dialler: the node that was meant, or another life of it.
    case welcome(NodeID)
    /// The reason in words.
    case refused(String)

    package func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 64)
        writer.write(Hello.magic)
        writer.write(PeerTransportConfiguration.protocolVersion)
        switch self {
        case .welcome(let node):
            writer.write(UInt8(1))
            writer.write(node.rawValue)
        case .refused(let reason):
            writer.write(UInt8(2))
            writer.writeString(String(reason.unicodeScalars.prefix(200)))
        }
        return writer.bytes
    }

    /// Reads an answer; magic, version and verdict stand in the same place in all versions.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(MalformedHello) {
        do throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            guard try reader.read(UInt32.self) == Hello.magic else {
                throw MalformedBytes(offset: 0, reason: "wrong magic")
            }
            _ = try reader.read(UInt16.self)
            switch try reader.read(UInt8.self) {
            case 1:
                guard let node = NodeID(validating: try reader.read()) else {
                    throw MalformedBytes(offset: 7, reason: "a node without a number")
                }
                self = .welcome(node)
            case 2: self = .refused(try reader.readString())
            case let verdict: throw MalformedBytes(offset: 6, reason: "unknown verdict \(verdict)")
            }
        } catch {
            throw MalformedHello(description: "not an answer to a hello: \(error)")
        }
    }
}

/// Bytes where a hello or its answer should be.
package struct MalformedHello: Error, Equatable, CustomStringConvertible {
    package let description: String
}
