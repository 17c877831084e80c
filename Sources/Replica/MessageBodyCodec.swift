import Bytes
import Raft

/// The bytes of a consensus message behind its head. Numbers are 64 bits; payloads stand behind their lengths.
enum MessageBodyCodec {
    private enum Kind: UInt8 {
        case preVoteRequest = 1
        case preVoteResponse, voteRequest, voteResponse, append, appendAccepted, appendRejected
        case heartbeat, heartbeatResponse, readRequest, readResponse
        case timeoutNow, snapshotChunk, snapshotReceived
    }

    static func encode(_ body: Message.Body, payloads: [[UInt8]], into writer: inout ByteWriter) {
        func write(_ kind: Kind, _ numbers: UInt64...) {
            writer.write(kind.rawValue)
            for number in numbers { writer.write(number) }
        }
        switch body {
        case .preVoteRequest(let lastIndex, let lastTerm):
            write(.preVoteRequest, lastIndex.rawValue, lastTerm.rawValue)
        case .preVoteResponse(let granted):
            write(.preVoteResponse, granted ? 1 : 0)
        case .voteRequest(let lastIndex, let lastTerm, let isTransfer):
            write(.voteRequest, lastIndex.rawValue, lastTerm.rawValue, isTransfer ? 1 : 0)
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
        case .heartbeatResponse(let round, let mayLead):
            write(.heartbeatResponse, round, mayLead ? 1 : 0)
        case .readRequest(let tag):
            write(.readRequest, tag)
        case .readResponse(let tag, let index):
            write(.readResponse, tag, index == nil ? 0 : 1, index?.rawValue ?? 0)
        case .timeoutNow:
            write(.timeoutNow)
        case .snapshotChunk(let outline, let offset, let byteCount):
            let bytes = payloads.first ?? []
            precondition(payloads.count <= 1 && bytes.count == byteCount, "a piece of a snapshot carries its bytes")
            write(
                .snapshotChunk, outline.id, outline.index.rawValue, outline.term.rawValue, UInt64(outline.byteCount),
                UInt64(offset))
            writer.writeBlock(outline.membership.encode())
            writer.writeBlock(bytes)
        case .snapshotReceived(let id, let through):
            write(.snapshotReceived, id, UInt64(through))
        }
    }

    static func decode(_ reader: inout ByteReader, payloads: inout [[UInt8]]) throws -> Message.Body {
        let rawKind = try reader.read(UInt8.self)
        guard let kind = Kind(rawValue: rawKind) else {
            throw MalformedBytes(offset: reader.offset, reason: "unknown message kind \(rawKind)")
        }
        return switch kind {
        case .preVoteRequest: .preVoteRequest(lastIndex: try index(&reader), lastTerm: Term(try reader.read()))
        case .preVoteResponse: .preVoteResponse(granted: try flag(&reader))
        case .voteRequest:
            .voteRequest(
                lastIndex: try index(&reader), lastTerm: Term(try reader.read()), isTransfer: try flag(&reader))
        case .voteResponse: .voteResponse(granted: try flag(&reader))
        case .append: try decodeAppend(&reader, payloads: &payloads)
        case .appendAccepted: .appendAccepted(matchIndex: try index(&reader))
        case .appendRejected:
            .appendRejected(
                previousIndex: try index(&reader), hintIndex: try index(&reader), hintTerm: Term(try reader.read()))
        case .heartbeat:
            .heartbeat(commit: try index(&reader), round: try reader.read(), compactionFloor: try index(&reader))
        case .heartbeatResponse: .heartbeatResponse(round: try reader.read(), mayLead: try flag(&reader))
        case .readRequest: .readRequest(tag: try reader.read())
        case .readResponse: try decodeReadResponse(&reader)
        case .timeoutNow: .timeoutNow
        case .snapshotChunk: try decodeSnapshotChunk(&reader, payloads: &payloads)
        case .snapshotReceived: .snapshotReceived(id: try reader.read(), through: try size(&reader))
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
            let payload = [UInt8](try reader.readBlock())
            let membership = entryKind == .membership ? try membership(payload, at: reader.offset) : nil
            entries.append(
                EntryOutline(term: term, kind: entryKind, byteCount: payload.count, membership: membership))
            payloads.append(payload)
        }
        return .append(
            previousIndex: previousIndex, previousTerm: previousTerm, entries: entries, commit: commit,
            compactionFloor: floor)
    }

    private static func decodeSnapshotChunk(
        _ reader: inout ByteReader, payloads: inout [[UInt8]]
    ) throws -> Message.Body {
        let id = try reader.read(UInt64.self)
        let index = try index(&reader)
        let term = Term(try reader.read())
        let byteCount = try size(&reader)
        let offset = try size(&reader)
        let members = try membership([UInt8](try reader.readBlock()), at: reader.offset)
        let bytes = [UInt8](try reader.readBlock())
        guard byteCount > 0, offset <= byteCount, bytes.count <= byteCount - offset else {
            throw MalformedBytes(offset: reader.offset, reason: "a piece outside its snapshot")
        }
        if !bytes.isEmpty { payloads = [bytes] }
        let outline = SnapshotOutline(id: id, index: index, term: term, membership: members, byteCount: byteCount)
        return .snapshotChunk(outline, offset: offset, byteCount: bytes.count)
    }

    private static func membership(_ bytes: [UInt8], at offset: Int) throws -> Membership {
        guard let membership = Membership(decoding: bytes) else {
            throw MalformedBytes(offset: offset, reason: "no membership")
        }
        return membership
    }

    /// A count of bytes in a file.
    private static func size(_ reader: inout ByteReader) throws -> Int {
        let value = try reader.read(UInt64.self)
        guard value <= UInt64(1) << 56 else {
            throw MalformedBytes(offset: reader.offset, reason: "a size of \(value)")
        }
        return Int(value)
    }

    private static func decodeReadResponse(_ reader: inout ByteReader) throws -> Message.Body {
        let tag = try reader.read(UInt64.self)
        let present = try flag(&reader)
        let index = try index(&reader)
        return .readResponse(tag: tag, index: present ? index : nil)
    }

    private static func index(_ reader: inout ByteReader) throws -> LogIndex { LogIndex(try reader.read()) }

    private static func flag(_ reader: inout ByteReader) throws -> Bool {
        let value = try reader.read(UInt64.self)
        guard value <= 1 else { throw MalformedBytes(offset: reader.offset, reason: "a flag of \(value)") }
        return value == 1
    }
}
