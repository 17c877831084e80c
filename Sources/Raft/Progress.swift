/// How far one follower has come, as its leader knows it, and what may be sent to it next.
///
/// In `probe` the follower's log is not known well: one append at a time, and the next only when it is answered or
/// given up. In `replicate` appends flow ahead of their answers, as far as the in-flight window allows.
struct Progress: Sendable {
    enum State: String, Sendable { case probe, replicate }

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
    /// Heard from since the leader last asked itself whether it still has a quorum.
    var recentlyHeard = false

    init(next: LogIndex, inflights: Inflights) {
        self.next = next
        self.inflights = inflights
    }

    var maySend: Bool {
        switch state {
        case .probe: !awaitsAnswer
        case .replicate: !inflights.isFull
        }
    }
    /// An append of the entries `next ... last` is sent; without entries, `last` is before `next`.
    mutating func sent(through last: LogIndex, byteCount: Int, commit: LogIndex) {
        precondition(maySend, "an append is sent only when the follower may take one")
        toldCommit = max(toldCommit, min(commit, last))
        switch state {
        case .probe:
            awaitsAnswer = true
            stalledBeats = 0
        case .replicate:
            guard last >= next else { return }
            inflights.add(last: last, byteCount: byteCount)
            next = last.next
        }
    }

    mutating func told(commit: LogIndex) { toldCommit = max(toldCommit, commit) }

    /// The follower has everything up to `index`.
    mutating func accepted(through index: LogIndex, base: LogIndex) {
        guard index >= match else { return }
        if index > match { stalledBeats = 0 }
        match = index
        switch state {
        case .probe:
            // What follows it may be compacted away here; then the search above it goes on.
            guard match >= base else { return }
            state = .replicate
            awaitsAnswer = false
            next = match.next
        case .replicate:
            inflights.free(through: match)
            next = max(next, match.next)
        }
    }

    /// The follower has no entry at `previous` like the leader's; the logs may agree at `hint`. True if this is the
    /// answer to what was sent last, and brought something to try.
    mutating func rejected(previous: LogIndex, hint: LogIndex, base: LogIndex) -> Bool {
        switch state {
        case .replicate:
            guard previous > match else { return false }
            probe(base: base)
            return true
        case .probe:
            guard previous.next == next else { return false }
            let old = next
            next = max(match.next, min(previous, hint.next), base.next)
            // At the leader's base there is nothing older to try: the next heartbeat's answer will ask again.
            guard next < old else { return false }
            awaitsAnswer = false
            return true
        }
    }

    /// The follower has answered a heartbeat, so it can be reached. True if an append, be it empty, should go to it now:
    /// because what was sent before has come to nothing, or because its log is still to be found out.
    mutating func shouldProbe(base: LogIndex) -> Bool {
        if stalledBeats >= Self.patienceBeats { probe(base: base) }
        return state == .probe && !awaitsAnswer
    }

    /// Takes all that is in flight for lost, and begins again after what is known. A search goes on where it was.
    mutating func probe(base: LogIndex) {
        if state == .replicate { next = match.next }
        next = max(next, base.next)
        state = .probe
        inflights.removeAll()
        awaitsAnswer = false
        stalledBeats = 0
    }

    /// The connection is gone: nothing more is sent until the follower is heard again.
    mutating func lost(base: LogIndex) {
        probe(base: base)
        awaitsAnswer = true
        stalledBeats = Self.patienceBeats
        matchAtLastBeat = match
    }

    /// A heartbeat interval has passed.
    mutating func beat() {
        let isWaiting = state == .probe ? awaitsAnswer : !inflights.isEmpty
        stalledBeats = isWaiting && match == matchAtLastBeat ? stalledBeats + 1 : 0
        matchAtLastBeat = match
    }
}
