/// How long this node has gone without a leader's word, and when it stands itself.
struct ElectionClock: Sendable {
    /// Ticks since the leader was heard, or a vote given, or a round of votes begun.
    private(set) var elapsed = 0
    /// Drawn anew for each wait, so that those who collided once do not do so for ever. Between one and one and a half
    /// election timeouts: who asks at the same time gives way before it stands, so the draw needn't keep them far apart.
    private(set) var timeout: Int
    /// The connection to the leader broke, and nothing was heard of it since: its claim to be left alone has ended.
    private(set) var leaderLost = false
    private var succession: Succession?
    /// Since a leader was heard or a vote given.
    private var hasGivenWay = false

    /// While the survivors of a lost leader take turns: one of them may not have heard of the loss when the first one
    /// asks it, or may have the longer log, so each asks again when its turn comes round.
    private struct Succession {
        var ticksToTurn: Int
        let period: Int
        /// Then the ordinary timeout goes on alone.
        var ticksLeft: Int
    }

    init(electionTicks: Int, random: inout SplitMix64) {
        timeout = Self.draw(electionTicks, using: &random)
    }

    private static func draw(_ electionTicks: Int, using random: inout SplitMix64) -> Int {
        electionTicks + random.next(below: electionTicks / 2 + 1)
    }

    /// A new wait; a succession that is under way goes on.
    mutating func restart(electionTicks: Int, random: inout SplitMix64) {
        elapsed = 0
        leaderLost = false
        timeout = Self.draw(electionTicks, using: &random)
    }

    mutating func leaderHeard() {
        elapsed = 0
        leaderLost = false
        endSearch()
    }

    /// Of a node that does not stand itself.
    mutating func leaderWasLost() { leaderLost = true }

    /// This node's first turn comes in `ticks`, then every `period`, for as long as an ordinary timeout would last.
    mutating func leaderLost(turnIn ticks: Int, every period: Int) {
        leaderLost = true
        succession = Succession(ticksToTurn: ticks, period: period, ticksLeft: timeout)
    }

    /// Somebody else asks for votes: this node holds back for so long, but not a second time. That one goes on asking, and
    /// may be unable to win.
    /// - Returns: whether it does.
    mutating func giveWay(_ ticks: Int) -> Bool {
        if hasGivenWay { return false }
        hasGivenWay = true
        timeout = max(timeout, elapsed + ticks)
        if var succession {
            succession.ticksToTurn = max(succession.ticksToTurn, ticks)
            self.succession = succession
        }
        return true
    }

    /// There is a leader, or somebody's election is under way: that is given the time of an ordinary timeout.
    mutating func endSearch() {
        succession = nil
        hasGivenWay = false
    }

    /// A tick passes. True when it is time to stand.
    mutating func tick() -> Bool {
        elapsed += 1
        if var succession {
            succession.ticksToTurn -= 1
            succession.ticksLeft -= 1
            let isTurn = succession.ticksToTurn <= 0
            if isTurn { succession.ticksToTurn = succession.period }
            self.succession = succession.ticksLeft > 0 ? succession : nil
            if isTurn { return true }
        }
        return elapsed >= timeout
    }
}
