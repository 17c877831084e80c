/// How far one follower has come, as its leader knows it, and what may be sent to it next.
///
/// In `probe` the follower's log is not known well: one append at a time, and the next only when it is answered or
/// given up. In `replicate` appends flow ahead of their answers, as far as the in-flight window allows. In `snapshot` the
/// follower lacks entries that are compacted here: it gets no appends until a snapshot has brought it to where the log
/// goes on. Each state leaves by an answer of the follower, or for want of one; none waits for a report that a crash can
/// swallow.
struct Progress: Sendable {
    enum State: String, Sendable { case probe, replicate, snapshot }

    /// What became of an append that was rejected.
    enum Rejection { case isOld, triesEarlier, needsSnapshot }

    /// A message is taken for lost when nothing came of it for this many heartbeat intervals.
    private static let patienceBeats = 2

    /// The follower has the leader's log up to here on its disk.
    private(set) var match = LogIndex.zero
    /// The next append begins here.
    private(set) var next: LogIndex
    private(set) var state = State.probe
    private(set) var inflights: Inflights
    /// In `probe`: an append is out, unanswered.
    private var awaitsAnswer = false
    /// Heartbeat intervals in which something was out and no answer moved `match`.
    private var stalledBeats = 0
    private var matchAtLastBeat = LogIndex.zero
    /// The highest commit index that the follower was told.
    private(set) var toldCommit = LogIndex.zero
    /// In `snapshot`, once there is one.
    private(set) var sending: SnapshotSending?
    private(set) var hearing = Hearing()

    init(next: LogIndex, inflights: Inflights) {
        self.next = next
        self.inflights = inflights
    }

    var maySend: Bool {
        switch state {
        case .probe: !awaitsAnswer
        case .replicate: !inflights.isFull
        case .snapshot: false
        }
    }

    /// An append of the entries `next ... last` is sent; without entries, `last` is before `next`.
    mutating func sent(through last: LogIndex, byteCount: Int, commit: LogIndex) {
        precondition(maySend, "an append is sent only when the follower may take one")
        toldCommit = max(toldCommit, min(commit, last))
        guard state == .replicate else {
            awaitsAnswer = true
            stalledBeats = 0
            return
        }
        guard last >= next else { return }
        inflights.add(last: last, byteCount: byteCount)
        next = last.next
    }

    mutating func told(commit: LogIndex) { toldCommit = max(toldCommit, commit) }

    /// The follower has everything up to `index`.
    mutating func accepted(through index: LogIndex, base: LogIndex) {
        guard index >= match else { return }
        if index > match { stalledBeats = 0 }
        match = index
        guard state != .replicate else {
            inflights.free(through: match)
            next = max(next, match.next)
            return
        }
        // A snapshot that brings nothing more is of no use; the next one will be.
        if let sending, sending.outline.index <= match { self.sending = nil }
        // What follows it may be compacted away here; then the search, or the snapshot, goes on.
        guard match >= base else { return }
        state = .replicate
        sending = nil
        awaitsAnswer = false
        next = match.next
    }

    /// The follower has no entry at `previous` like the leader's; the logs may agree at `hint`.
    mutating func rejected(previous: LogIndex, hint: LogIndex, base: LogIndex) -> Rejection {
        switch state {
        case .snapshot: return .isOld
        case .replicate:
            guard previous > match else { return .isOld }
            probe(base: base)
            return .triesEarlier
        case .probe:
            guard previous.next == next else { return .isOld }
            if previous == base, match < base {
                // There is nothing older to try.
                beginSnapshot()
                return .needsSnapshot
            }
            let old = next
            next = max(match.next, min(previous, hint.next), base.next)
            guard next < old else { return .isOld }
            awaitsAnswer = false
            return .triesEarlier
        }
    }

    /// The follower has answered a heartbeat, so it can be reached. True if an append, be it empty, should go to it now:
    /// because what was sent before has come to nothing, or because its log is still to be found out.
    mutating func shouldProbe(base: LogIndex) -> Bool {
        guard state != .snapshot else { return false }
        if stalledBeats >= Self.patienceBeats { probe(base: base) }
        return state == .probe && !awaitsAnswer
    }

    /// Takes all that is in flight for lost, and begins again after what is known. A search goes on where it was.
    private mutating func probe(base: LogIndex) {
        if state == .replicate { next = match.next }
        next = max(next, base.next)
        state = .probe
        inflights.removeAll()
        awaitsAnswer = false
        stalledBeats = 0
    }

    /// The connection is gone: nothing more is sent until the follower is heard again.
    mutating func lost(base: LogIndex) {
        hearing.lost()
        guard state != .snapshot else {
            sending?.lost()
            return
        }
        probe(base: base)
        awaitsAnswer = true
        stalledBeats = Self.patienceBeats
        matchAtLastBeat = match
    }

    /// The leader's log now begins after `base`.
    mutating func compacted(to base: LogIndex) {
        // What a snapshot from before it brings would be too little.
        if let sending, sending.outline.index < base { self.sending = nil }
        if state != .snapshot, next <= base { probe(base: base) }
    }

    /// A heartbeat interval has passed.
    mutating func beat() {
        sending?.beat()
        let isWaiting =
            switch state {
            case .probe: awaitsAnswer
            case .replicate: !inflights.isEmpty
            case .snapshot: false
            }
        stalledBeats = isWaiting && match == matchAtLastBeat ? stalledBeats + 1 : 0
        matchAtLastBeat = match
    }

    mutating func heard() { hearing.heard() }
    mutating func heard(mayLead: Bool) { hearing.mayLead = mayLead }
    mutating func endHearing() { hearing.endInterval() }
}

// MARK: - Snapshot

extension Progress {
    private mutating func beginSnapshot() {
        state = .snapshot
        sending = nil
        inflights.removeAll()
        awaitsAnswer = false
        stalledBeats = 0
    }

    var lacksSnapshot: Bool { state == .snapshot && sending == nil }

    mutating func send(_ snapshot: SnapshotOutline) {
        precondition(lacksSnapshot, "one snapshot at a time")
        sending = SnapshotSending(snapshot)
    }

    mutating func nextChunk(chunkBytes: Int, windowBytes: Int) -> (offset: Int, byteCount: Int)? {
        sending?.nextChunk(chunkBytes: chunkBytes, windowBytes: windowBytes)
    }

    mutating func question(chunkBytes: Int) -> (offset: Int, byteCount: Int)? {
        sending?.question(chunkBytes: chunkBytes)
    }

    /// False if the follower had all of the snapshot and has lost it again: then another is needed.
    mutating func received(snapshot id: UInt64, through: Int) -> Bool {
        guard sending?.outline.id == id, sending?.received(through: through) == .isLost else { return true }
        sending = nil
        return false
    }
}
