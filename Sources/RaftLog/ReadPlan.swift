internal import Raft

/// Which entries a read gives and where each comes from, settled under the lock. Records are never overwritten, so the
/// disk can be read after the lock is released and still gives what stood in the log at that moment.
struct ReadPlan: Sendable {
    struct Place: Sendable {
        var index: LogIndex
        var slot: EntryTable.Slot
        var segment: Segment

        var span: Int { Record.span(payloadBytes: Int(slot.byteCount)) }
        var end: Int { slot.offset + span }
    }

    /// The longest run of neighbouring records that is read at once, unless a single one is longer.
    private static let runBytes = 1 << 20

    /// To be read from disk; they come before the cached ones.
    var stored: [Place] = []
    var cached: [LogEntry] = []

    func run() throws(RaftLogError) -> [LogEntry] {
        guard !stored.isEmpty else { return cached }
        var entries: [LogEntry] = []
        entries.reserveCapacity(stored.count + cached.count)
        var start = 0
        while start < stored.count {
            var end = start + 1
            while end < stored.count, stored[end].slot.sequence == stored[start].slot.sequence,
                stored[end].slot.offset == stored[end - 1].end,
                stored[end].end - stored[start].slot.offset <= Self.runBytes
            {
                end += 1
            }
            try Self.read(stored[start..<end], into: &entries)
            start = end
        }
        entries.append(contentsOf: cached)
        return entries
    }

    private static func read(_ run: ArraySlice<Place>, into entries: inout [LogEntry]) throws(RaftLogError) {
        let segment = run.first!.segment
        let start = run.first!.slot.offset
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: run.last!.end - start, alignment: 8)
        defer { buffer.deallocate() }
        guard try segment.file.read(into: buffer, at: start) else {
            throw .damaged(file: segment.file.path, offset: start, reason: "the file ends before the record")
        }
        for place in run {
            let head = UnsafeRawPointer(buffer.baseAddress! + (place.slot.offset - start))
            guard case .record(let record) = Record.read(head, seed: segment.seed),
                case .entry(place.index, place.slot.term, place.slot.kind, _) = record.content,
                record.payloadBytes == Int(place.slot.byteCount), record.hasPayload(behind: head, seed: segment.seed)
            else {
                throw .damaged(
                    file: segment.file.path, offset: place.slot.offset,
                    reason: "it no longer holds entry \(place.index)")
            }
            let payload = UnsafeRawBufferPointer(start: head + Record.headBytes, count: record.payloadBytes)
            entries.append(
                LogEntry(index: place.index, term: place.slot.term, kind: place.slot.kind, payload: [UInt8](payload)))
        }
    }
}
