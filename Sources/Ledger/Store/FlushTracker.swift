import Postgres
import Raft

/// Finds out which applied entries the server can no longer lose, although it commits without waiting for its disk.
///
/// The position where the server writes its log is noted after a commit; once the server has flushed past it, that
/// commit is safe. Noted and compared within one session: a crash of the server ends the session, and what was noted
/// before says nothing about the log it writes afterwards.
struct FlushTracker {
    /// What can't be lost any more.
    private(set) var flushed: LogIndex = .zero
    private var noted: (index: LogIndex, position: Int64, at: ContinuousClock.Instant)?
    private var lastPoll: ContinuousClock.Instant?
    private let pollInterval: Duration
    /// The background writer flushes all commits within three times its delay (200 ms by default); but the position
    /// noted may lie a little past the commit, and nothing may follow for a while.
    private static let patience = Duration.seconds(2)

    init(pollMilliseconds: Int) { pollInterval = .milliseconds(pollMilliseconds) }

    func isBehind(_ applied: LogIndex) -> Bool { flushed < applied }

    /// A new session: only what is noted from now on counts. What was flushed remains so, unless the database turns
    /// out to stand before it; true then: somebody put an older one in its place, or its disk lied.
    mutating func sessionBegan(at applied: LogIndex) -> Bool {
        noted = nil
        lastPoll = nil
        defer { flushed = min(flushed, applied) }
        return applied < flushed
    }

    /// The content was replaced by a commit that waited for the server's disk.
    mutating func replaced(at applied: LogIndex) {
        noted = nil
        flushed = applied
    }

    /// Asks the server if it is time to; true if more is flushed than before.
    mutating func poll(_ applied: LogIndex, _ connection: PostgresConnection) throws(PostgresError) -> Bool {
        let now = ContinuousClock.now
        guard isBehind(applied), lastPoll.map({ now - $0 >= pollInterval }) ?? true else { return false }
        lastPoll = now
        let row = try connection.query(
            """
            SELECT (pg_current_wal_flush_lsn() - '0/0')::int8, (pg_current_wal_insert_lsn() - '0/0')::int8
            """)
        let (flushPosition, insertPosition) = (try row.int8(0, 0), try row.int8(0, 1))
        var advanced = false
        if let noted, flushPosition >= noted.position {
            precondition(noted.index > flushed, "what is flushed only rises")
            flushed = noted.index
            advanced = true
            self.noted = nil
        }
        if let noted, now - noted.at > Self.patience {
            try Self.flushNow(connection)
            self.noted = (noted.index, noted.position, now)
        }
        if noted == nil, isBehind(applied) { noted = (applied, insertPosition, now) }
        return advanced
    }

    /// A commit that waits for the server's own disk, and for no standby.
    private static func flushNow(_ connection: PostgresConnection) throws(PostgresError) {
        try connection.execute(
            """
            BEGIN; SET LOCAL synchronous_commit = local; UPDATE ledger SET applied_index = applied_index; COMMIT
            """)
    }
}
