internal import Raft

/// Reads a directory into the log it holds, and leaves it ready to be written on.
struct Recovery {
    /// No segment is longer: the longest chosen size, or the size that the longest record needs.
    private static let maximumSegmentBytes = 1 << 30

    var directory: any SegmentStore
    var options: RaftLogOptions

    struct Outcome {
        var table: EntryTable
        var outlines: [EntryOutline]
        /// Segments before this one hold nothing but what a reset has dropped.
        var resetSequence: UInt64?
        var extents: [SegmentExtent]
        var position: LogWriter.Position
        var spare: SegmentFile?
        var trimmedTail: TrimmedTail?
    }

    func run() throws(RaftLogError) -> Outcome {
        var sequences = try directory.segmentSequences()
        if sequences.isEmpty {
            try createFirst()
            sequences = [1]
        }
        for (place, sequence) in sequences.enumerated() where sequence != sequences[0] + UInt64(place) {
            throw .damaged(
                file: directory.path(of: sequences[0] + UInt64(place)), offset: 0,
                reason: "the segment is missing, though later ones are there")
        }
        // A name that was given just before a crash may not have been durable yet.
        try directory.sync()
        let prepared = try takePrepared(&sequences)
        var replay: Replay?
        for (place, sequence) in sequences.enumerated() {
            let isLast = place == sequences.count - 1
            let loaded = try load(sequence, isLast: isLast)
            defer { loaded.bytes.deallocate() }
            var current = replay ?? Replay(first: loaded.header)
            try current.begin(loaded.segment, header: loaded.header)
            let scan = SegmentScan(
                path: loaded.segment.file.path, bytes: UnsafeRawBufferPointer(loaded.bytes), seed: loaded.segment.seed,
                firstBatch: loaded.header.firstBatch, isNewest: isLast && !prepared.wasBegun)
            let result = try scan.run { (record, offset) throws(RaftLogError) in
                let start = offset + Record.headBytes
                let payload = UnsafeRawBufferPointer(rebasing: loaded.bytes[start..<start + record.payloadBytes])
                try current.apply(record, payload: payload, at: offset)
            }
            replay = current
            if isLast {
                try repair(loaded, result)
                return outcome(of: current, loaded.segment, result, spare: prepared.spare)
            }
            try checkFollower(sequence + 1, of: loaded.segment.file.path, nextBatch: result.nextBatch)
        }
        preconditionFailure("a log has at least one segment")
    }

    private func outcome(
        of replay: Replay, _ segment: Segment, _ result: SegmentScan.Result, spare: SegmentFile?
    ) -> Outcome {
        let table = replay.table
        return Outcome(
            table: table, outlines: replay.outlines, resetSequence: replay.resetSequence, extents: replay.extents,
            position: LogWriter.Position(
                segment: segment, offset: result.end, batch: result.nextBatch, hardState: replay.hardState,
                lastIndex: table.lastIndex, lastTerm: table.lastTerm,
                highestIndex: replay.extents.last?.highestIndex ?? .zero),
            spare: spare,
            trimmedTail: result.tear.map { tear in
                TrimmedTail(
                    file: segment.file.path, offset: result.end, byteCount: tear.end - result.end, reason: tear.reason)
            })
    }

    private func createFirst() throws(RaftLogError) {
        let header = SegmentHeader(
            sequence: 1, byteCount: options.segmentBytes, identity: options.identity, precedingIndex: .zero,
            precedingTerm: .zero, hardState: HardState(), firstBatch: 1)
        _ = try directory.createSegment(1, byteCount: options.segmentBytes, block: header.encode().block)
    }

    // MARK: The segment prepared ahead

    /// Takes the last segment off the list if it was prepared and nothing was ever written behind its header.
    private func takePrepared(
        _ sequences: inout [UInt64]
    ) throws(RaftLogError) -> (spare: SegmentFile?, wasBegun: Bool) {
        guard sequences.count > 1, let last = sequences.last else { return (nil, false) }
        let file = try directory.openSegment(last)
        let bytes = try contents(of: file)
        defer { bytes.deallocate() }
        let view = UnsafeRawBufferPointer(bytes)
        guard try SegmentHeader.decode(view, file: file.path) == nil,
            UnsafeRawBufferPointer(rebasing: view[SegmentHeader.blockBytes...]).isZero
        else { return (nil, false) }
        sequences.removeLast()
        // Its header was begun only when all before it was durable: then no torn write is to be found there.
        let wasBegun = !view.isZero
        if !wasBegun, file.byteCount == options.segmentBytes { return (file, false) }
        try directory.removeSegment(last)
        return (nil, wasBegun)
    }

