package import Raft

/// The log without its threads: whoever holds it says when a group commit begins and when it has become durable. The
/// records, the recovery and the book-keeping are those of `RaftLog`; only the disk and the time are another's.
package final class SteppedLog {
    private var state: LogState
    private let store: any SegmentStore
    private let supply: ImmediateSupply
    private let writer: LogWriter
    private var receipt: GroupReceipt?
    /// Asked for, and not yet in a group commit.
    private var waitingBytes = 0

    /// Segments before this one hold only what a reset has dropped.
    private var resetSequence: UInt64?

    /// As `RaftLog.open`. What is found is durable when the store says that what was written is: at `finishOpening`.
    package static func open(
        _ options: RaftLogOptions, store: any SegmentStore
    ) throws(RaftLogError) -> (log: SteppedLog, recovered: RecoveredLog) {
        try options.validate()
        let outcome = try Recovery(directory: store, options: options).run()
        let log = SteppedLog(outcome, options: options, store: store)
        try log.remove(log.state.complete(try log.writer.mark()))
        let recovered = RecoveredLog(
            hardState: outcome.position.hardState, baseIndex: outcome.table.baseIndex, baseTerm: outcome.table.baseTerm,
            outlines: outcome.outlines, trimmedTail: outcome.trimmedTail)
        return (log, recovered)
    }

    private init(_ outcome: Recovery.Outcome, options: RaftLogOptions, store: any SegmentStore) {
        self.store = store
        resetSequence = outcome.resetSequence
        supply = ImmediateSupply(store: store, segmentBytes: options.segmentBytes, spare: outcome.spare)
        supply.prepare(outcome.position.segment.file.sequence + 1)
        writer = LogWriter(identity: options.identity, keeper: supply, position: outcome.position)
        state = LogState(table: outcome.table, segments: outcome.extents, cacheBytes: options.cacheBytes)
    }

    /// What was found is durable. A crash may have come between a reset and the removal of what it dropped.
    package func finishOpening() throws(RaftLogError) {
        guard let sequence = resetSequence else { return }
        resetSequence = nil
        try remove(state.removeSegments(before: sequence))
    }

    package var lastIndex: LogIndex { state.table.lastIndex }
    package var firstIndex: LogIndex { state.table.firstIndex }
    package var isCommitting: Bool { receipt != nil }

    /// As `RaftLog.persist`: takes the request; a group commit makes it durable.
    package func persist(ticket: PersistTicket, hardState: HardState?, entries: [LogEntry]) {
        waitingBytes += entries.reduce(2 * Record.headBytes) { $0 + Record.span(payloadBytes: $1.payload.count) }
        state.enqueue(ticket: ticket, hardState: hardState, entries: entries, nowMilliseconds: 0)
    }

    /// As `RaftLog.reset`.
    package func reset(ticket: PersistTicket, hardState: HardState?, baseIndex: LogIndex, baseTerm: Term) {
        waitingBytes += 2 * Record.headBytes
        state.enqueueReset(
            ticket: ticket, hardState: hardState, base: PersistRequest.Base(index: baseIndex, term: baseTerm),
            nowMilliseconds: 0)
    }

    /// Writes all that waits and asks the store to sync it; durable at `finishCommit`. A failure is final.
    /// - Returns: the highest ticket in the group; nil if nothing waits, or if it waits for space.
    package func beginCommit() throws(RaftLogError) -> PersistTicket? {
        precondition(receipt == nil, "one group commit at a time")
        guard waitingBytes <= writer.room || hasSpare() else { return nil }
        let group = state.takeGroup()
        guard let last = group.last else { return nil }
        waitingBytes = 0
        receipt = try writer.commit(group)
        return last.ticket
    }

    /// The group commit that was begun is durable.
    package func finishCommit() throws(RaftLogError) {
        guard let receipt else { preconditionFailure("no group commit is under way") }
        self.receipt = nil
        try remove(state.complete(receipt))
    }

    /// As `RaftLog.entries`.
    package func entries(from: LogIndex, through: LogIndex, maxBytes: Int) throws(RaftLogError) -> [LogEntry] {
        try state.plan(from: from, through: through, maxBytes: maxBytes).run()
    }

    /// As `RaftLog.compact`; the segments are gone when it returns.
    package func compact(through: LogIndex) throws(RaftLogError) { try remove(state.compact(through: through)) }

    /// Whether the next segment is ready ahead of its use; asks for it again if it is not.
    package func hasSpare() -> Bool { supply.retry() }

    private func remove(_ sequences: [UInt64]) throws(RaftLogError) {
        for sequence in sequences { try store.removeSegment(sequence) }
    }
}

/// Makes the next segment in the moment it is asked for.
private final class ImmediateSupply: SegmentSupply, @unchecked Sendable {
    private let store: any SegmentStore
    private let segmentBytes: Int
    private var spare: SegmentFile?
    private var wanted: UInt64?

    init(store: any SegmentStore, segmentBytes: Int, spare: SegmentFile?) {
        self.store = store
        self.segmentBytes = segmentBytes
        self.spare = spare
    }

    func prepare(_ sequence: UInt64) {
        guard spare?.sequence != sequence else { return }
        wanted = sequence
        _ = retry()
    }

    func retry() -> Bool {
        guard let sequence = wanted else { return true }
        guard let file = try? store.createSegment(sequence, byteCount: segmentBytes, block: nil) else { return false }
        spare = file
        wanted = nil
        return true
    }

    func take(_ sequence: UInt64, minimumBytes: Int) throws(RaftLogError) -> SegmentFile {
        defer {
            spare = nil
            wanted = nil
        }
        guard let file = spare, file.sequence == sequence else {
            return try store.createSegment(sequence, byteCount: max(segmentBytes, minimumBytes), block: nil)
        }
        return file.byteCount >= minimumBytes ? file : try file.grown(to: minimumBytes)
    }
}
