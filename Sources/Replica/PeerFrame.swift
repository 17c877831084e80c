import Bytes
public import Identity
public import Raft

/// What travels in one frame between two nodes: a message of consensus with its payloads, bytes that the layer above
/// understands, or what nodes say of who they are.
public enum PeerFrame: Equatable, Sendable {
    case consensus(Message, payloads: [[UInt8]])
    case application([UInt8])
    case boot(BootMessage)

    /// The bytes of a consensus frame. `payloads` are those of an append's entries, in order, or the one piece of a snapshot;
    /// none for other messages.
    public static func encode(_ message: Message, payloads: [[UInt8]] = []) -> [UInt8] {
        let payloadBytes = payloads.reduce(0) { $0 + $1.count + 16 }
        var writer = ByteWriter(reservingCapacity: 96 + payloadBytes)
        writer.write(Kind.consensus.rawValue)
        writer.write(message.from.rawValue)
        writer.write(message.to.rawValue)
        writer.write(message.term.rawValue)
        MessageBodyCodec.encode(message.body, payloads: payloads, into: &writer)
        return writer.bytes
    }

    /// The bytes of an application frame.
    public static func encode(application content: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: content.count + 1)
        writer.write(Kind.application.rawValue)
        writer.append(content)
        return writer.bytes
    }

    /// The bytes of a frame about who nodes are.
    public static func encode(_ message: BootMessage) -> [UInt8] { [Kind.boot.rawValue] + message.encode() }

    /// Whether these are the bytes of a frame about who nodes are, malformed or not.
    public static func isBoot(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.first == Kind.boot.rawValue }

    /// Survives any bytes: what no writer would have written is `MalformedBytes`.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws -> PeerFrame {
        var reader = ByteReader(bytes)
        let kind = try reader.read(UInt8.self)
        switch Kind(rawValue: kind) {
        case .consensus: return try decodeConsensus(&reader)
        case .application: return .application([UInt8](try reader.take(reader.remaining)))
        case .boot: return .boot(try BootMessage.decode(try reader.take(reader.remaining)))
        case nil: throw MalformedBytes(offset: 0, reason: "unknown frame kind \(kind)")
        }
    }

    private enum Kind: UInt8 {
        case consensus = 1
        case application = 2
        case boot = 3
    }

    private static func decodeConsensus(_ reader: inout ByteReader) throws -> PeerFrame {
        let from = try readNodeID(&reader)
        let to = try readNodeID(&reader)
        let term = Term(try reader.read())
        var payloads: [[UInt8]] = []
        let body = try MessageBodyCodec.decode(&reader, payloads: &payloads)
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes after the message")
        }
        return .consensus(Message(from: from, to: to, term: term, body: body), payloads: payloads)
    }

    private static func readNodeID(_ reader: inout ByteReader) throws -> NodeID {
        guard let node = NodeID(validating: try reader.read()) else {
            throw MalformedBytes(offset: reader.offset, reason: "a node without a number")
        }
        return node
    }
}
