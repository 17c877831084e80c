import DequeModule

/// The batches of one partition on their way to the ledger, in order: what is handed over when, and what an answer means. No
/// I/O, no clock.
///
/// While all goes well several batches are under way at once. After anything else one alone is, until the ledger has taken
/// it. An answer that a batch's offset is not the next one means one of three things: the ledger has the batch already, from a
/// first sending or from another node; or it came before the batch that it follows; or somebody else has moved the partition
/// on, and reading goes on where the ledger stands.
package struct PartitionWindow {
    package enum Action: Equatable {
        /// To be handed to the ledger; the answer names the ticket.
        case submit(ticket: UInt64, StreamBatch)
        /// Reading has to go on here; `sought` tells that it does.
        case seek(Int64)
        /// `retry` is to be called then.
        case retry(afterMilliseconds: Int)
        /// The partition must not be read any more.
        case stop(StreamAlarm.Kind, String)
    }

    /// What is to become of a batch that was read.
    package enum Admission: Equatable {
        /// To be decoded from this offset on, and appended.
        case take(from: Int64)
        /// It was read before, or is not wanted any more.
        case drop
        /// Something between is missing: `gap` is to be called.
        case gap
    }

    package enum Phase: Equatable {
        /// Reading is being moved; what was read before that may still come, and is as good if it has what comes next.
        case seeking(Int64)
        case running
        case stopped
    }

    private struct Entry {
        let ticket: UInt64
        let batch: StreamBatch
        var isUnderWay = false
        /// When it was handed over, all before it was known to be taken: the ledger's answer then tells where it stands.
        var wasFirst = false
        var isDone = false
    }

    private enum Pace {
        /// One batch at a time.
        case probe
        case flow
    }

    package private(set) var phase: Phase
    /// The ledger's next offset as far as this node knows.
    package private(set) var committed: Int64
    /// Where the next batch must go on.
    package private(set) var position: Int64
    package private(set) var heldRecords = 0
    package private(set) var heldBytes = 0
    private var entries: Deque<Entry> = []
    private var nextTicket: UInt64 = 1
    private var pace = Pace.probe
    private var failures = 0
    private var isBackingOff = false
    private let flightLimit: Int

    private static let firstBackoffMilliseconds = 20
    private static let backoffLimitMilliseconds = 2_000

    /// Reading has yet to be moved to `offset`. One batch at a time until the ledger has taken the first: for a partition
    /// that it does not know it takes the first that comes, and that must not be the second.
    package init(startingAt offset: Int64, flightLimit: Int) {
        precondition(flightLimit > 0, "at least one batch is under way")
        phase = .seeking(offset)
        committed = offset
        position = offset
        self.flightLimit = flightLimit
    }

    package var batches: Int { entries.count }
    package var batchesUnderWay: Int { entries.count { $0.isUnderWay } }
    /// The ledger could not take the batch whose turn it is.
    package var isWaiting: Bool { failures > 0 }

    // MARK: Reading

    /// Reading goes on at `offset`.
    package mutating func sought(_ offset: Int64) {
        guard phase == .seeking(offset) else { return }
        phase = .running
    }

    /// What to do with a batch that reads from `expectedOffset` to before `nextOffset`.
    package func admission(expectedOffset: Int64?, nextOffset: Int64) -> Admission {
        guard phase != .stopped, nextOffset > position else { return .drop }
        if let expectedOffset, expectedOffset <= position { return .take(from: position) }
        return phase == .running ? .gap : .drop
    }

    /// Something was missed: it is read again.
    package mutating func gap() -> [Action] {
        guard phase == .running else { return [] }
        phase = .seeking(position)
        return [.seek(position)]
    }

    /// A batch that goes on at `position`; any other has been overtaken by a seek and is dropped.
    package mutating func append(_ batch: StreamBatch) -> [Action] {
        guard phase != .stopped, batch.expectedOffset == position, batch.nextOffset > position else { return [] }
        entries.append(Entry(ticket: nextTicket, batch: batch))
        nextTicket += 1
        position = batch.nextOffset
        heldRecords += batch.recordCount
        heldBytes += batch.byteCount
        return handOver()
    }

    // MARK: Answers

    package mutating func answered(_ ticket: UInt64, _ outcome: BatchOutcome) -> [Action] {
        guard let index = entries.firstIndex(where: { $0.ticket == ticket }), !entries[index].isDone else { return [] }
        entries[index].isUnderWay = false
        let batch = entries[index].batch
        switch outcome {
        case .committed:
            failures = 0
            pace = .flow
            return finish(index)
        case .offsetConflict(let next):
            return conflict(index, batch, ledger: next)
        case .streamChanged(let clusterID):
            return stop(
                .otherCluster,
                "the ledger's offset of \(batch.partition) belongs to the Kafka cluster \"\(clusterID)\", and this is "
                    + "\"\(batch.clusterID)\"")
        case .tooManyPartitions(let limit):
            return stop(.tooManyPartitions, "the ledger keeps the offsets of \(limit) partitions already")
        case .invalid(let reason):
            return stop(.refused, "offsets \(batch.firstOffset) to \(batch.lastOffset): \(reason)")
        case .unavailable(_, let retryAfterMilliseconds):
            return backOff(atLeast: retryAfterMilliseconds)
        }
    }

    /// The time of a `retry` has come.
    package mutating func retry() -> [Action] {
        guard isBackingOff else { return [] }
        isBackingOff = false
        return handOver()
    }

    /// Nothing more is read or handed over.
    package mutating func stop() {
        clear()
        phase = .stopped
    }

    private mutating func conflict(_ index: Int, _ batch: StreamBatch, ledger next: Int64) -> [Action] {
        if next >= batch.nextOffset { return finish(index) }
        pace = .probe
        // It came before the one that it follows, or might have: its turn comes.
        guard index == 0, entries[index].wasFirst else { return handOver() }
        // A ledger that refuses what it says it wants is asked less and less often.
        if next == batch.expectedOffset { return backOff(atLeast: 0) }
        return seek(to: next)
    }

    private mutating func finish(_ index: Int) -> [Action] {
        entries[index].isDone = true
        while let first = entries.first, first.isDone {
            entries.removeFirst()
            heldRecords -= first.batch.recordCount
            heldBytes -= first.batch.byteCount
            committed = max(committed, first.batch.nextOffset)
        }
        return handOver()
    }

    private mutating func handOver() -> [Action] {
        guard phase != .stopped, !isBackingOff else { return [] }
        var actions: [Action] = []
        var room = (pace == .probe ? 1 : flightLimit) - batchesUnderWay
        for index in entries.indices {
            guard room > 0, pace == .flow || index == 0 else { break }
            guard !entries[index].isUnderWay, !entries[index].isDone else { continue }
            entries[index].isUnderWay = true
            entries[index].wasFirst = index == 0
            actions.append(.submit(ticket: entries[index].ticket, entries[index].batch))
            room -= 1
        }
        return actions
    }

    private mutating func backOff(atLeast milliseconds: Int) -> [Action] {
        pace = .probe
        guard !isBackingOff else { return [] }
        isBackingOff = true
        let delay = min(Self.backoffLimitMilliseconds, Self.firstBackoffMilliseconds << min(failures, 10))
        failures += 1
        return [.retry(afterMilliseconds: max(delay, milliseconds))]
    }

    private mutating func seek(to offset: Int64) -> [Action] {
        clear()
        phase = .seeking(offset)
        committed = offset
        position = offset
        return [.seek(offset)]
    }

    private mutating func stop(_ kind: StreamAlarm.Kind, _ message: String) -> [Action] {
        stop()
        return [.stop(kind, message)]
    }

    private mutating func clear() {
        entries.removeAll()
        heldRecords = 0
        heldBytes = 0
        pace = .probe
        failures = 0
        isBackingOff = false
    }
}
