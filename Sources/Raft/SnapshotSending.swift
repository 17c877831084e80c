/// One snapshot on its way to one follower, as the leader sees it.
///
/// The follower alone knows what it has: each of its answers says so, and after a silence the leader believes whatever
/// the next answer says, even if it is less than before. A follower that lost its part in a crash can therefore not hold
/// the transfer up (B32), while a late answer can't set it back as long as it goes on.
struct SnapshotSending: Sendable {
    /// Silence is taken for loss after this many heartbeat intervals. More than for appends, because a chunk is larger
    /// and its disk slower, and to send one twice in vain costs more.
    private static let patienceBeats = 5

    let outline: SnapshotOutline
    /// The follower has all before this on its disk.
    private(set) var stored = 0
    /// All before this was sent.
    private var sent = 0
    private var silentBeats = 0
    /// After a silence one question is out; its answer is believed.
    private var isAsking = false

    init(_ outline: SnapshotOutline) { self.outline = outline }

    /// The next piece that may be sent; noted as sent.
    mutating func nextChunk(chunkBytes: Int, windowBytes: Int) -> (offset: Int, byteCount: Int)? {
        guard !isAsking, sent < outline.byteCount, sent - stored < windowBytes else { return nil }
        let offset = sent
        sent = min(sent + chunkBytes, outline.byteCount)
        return (offset, sent - offset)
    }

    /// A follower that is silent has answered a heartbeat, so it can be reached. The piece to ask it with: the one it
    /// should take next, or none when it has all and is slow to install it.
    mutating func question(chunkBytes: Int) -> (offset: Int, byteCount: Int)? {
        guard silentBeats >= Self.patienceBeats else { return nil }
        silentBeats = 0
        isAsking = true
        sent = min(stored + chunkBytes, outline.byteCount)
        return (stored, sent - stored)
    }

    enum Answer { case goesOn, isLost }

    /// `isLost` if the follower had all of it and has not any more: the file did not stand the test.
    mutating func received(through: Int) -> Answer {
        guard (0...outline.byteCount).contains(through), through >= stored || isAsking else { return .goesOn }
        if isAsking || through > stored { silentBeats = 0 }
        let wasComplete = stored == outline.byteCount
        if isAsking { sent = through }
        isAsking = false
        stored = through
        sent = max(sent, stored)
        return wasComplete && stored < outline.byteCount ? .isLost : .goesOn
    }

    /// A heartbeat interval has passed.
    mutating func beat() { silentBeats += 1 }

    /// The connection is gone: ask as soon as the follower is heard again.
    mutating func lost() { silentBeats = Self.patienceBeats }
}
