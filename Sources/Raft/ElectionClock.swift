/// How long this node has gone without a leader's word, and when it stands itself.
struct ElectionClock: Sendable {
    /// Ticks since the leader was heard, or a vote given, or a round of votes begun.
    private(set) var elapsed = 0
    /// Drawn anew for each wait, so that those who collided once do not do so for ever.
    private(set) var timeout: Int
    /// The connection to the leader broke, and nothing was heard of it since: its claim to be left alone has ended.
    private(set) var leaderLost = false
    /// Ticks until this node's turn among the survivors.
    private var turn: Int?

    init(electionTicks: Int, random: inout SplitMix64) {
        timeout = electionTicks + random.next(below: electionTicks)
    }

    mutating func leaderHeard() {
        elapsed = 0
        leaderLost = false
        turn = nil
    }

    mutating func leaderLost(turnIn ticks: Int) {
        leaderLost = true
        turn = ticks
    }

    /// A tick passes. True when it is time to stand.
    mutating func tick() -> Bool {
        elapsed += 1
        if let turn {
            self.turn = turn - 1
            if turn <= 1 { return true }
        }
        return elapsed >= timeout
    }
}
