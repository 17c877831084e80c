import Bytes
public import Raft

/// What travels in one frame between two nodes: a message of consensus with the payloads of its entries, or bytes that
/// the layer above understands.
public enum PeerFrame: Equatable, Sendable {
    case consensus(Message, payloads: [[UInt8]])
    case application([UInt8])

    /// The bytes of a consensus frame. `payloads` are those of the message's entries, in order; none for other messages.
    public static func encode(_ message: Message, payloads: [[UInt8]] = []) -> [UInt8] {
        let payloadBytes = payloads.reduce(0) { $0 + $1.count + 16 }
        var writer = ByteWriter(reservingCapacity: 96 + payloadBytes)
        writer.write(Kind.consensus.rawValue)
        writer.write(message.from.rawValue)
        writer.write(message.to.rawValue)
        writer.write(message.term.rawValue)
        encode(message.body, payloads: payloads, into: &writer)
        return writer.bytes
    }

    /// The bytes of an application frame.
    public static func encode(application content: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: content.count + 1)
        writer.write(Kind.application.rawValue)
        writer.append(content)
        return writer.bytes
    }

    /// Survives any bytes: what no writer would have written is `MalformedBytes`.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws -> PeerFrame {
        var reader = ByteReader(bytes)
        let kind = try reader.read(UInt8.self)
        switch Kind(rawValue: kind) {
        case .consensus: return try decodeConsensus(&reader)
        case .application: return .application([UInt8](try reader.take(reader.remaining)))
        case nil: throw MalformedBytes(offset: 0, reason: "unknown frame kind \(kind)")
        }
    }

    private enum Kind: UInt8 {
        case consensus = 1
        case application = 2
    }

    private enum BodyKind: UInt8 {
        case preVoteRequest = 1
        case preVoteResponse, voteRequest, voteResponse, append, appendAccepted, appendRejected
        case heartbeat, heartbeatResponse, readRequest, readResponse
    }

    private static func encode(_ body: Message.Body, payloads: [[UInt8]], into writer: inout ByteWriter) {
        func write(_ kind: BodyKind, _ numbers: UInt64...) {
            writer.write(kind.rawValue)
            for number in numbers { writer.write(number) }
        }
        switch body {
        case .preVoteRequest(let lastIndex, let lastTerm):
            write(.preVoteRequest, lastIndex.rawValue, lastTerm.rawValue)
        case .preVoteResponse(let granted):
            write(.preVoteResponse, granted ? 1 : 0)
        case .voteRequest(let lastIndex, let lastTerm):
            write(.voteRequest, lastIndex.rawValue, lastTerm.rawValue)
        case .voteResponse(let granted):
            write(.voteResponse, granted ? 1 : 0)
        case .append(let previousIndex, let previousTerm, let entries, let commit, let floor):
            precondition(entries.count == payloads.count, "an append carries the payload of each of its entries")
            write(.append, previousIndex.rawValue, previousTerm.rawValue, commit.rawValue, floor.rawValue)
            writer.write(UInt32(entries.count))
            for (outline, payload) in zip(entries, payloads) {
                writer.write(outline.term.rawValue)
                writer.write(outline.kind.rawValue)
                writer.writeBlock(payload)
            }
        case .appendAccepted(let matchIndex):
            write(.appendAccepted, matchIndex.rawValue)
        case .appendRejected(let previousIndex, let hintIndex, let hintTerm):
            write(.appendRejected, previousIndex.rawValue, hintIndex.rawValue, hintTerm.rawValue)
        case .heartbeat(let commit, let round, let floor):
            write(.heartbeat, commit.rawValue, round, floor.rawValue)
        case .heartbeatResponse(let round):
            write(.heartbeatResponse, round)
        case .readRequest(let tag):
            write(.readRequest, tag)
        case .readResponse(let tag, let index):
            write(.readResponse, tag, index == nil ? 0 : 1, index?.rawValue ?? 0)
        }
    }

    private static func decodeConsensus(_ reader: inout ByteReader) throws -> PeerFrame {
        let from = try readNodeID(&reader)
        let to = try readNodeID(&reader)
        let term = Term(try reader.read())
        let kind = try reader.read(UInt8.self)
        guard let bodyKind = BodyKind(rawValue: kind) else {
            throw MalformedBytes(offset: reader.offset, reason: "unknown message kind \(kind)")
        }
        var payloads: [[UInt8]] = []
        let body = try decodeBody(bodyKind, &reader, payloads: &payloads)
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes after the message")
        }
        return .consensus(Message(from: from, to: to, term: term, body: body), payloads: payloads)
    }

    private static func decodeBody(
        _ kind: BodyKind, _ reader: inout ByteReader, payloads: inout [[UInt8]]
    ) throws -> Message.Body {
        switch kind {
        case .preVoteRequest: .preVoteRequest(lastIndex: try index(&reader), lastTerm: Term(try reader.read()))
        case .preVoteResponse: .preVoteResponse(granted: try flag(&reader))
        case .voteRequest: .voteRequest(lastIndex: try index(&reader), lastTerm: Term(try reader.read()))
        case .voteResponse: .voteResponse(granted: try flag(&reader))
        case .append: try decodeAppend(&reader, payloads: &payloads)
        case .appendAccepted: .appendAccepted(matchIndex: try index(&reader))
        case .appendRejected:
            .appendRejected(
                previousIndex: try index(&reader), hintIndex: try index(&reader), hintTerm: Term(try reader.read()))
        case .heartbeat:
            .heartbeat(commit: try index(&reader), round: try reader.read(), compactionFloor: try index(&reader))
        case .heartbeatResponse: .heartbeatResponse(round: try reader.read())
        case .readRequest: .readRequest(tag: try reader.read())
        case .readResponse: try decodeReadResponse(&reader)
        }
    }

    private static func decodeAppend(_ reader: inout ByteReader, payloads: inout [[UInt8]]) throws -> Message.Body {
        let previousIndex = try index(&reader)
        let previousTerm = Term(try reader.read())
        let commit = try index(&reader)
        let floor = try index(&reader)
        let count = try reader.readCount(elementsOfAtLeast: 13)
        guard previousIndex.rawValue < UInt64.max - UInt64(count) else {
            throw MalformedBytes(offset: reader.offset, reason: "an index beyond all logs")
        }
        var entries: [EntryOutline] = []
        entries.reserveCapacity(count)
        payloads.reserveCapacity(count)
        for _ in 0..<count {
            let term = Term(try reader.read())
            let kind = try reader.read(UInt8.self)
            guard let entryKind = EntryKind(rawValue: kind) else {
                throw MalformedBytes(offset: reader.offset, reason: "unknown entry kind \(kind)")
            }
            let payload = try reader.readBlock()
            entries.append(EntryOutline(term: term, kind: entryKind, byteCount: payload.count))
            payloads.append([UInt8](payload))
        }
        return .append(
            previousIndex: previousIndex, previousTerm: previousTerm, entries: entries, commit: commit,
            compactionFloor: floor)
    }

    private static func decodeReadResponse(_ reader: inout ByteReader) throws -> Message.Body {
        let tag = try reader.read(UInt64.self)
        let present = try flag(&reader)
        let index = try index(&reader)
        return .readResponse(tag: tag, index: present ? index : nil)
    }

    private static func readNodeID(_ reader: inout ByteReader) throws -> NodeID {
        let rawValue = try reader.read(UInt64.self)
        guard rawValue > 0 else { throw MalformedBytes(offset: reader.offset, reason: "node id zero") }
        return NodeID(rawValue)
    }

    private static func index(_ reader: inout ByteReader) throws -> LogIndex { LogIndex(try reader.read()) }

    private static func flag(_ reader: inout ByteReader) throws -> Bool {
        let value = try reader.read(UInt64.self)
        guard value <= 1 else { throw MalformedBytes(offset: reader.offset, reason: "a flag of \(value)") }
        return value == 1
    }
}
