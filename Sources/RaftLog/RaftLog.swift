internal import Logging
public import Raft
import Threads

/// The node's part of the replicated log, on disk: a segmented write-ahead log that is only ever appended to.
///
/// Writing goes on in a thread of its own. All that waits while a sync runs is written and synced together next.
/// docs/log-format.md describes the files, and how a write that was cut short is told from damage.
public final class RaftLog: Sendable {
    /// Bound on one entry's payload.
    public static let maximumPayloadBytes = 32 << 20

    private let state: Monitor<LogState>
    private let directory: LogDirectory
    private let keeper: SegmentKeeper
    private let thread: DedicatedThread

    /// Opens a directory, or makes a new one.
    ///
    /// - Parameters:
    ///   - onDurable: called on the log's own thread, once per group commit, with the highest ticket that is durable.
    ///   - onFailure: called on the log's own thread, at most once: a write or a sync failed. It is final. Nothing is
    ///     written any more, and `onDurable` is not called again. A disk too full for another segment is no failure: writes
    ///     wait, and `health` tells.
    /// - Returns: the log, and what was found in it; all that was found is durable.
    /// - Throws: `.damaged` if anything that was durable once is not as it was written.
    public static func open(
        _ options: RaftLogOptions, onDurable: @escaping @Sendable (PersistTicket) -> Void,
        onFailure: @escaping @Sendable (RaftLogError) -> Void
    ) throws(RaftLogError) -> (log: RaftLog, recovered: RecoveredLog) {
        try open(options, calls: .system, onDurable: onDurable, onFailure: onFailure)
    }

    package static func open(
        _ options: RaftLogOptions, calls: DiskCalls, onDurable: @escaping @Sendable (PersistTicket) -> Void,
        onFailure: @escaping @Sendable (RaftLogError) -> Void
    ) throws(RaftLogError) -> (log: RaftLog, recovered: RecoveredLog) {
        try options.validate()
        let directory = try LogDirectory(path: options.directory, calls: calls)
        let outcome = try Recovery(directory: directory, options: options).run()
        if let tail = outcome.trimmedTail {
            options.logger.warning(
                "an unfinished group commit was trimmed off the log",
                metadata: ["file": "\(tail.file)", "offset": "\(tail.offset)", "reason": "\(tail.reason)"])
        }
        let keeper = SegmentKeeper(
            directory: directory, options: options, spare: outcome.spare)
        keeper.prepare(outcome.position.segment.file.sequence + 1)
        let writer = LogWriter(identity: options.identity, keeper: keeper, position: outcome.position)
        var state = LogState(table: outcome.table, segments: outcome.extents, cacheBytes: options.cacheBytes)
        do throws(RaftLogError) {
            _ = state.complete(try writer.mark())
        } catch {
            keeper.stop()
            throw error
        }
        // A crash may have come between a reset and the removal of what it dropped.
        if let sequence = outcome.resetSequence { keeper.remove(state.removeSegments(before: sequence)) }
        keeper.setPatient(true)
        let recovered = RecoveredLog(
            hardState: outcome.position.hardState, baseIndex: outcome.table.baseIndex, baseTerm: outcome.table.baseTerm,
            outlines: outcome.outlines, trimmedTail: outcome.trimmedTail)
        let log = RaftLog(
            state: Monitor(state), directory: directory, keeper: keeper, writer: writer, onDurable: onDurable,
            onFailure: onFailure)
        return (log, recovered)
    }

    private init(
        state: Monitor<LogState>, directory: LogDirectory, keeper: SegmentKeeper, writer: LogWriter,
        onDurable: @escaping @Sendable (PersistTicket) -> Void, onFailure: @escaping @Sendable (RaftLogError) -> Void
    ) {
        self.state = state
        self.directory = directory
        self.keeper = keeper
        thread = DedicatedThread(name: "redoubt-log") {
            do throws(RaftLogError) {
                try Self.write(state, writer, keeper, onDurable)
                state.withLock { $0.phase = .ended }
            } catch {
                state.withLock { $0.fail() }
                onFailure(error)
            }
        }
    }

    deinit { close() }

    /// Asks for the hard state (where given) and the entries to be made durable, and returns at once. Readers see the
    /// entries from now on.
    ///
    /// The entries replace all at and after the first of them; they follow each other, the first comes at most one after
    /// `lastIndex` and not below `firstIndex`. Tickets rise. After `close` or a failure the call does nothing.
    public func persist(ticket: PersistTicket, hardState: HardState?, entries: [LogEntry]) {
        let now = MonotonicClock.nowMilliseconds
        enqueue { $0.enqueue(ticket: ticket, hardState: hardState, entries: entries, nowMilliseconds: now) }
    }

