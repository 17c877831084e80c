internal import CChecksum
internal import Raft

/// Writes records to the active segment. Used by one thread at a time: the one that opens the log, then the log's own.
final class LogWriter: @unchecked Sendable {
    /// Where writing goes on.
    struct Position {
        var segment: Segment
        var offset: Int
        /// Number of the next group commit.
        var batch: UInt64
        var hardState: HardState
        var lastIndex: LogIndex
        var lastTerm: Term
        var highestIndex: LogIndex
    }

    /// Bytes gathered before they are written, though not yet synced.
    private static let bufferBytes = 4 << 20

    private let identity: LogIdentity
    private let keeper: any SegmentSupply
    private var position: Position
    private var buffer = WriteBuffer()
    /// The newest record: its checksum waits until it is known whether it is the last of its batch.
    private var openRecord: (record: Record, offset: Int)?
    private var places: [GroupReceipt.Place] = []
    private var fullExtents: [SegmentExtent] = []
    private var resetSequence: UInt64?

    init(identity: LogIdentity, keeper: any SegmentSupply, position: Position) {
        self.identity = identity
        self.keeper = keeper
        self.position = position
    }

    /// Whether the newest record is a mark (or nothing was written since the log was opened with one).
    private(set) var endsWithMark = false

    /// Bytes that the active segment has left.
    var room: Int { position.segment.file.byteCount - position.offset }

    /// Makes a group of requests durable, in order.
    func commit(_ group: [PersistRequest]) throws(RaftLogError) -> GroupReceipt {
        for request in group {
            if let hardState = request.hardState { try append(hardState) }
            if let base = request.reset { try append(base) }
            var previousTerm = request.previousTerm
            for entry in request.entries {
                try append(entry, previousTerm: previousTerm, request: request.number)
                previousTerm = entry.term
            }
        }
        endsWithMark = endsWithMark && openRecord == nil
        return try finishGroup(ticket: group.last?.ticket ?? .none)
    }

    /// Writes the hard state once more, as a group commit of its own. Damage to whatever stands before it can then be
    /// told from a torn write, also when nothing is ever written again.
    func mark() throws(RaftLogError) -> GroupReceipt {
        try append(position.hardState)
        endsWithMark = true
        return try finishGroup(ticket: .none)
    }

    private func finishGroup(ticket: PersistTicket) throws(RaftLogError) -> GroupReceipt {
        try finishBatch()
        defer {
            places.removeAll(keepingCapacity: true)
            fullExtents.removeAll()
            resetSequence = nil
        }
        return GroupReceipt(
            ticket: ticket, lastIndex: position.lastIndex, places: places, resetSequence: resetSequence,
            extents: fullExtents + [SegmentExtent(segment: position.segment, highestIndex: position.highestIndex)])
    }

    private func append(_ hardState: HardState) throws(RaftLogError) {
        _ = try append(.hardState(hardState), payload: [])
        position.hardState = hardState
    }

    /// One record says it all, so that a crash leaves either the old log or the new one. The segments before it go only
    /// when it is durable.
    private func append(_ base: PersistRequest.Base) throws(RaftLogError) {
        _ = try append(.reset(index: base.index, term: base.term), payload: [])
        position.lastIndex = base.index
        position.lastTerm = base.term
        position.highestIndex = base.index
        resetSequence = position.segment.file.sequence
    }

    private func append(_ entry: LogEntry, previousTerm: Term, request: Int) throws(RaftLogError) {
        let offset = try append(
            .entry(index: entry.index, term: entry.term, kind: entry.kind, previousTerm: previousTerm),
            payload: entry.payload)
        places.append(
            GroupReceipt.Place(
                index: entry.index, request: request, sequence: position.segment.file.sequence, offset: offset))
        position.lastIndex = entry.index
        position.lastTerm = entry.term
        position.highestIndex = max(position.highestIndex, entry.index)
    }

    /// - Returns: the record's offset in the active segment, which is another one if the record didn't fit.
    private func append(_ content: Record.Content, payload: [UInt8]) throws(RaftLogError) -> Int {
        let span = Record.span(payloadBytes: payload.count)
        if position.offset + buffer.count + span > position.segment.file.byteCount {
            try finishBatch()
            try rotate(span: span)
        } else if buffer.count > 0, buffer.count + span > Self.bufferBytes {
            try writeBuffer(endingBatch: false)
        }
        closeRecord(endingBatch: false)
        let start = buffer.count
        let head = buffer.extend(by: span)
        // The padding; the payload then covers what is its own.
        if span > Record.headBytes { head.storeBytes(of: 0, toByteOffset: span - 8, as: UInt64.self) }
        payload.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress {
                (head + Record.headBytes).copyMemory(from: source, byteCount: bytes.count)
            }
        }
        let checksum = redoubt_crc32c(position.segment.seed, head + Record.headBytes, span - Record.headBytes)
        let record = Record(
            content: content, payloadBytes: payload.count, payloadChecksum: checksum, batch: position.batch,
            endsBatch: false)
        openRecord = (record, start)
        return position.offset + start
    }

    private func closeRecord(endingBatch: Bool) {
        guard var open = openRecord else { return }
        open.record.endsBatch = endingBatch
        open.record.encode(into: buffer.pointer(at: open.offset), seed: position.segment.seed)
        openRecord = nil
    }

    private func writeBuffer(endingBatch: Bool) throws(RaftLogError) {
        closeRecord(endingBatch: endingBatch)
        try position.segment.file.write(buffer.bytes, at: position.offset)
        position.offset += buffer.count
        buffer.clear(keeping: Self.bufferBytes)
    }

    /// Everything appended so far is durable when this returns. A batch never reaches into a second segment.
    private func finishBatch() throws(RaftLogError) {
        guard openRecord != nil else { return }
        try writeBuffer(endingBatch: true)
        try position.segment.file.sync()
        position.batch += 1
    }

    /// Begins the next segment, with room for a record of `span` bytes. Its header is durable before its first record is
    /// written, so a header that is not whole means that nothing was ever written behind it.
    private func rotate(span: Int) throws(RaftLogError) {
        let sequence = position.segment.file.sequence + 1
        let file = try keeper.take(sequence, minimumBytes: Segment.byteCount(forRecordOf: span))
        let header = SegmentHeader(
            sequence: sequence, byteCount: file.byteCount, identity: identity, precedingIndex: position.lastIndex,
            precedingTerm: position.lastTerm, hardState: position.hardState, firstBatch: position.batch)
        let (block, checksum) = header.encode()
        try file.write(block, at: 0)
        try file.sync()
        fullExtents.append(SegmentExtent(segment: position.segment, highestIndex: position.highestIndex))
        position.segment = Segment(file: file, seed: checksum)
        position.offset = SegmentHeader.blockBytes
        position.highestIndex = .zero
        keeper.prepare(sequence + 1)
    }
}
