internal import Bytes
internal import Raft

/// The first frame of the dialler: who it is, whom it means to reach, and what the connection is for.
package struct Hello: Equatable {
    /// Longest hello or answer, in bytes; nobody unknown may send more.
    package static let maxBytes = 1024
    static let magic: UInt32 = 0x5442_4452  // "RDBT" in the order of the wire

    package var version: UInt16
    package var clusterID: String
    package var from: UInt64
    package var to: UInt64
    package var channel: UInt8

    package init(version: UInt16, clusterID: String, from: UInt64, to: UInt64, channel: UInt8) {
        self.version = version
        self.clusterID = clusterID
        self.from = from
        self.to = to
        self.channel = channel
    }

    package func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        writer.write(Self.magic)
        writer.write(version)
        writer.writeString(clusterID)
        writer.write(from)
        writer.write(to)
        writer.write(channel)
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
                channel: try reader.read())
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
        guard to == configuration.nodeID.rawValue else {
            return "node \(to) is meant, this is node \(configuration.nodeID.rawValue)"
        }
        guard from != configuration.nodeID.rawValue else { return "node id \(from) is this node's own" }
        guard from > 0, configuration.peers[NodeID(from)] != nil else { return "node \(from) is not a member" }
        guard Channel(rawValue: channel) != nil else { return "channel \(channel) is unknown" }
        return nil
    }
}

/// The acceptor's answer to a hello: the only frame that ever goes from acceptor to dialler.
package enum HelloAnswer: Equatable {
    case welcome
    /// The reason in words.
    case refused(String)

    package func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 64)
        writer.write(Hello.magic)
        writer.write(PeerTransportConfiguration.protocolVersion)
        switch self {
        case .welcome: writer.write(UInt8(1))
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
            case 1: self = .welcome
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