    // MARK: Loading

    private struct Loaded {
        var segment: Segment
        var header: SegmentHeader
        /// The size that the header names; the owner deallocates it.
        var bytes: UnsafeMutableRawBufferPointer
    }

    private func load(_ sequence: UInt64, isLast: Bool) throws(RaftLogError) -> Loaded {
        var file = try directory.openSegment(sequence)
        let found = try contents(of: file)
        var isKept = false
        defer { if !isKept { found.deallocate() } }
        guard let (header, checksum) = try SegmentHeader.decode(UnsafeRawBufferPointer(found), file: file.path) else {
            throw .damaged(file: file.path, offset: 0, reason: "the segment's header fails its checksum")
        }
        guard header.identity == options.identity else {
            throw .wrongIdentity(file: file.path, found: header.identity, expected: options.identity)
        }
        guard header.sequence == sequence else {
            throw .damaged(file: file.path, offset: 16, reason: "this is segment \(header.sequence)")
        }
        var bytes = found
        if header.byteCount != file.byteCount {
            // Only a copy of a file is ever short; what is missing at the newest one's end reads as never written.
            guard isLast, header.byteCount > file.byteCount, header.byteCount <= Self.maximumSegmentBytes else {
                throw .damaged(
                    file: file.path, offset: file.byteCount,
                    reason: "the file has \(file.byteCount) bytes, not \(header.byteCount)")
            }
            bytes = .allocate(byteCount: header.byteCount, alignment: 8)
            bytes.copyMemory(from: UnsafeRawBufferPointer(found))
            UnsafeMutableRawBufferPointer(rebasing: bytes[found.count...]).initializeMemory(
                as: UInt8.self, repeating: 0)
            file = try file.grown(to: header.byteCount)
        } else {
            isKept = true
        }
        return Loaded(segment: Segment(file: file, seed: checksum), header: header, bytes: bytes)
    }

    private func contents(of file: SegmentFile) throws(RaftLogError) -> UnsafeMutableRawBufferPointer {
        guard (SegmentHeader.blockBytes...Self.maximumSegmentBytes).contains(file.byteCount) else {
            throw .damaged(
                file: file.path, offset: file.byteCount, reason: "no segment has a size of \(file.byteCount) bytes")
        }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: file.byteCount, alignment: 8)
        var isKept = false
        defer { if !isKept { bytes.deallocate() } }
        guard try file.read(into: bytes, at: 0) else {
            throw .damaged(file: file.path, offset: 0, reason: "the file shrinks while it is read")
        }
        isKept = true
        return bytes
    }

    /// The next segment's first group commit must be the one after the last of this segment; otherwise its end is lost.
    private func checkFollower(_ sequence: UInt64, of path: String, nextBatch: UInt64) throws(RaftLogError) {
        let file = try directory.openSegment(sequence)
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: SegmentHeader.blockBytes, alignment: 8)
        defer { block.deallocate() }
        guard try file.read(into: block, at: 0),
            let (header, _) = try SegmentHeader.decode(UnsafeRawBufferPointer(block), file: file.path)
        else {
            throw .damaged(file: file.path, offset: 0, reason: "the segment's header fails its checksum")
        }
        // A segment that isn't what its name says is reported when it is loaded.
        guard header.firstBatch == nextBatch || header.sequence != sequence else {
            throw .damaged(
                file: path, offset: file.byteCount,
                reason: "the segment ends before group commit \(nextBatch), the next begins with \(header.firstBatch)")
        }
    }

    // MARK: Repair

    /// Makes the newest segment's content durable as it was read, and zeros what is behind it.
    ///
    /// The last group commit is written again because its sync may have failed: the kernel then holds it in memory,
    /// believes it written, and would sync nothing.
    private func repair(_ loaded: Loaded, _ result: SegmentScan.Result) throws(RaftLogError) {
        let file = loaded.segment.file
        let start = result.end == SegmentHeader.blockBytes ? 0 : result.lastBatchStart
        try file.write(UnsafeRawBufferPointer(rebasing: loaded.bytes[start..<result.end]), at: start)
        if let tear = result.tear { try file.writeZeros(result.end..<tear.end) }
        try file.sync()
    }
}