    /// Asks for all entries to be dropped, so that the log is empty and goes on behind `baseIndex`, whose entry has
    /// `baseTerm`; for a hard state (where given) before it. Returns at once; readers see the empty log from now on.
    ///
    /// Ordered with `persist` by ticket and reported as durable like it. A crash leaves the log as it was or as it is
    /// asked to be. `baseIndex` is not below `firstIndex - 1`, and what stands there is committed. Disk space is given back
    /// when the reset is durable.
    public func reset(ticket: PersistTicket, hardState: HardState?, baseIndex: LogIndex, baseTerm: Term) {
        let now = MonotonicClock.nowMilliseconds
        let base = PersistRequest.Base(index: baseIndex, term: baseTerm)
        enqueue { $0.enqueueReset(ticket: ticket, hardState: hardState, base: base, nowMilliseconds: now) }
    }

    private func enqueue(_ request: (inout LogState) -> Void) {
        let isTaken = state.withLock { state in
            guard state.phase == .open else { return false }
            request(&state)
            return true
        }
        if isTaken { state.wakeAll() }
    }

    /// The entries of a range as they stood at one moment, durable or not; fewer if they end before `through` or exceed
    /// `maxBytes` of payload, but at least one if there is one. May read the disk on the calling thread.
    ///
    /// - Throws: `.compacted` if `from` is below `firstIndex`; `.damaged` if a record isn't what was written.
    public func entries(from: LogIndex, through: LogIndex, maxBytes: Int) throws(RaftLogError) -> [LogEntry] {
        let plan = try state.withLock { (state) throws(RaftLogError) in
            try state.plan(from: from, through: through, maxBytes: maxBytes)
        }
        return try plan.run()
    }

    /// Removes the segments whose entries all stand at or before `through`; the one being written always stays. `through`
    /// must be committed. Entries that are not durable here yet are not counted: ask again later.
    public func compact(through: LogIndex) {
        // Under the lock, so that removals keep their order whoever asks for them.
        state.withLock { state in
            if state.phase == .open { keeper.remove(state.compact(through: through)) }
        }
    }

    /// The last entry, durable or not; `firstIndex - 1` if the log is empty.
    public var lastIndex: LogIndex { state.withLock { $0.table.lastIndex } }
    /// The first entry that can be read, or the next to be written if there is none.
    public var firstIndex: LogIndex { state.withLock { $0.table.firstIndex } }
    /// Bytes taken by the segments, with the one prepared ahead.
    public var diskBytes: Int { state.withLock { $0.segmentBytes } + keeper.spareBytes }

    /// How long the oldest write that is not finished has waited; nil if there is none.
    public var oldestPendingMilliseconds: Int? {
        guard let asked = state.withLock({ $0.oldestPendingMilliseconds }) else { return nil }
        let now = MonotonicClock.nowMilliseconds
        return now > asked ? Int(now - asked) : 0
    }

    /// How well the disk does. `.full` while the segment that will be needed next can't be made for lack of space: the log
    /// still has the rest of the active one, and tries again now and then. `.stalled` when a write has waited for more than
    /// `stallMilliseconds`. Cheap enough to ask on every tick.
    public func health(stallMilliseconds: Int) -> DiskHealth {
        if keeper.isSpaceShort { return .full }
        return (oldestPendingMilliseconds ?? 0) > stallMilliseconds ? .stalled : .healthy
    }

    /// Makes durable all that was asked for (unless a full disk prevents it, which is reported as a failure), ends the log's threads and lets the directory go. Not to be called from
    /// `onDurable` or `onFailure`.
    public func close() {
        let isFirst = state.withLock { state in
            defer { state.closeOnce() }
            return !state.isClosed
        }
        guard isFirst else { return }
        keeper.setPatient(false)
        state.wakeAll()
        thread.join()
        keeper.stop()
        directory.releaseLock()
    }

    /// The log's thread: group after group until the log is closed.
    private static func write(
        _ state: Monitor<LogState>, _ writer: LogWriter, _ keeper: SegmentKeeper,
        _ onDurable: @Sendable (PersistTicket) -> Void
    ) throws(RaftLogError) {
        while true {
            let group: [PersistRequest] = state.wait { state in
                let group = state.takeGroup()
                return group.isEmpty && state.phase == .open ? nil : group
            }
            guard let last = group.last else { break }
            let receipt = try writer.commit(group)
            state.withLock { keeper.remove($0.complete(receipt)) }
            onDurable(last.ticket)
        }
        if !writer.endsWithMark { _ = try writer.mark() }
    }
}
