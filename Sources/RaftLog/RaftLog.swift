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
    ///   - onFailure: called on the log's own thread, at most once: a write or a sync failed or the disk is full. It is
    ///     final. Nothing is written any more, and `onDurable` is not called again.
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
            directory: directory, segmentBytes: options.segmentBytes, logger: options.logger, spare: outcome.spare)
        keeper.prepare(outcome.position.segment.file.sequence + 1)
        let writer = LogWriter(identity: options.identity, keeper: keeper, position: outcome.position)
        var state = LogState(table: outcome.table, segments: outcome.extents, cacheBytes: options.cacheBytes)
        do throws(RaftLogError) {
            state.complete(try writer.mark())
        } catch {
            keeper.stop()
            throw error
        }
        let recovered = RecoveredLog(
            hardState: outcome.position.hardState, baseIndex: outcome.table.baseIndex, baseTerm: outcome.table.baseTerm,
            outlines: outcome.table.outlines, trimmedTail: outcome.trimmedTail)
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
                try Self.write(state, writer, onDurable)
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
        let isTaken = state.withLock { state in
            guard state.phase == .open else { return false }
            state.enqueue(ticket: ticket, hardState: hardState, entries: entries)
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
        let removed = state.withLock { state in state.phase == .open ? state.compact(through: through) : [] }
        if !removed.isEmpty { keeper.remove(removed) }
    }

    /// The last entry, durable or not; `firstIndex - 1` if the log is empty.
    public var lastIndex: LogIndex { state.withLock { $0.table.lastIndex } }
    /// The first entry that can be read, or the next to be written if there is none.
    public var firstIndex: LogIndex { state.withLock { $0.table.firstIndex } }
    /// Bytes taken by the segments, with the one prepared ahead.
    public var diskBytes: Int { state.withLock { $0.segmentBytes } + keeper.spareBytes }

    /// Makes durable all that was asked for, ends the log's threads and lets the directory go. Not to be called from
    /// `onDurable` or `onFailure`.
    public func close() {
        let isFirst = state.withLock { state in
            defer { state.closeOnce() }
            return !state.isClosed
        }
        guard isFirst else { return }
        state.wakeAll()
        thread.join()
        keeper.stop()
        directory.releaseLock()
    }

    /// The log's thread: group after group until the log is closed.
    private static func write(
        _ state: Monitor<LogState>, _ writer: LogWriter, _ onDurable: @Sendable (PersistTicket) -> Void
    ) throws(RaftLogError) {
        while true {
            let group: [PersistRequest] = state.wait { state in
                let group = state.takeGroup()
                return group.isEmpty && state.phase == .open ? nil : group
            }
            guard let last = group.last else { break }
            let receipt = try writer.commit(group)
            state.withLock { $0.complete(receipt) }
            onDurable(last.ticket)
        }
        if !writer.endsWithMark { _ = try writer.mark() }
    }
}
