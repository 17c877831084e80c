internal import CChecksum
internal import Raft

/// The head of a record; its payload follows, padded with zeros to eight bytes. docs/log-format.md has the offsets.
struct Record: Equatable, Sendable {
    static let headBytes = 48

    enum Content: Equatable, Sendable {
        /// Replaces every entry at and after `index` that was written before.
        case entry(index: LogIndex, term: Term, kind: EntryKind, previousTerm: Term)
        case hardState(HardState)
        /// Drops every entry that was written before; the log goes on behind `index`.
        case reset(index: LogIndex, term: Term)
    }

    var content: Content
    var payloadBytes: Int
    /// Over the payload and its padding.
    var payloadChecksum: UInt32
    /// Number of the group commit that wrote it.
    var batch: UInt64
    var endsBatch: Bool

    /// The bytes that a record takes up in its segment.
    static func span(payloadBytes: Int) -> Int { headBytes + (payloadBytes + 7) & ~7 }
    var span: Int { Self.span(payloadBytes: payloadBytes) }

    func encode(into head: UnsafeMutableRawPointer, seed: UInt32) {
        let kind: (record: UInt8, entry: UInt8, term: UInt64, index: UInt64, previousTerm: UInt64) =
            switch content {
            case .entry(let index, let term, let kind, let previousTerm):
                (1, kind.rawValue, term.rawValue, index.rawValue, previousTerm.rawValue)
            case .hardState(let state): (2, 0, state.term.rawValue, state.vote?.rawValue ?? 0, 0)
            case .reset(let index, let term): (3, 0, term.rawValue, index.rawValue, 0)
            }
        head.storeBytes(of: UInt32(payloadBytes).littleEndian, as: UInt32.self)
        head.storeBytes(of: kind.record, toByteOffset: 8, as: UInt8.self)
        head.storeBytes(of: kind.entry, toByteOffset: 9, as: UInt8.self)
        head.storeBytes(of: endsBatch ? 1 : 0, toByteOffset: 10, as: UInt8.self)
        head.storeBytes(of: 0, toByteOffset: 11, as: UInt8.self)
        head.storeBytes(of: payloadChecksum.littleEndian, toByteOffset: 12, as: UInt32.self)
        head.storeBytes(of: batch.littleEndian, toByteOffset: 16, as: UInt64.self)
        head.storeBytes(of: kind.term.littleEndian, toByteOffset: 24, as: UInt64.self)
        head.storeBytes(of: kind.index.littleEndian, toByteOffset: 32, as: UInt64.self)
        head.storeBytes(of: kind.previousTerm.littleEndian, toByteOffset: 40, as: UInt64.self)
        head.storeBytes(of: Self.checksum(of: head, seed: seed).littleEndian, toByteOffset: 4, as: UInt32.self)
    }

    enum Reading {
        /// Nothing but zeros: never written.
        case empty
        /// Not what was written.
        case invalid
        /// The checksum is right, yet it is nothing that this program writes.
        case unknown(String)
        case record(Record)
    }

    /// Reads the head at `head`, which must have `headBytes` behind it.
    static func read(_ head: UnsafeRawPointer, seed: UInt32) -> Reading {
        if UnsafeRawBufferPointer(start: head, count: headBytes).isZero { return .empty }
        let stored = UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        guard stored == checksum(of: head, seed: seed) else { return .invalid }
        func number(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: head.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let flags = head.load(fromByteOffset: 10, as: UInt8.self)
        let kind = head.load(fromByteOffset: 8, as: UInt8.self)
        let content: Content
        switch kind {
        case 1:
            guard let entryKind = EntryKind(rawValue: head.load(fromByteOffset: 9, as: UInt8.self)) else {
                return .unknown("an entry of an unknown kind")
            }
            guard number(32) > 0 else { return .unknown("an entry at index zero") }
            content = .entry(
                index: LogIndex(number(32)), term: Term(number(24)), kind: entryKind, previousTerm: Term(number(40)))
        case 2:
            let vote = NodeID(validating: number(32))
            guard vote != nil || number(32) == 0 else { return .unknown("a vote for no node") }
            content = .hardState(HardState(term: Term(number(24)), vote: vote))
        case 3: content = .reset(index: LogIndex(number(32)), term: Term(number(24)))
        default: return .unknown("a record of unknown kind \(kind)")
        }
        guard flags <= 1 else { return .unknown("unknown flags \(flags)") }
        return .record(
            Record(
                content: content, payloadBytes: Int(UInt32(littleEndian: head.loadUnaligned(as: UInt32.self))),
                payloadChecksum: UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
                batch: number(16), endsBatch: flags & 1 == 1))
    }

    /// Whether the bytes at `head` could be a record's, judged without a checksum: for searching in the dark.
    static func isPlausible(_ head: UnsafeRawPointer) -> Bool {
        let kind = head.load(fromByteOffset: 8, as: UInt8.self)
        return (1...3).contains(kind) && head.load(fromByteOffset: 10, as: UInt8.self) <= 1
            && head.load(fromByteOffset: 11, as: UInt8.self) == 0
    }

    /// Whether the payload behind `head` is what was written.
    func hasPayload(behind head: UnsafeRawPointer, seed: UInt32) -> Bool {
        redoubt_crc32c(seed, head + Self.headBytes, span - Self.headBytes) == payloadChecksum
    }

    private static func checksum(of head: UnsafeRawPointer, seed: UInt32) -> UInt32 {
        redoubt_crc32c(redoubt_crc32c(seed, head, 4), head + 8, headBytes - 8)
    }
}
