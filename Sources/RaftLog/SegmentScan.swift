internal import Raft

/// Reads the records of one segment and tells a write that was cut short from damage.
///
/// Group commit n + 1 is written only after group commit n is durable. So bad bytes in group commit n are damage if a
/// record of a later group commit stands anywhere behind them; if none does, n was never acknowledged.
struct SegmentScan {
    var path: String
    /// The whole segment.
    var bytes: UnsafeRawBufferPointer
    var seed: UInt32
    var firstBatch: UInt64
    /// Whether this is the segment that was being written: elsewhere there can't be a write that was cut short.
    var isNewest: Bool

    struct Result: Equatable {
        /// Behind the last whole group commit.
        var end = SegmentHeader.blockBytes
        /// Where the last whole group commit begins; `end` if there is none.
        var lastBatchStart = SegmentHeader.blockBytes
        /// Number of the group commit that would stand at `end`.
        var nextBatch: UInt64
        /// What is wrong behind `end`; nil if there are only zeros.
        var tear: Tear?
    }

    struct Tear: Equatable {
        var reason: String
        /// Behind the last byte that isn't zero.
        var end: Int
    }

    private struct Problem {
        var offset: Int
        var reason: String
        /// Where to look for later records.
        var resumeOffset: Int
    }

    /// Gives each record of every whole group commit to `apply`, in order, with its offset.
    func run(_ apply: (Record, Int) throws(RaftLogError) -> Void) throws(RaftLogError) -> Result {
        var result = Result(nextBatch: firstBatch)
        var batch: [(record: Record, offset: Int)] = []
        var offset = result.end
        var problem: Problem?
        while problem == nil, let record = try read(at: offset, batch: result.nextBatch, problem: &problem) {
            batch.append((record, offset))
            offset += record.span
            guard record.endsBatch else { continue }
            for (record, offset) in batch { try apply(record, offset) }
            batch.removeAll(keepingCapacity: true)
            result.lastBatchStart = result.end
            result.end = offset
            result.nextBatch += 1
        }
        if problem == nil, !batch.isEmpty {
            problem = Problem(offset: offset, reason: "a group commit without its last record", resumeOffset: offset)
        }
        guard let problem else { return result }
        guard isNewest else { throw .damaged(file: path, offset: problem.offset, reason: problem.reason) }
        if let proof = laterRecord(from: problem.resumeOffset, after: result.nextBatch) {
            throw .damaged(
                file: path, offset: problem.offset,
                reason: "\(problem.reason), and a record at byte \(proof) proves that it was whole once")
        }
        let dirtyEnd = max(result.end, bytes.endOfNonzero)
        result.tear = Tear(reason: "\(problem.reason) at byte \(problem.offset)", end: dirtyEnd)
        return result
    }

    /// The record at `offset`; nil where the records end, with `problem` set unless they end as they should.
    private func read(at offset: Int, batch: UInt64, problem: inout Problem?) throws(RaftLogError) -> Record? {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        guard rest.count >= Record.headBytes else {
            if !rest.isZero {
                problem = Problem(offset: offset, reason: "bytes too few for a record", resumeOffset: offset)
            }
            return nil
        }
        switch Record.read(rest.baseAddress!, seed: seed) {
        case .empty:
            if !rest.isZero {
                problem = Problem(offset: offset, reason: "zeros before written bytes", resumeOffset: offset + 8)
            }
            return nil
        case .invalid:
            problem = Problem(
                offset: offset, reason: "a record whose head fails its checksum", resumeOffset: offset + 8)
            return nil
        case .unknown(let reason):
            throw .damaged(file: path, offset: offset, reason: reason)
        case .record(let record):
            guard record.batch == batch else {
                throw .damaged(
                    file: path, offset: offset,
                    reason: "a record of group commit \(record.batch) where \(batch) is due")
            }
            guard record.span <= rest.count else {
                throw .damaged(file: path, offset: offset, reason: "a record that reaches over the segment's end")
            }
            guard record.hasPayload(behind: rest.baseAddress!, seed: seed) else {
                problem = Problem(
                    offset: offset, reason: "a record whose payload fails its checksum",
                    resumeOffset: offset + record.span)
                return nil
            }
            return record
        }
    }

    /// Offset of a record of a group commit after `batch`. Lengths can't be trusted here: every aligned place is tried.
    private func laterRecord(from start: Int, after batch: UInt64) -> Int? {
        var offset = start
        while offset + Record.headBytes <= bytes.count {
            let head = bytes.baseAddress! + offset
            if Record.isPlausible(head), case .record(let record) = Record.read(head, seed: seed), record.batch > batch
            {
                return offset
            }
            offset += 8
        }
        return nil
    }
}
