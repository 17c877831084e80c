import Raft

/// Watches a simulated cluster and notes the first thing that must never happen.
struct SimulationChecker {
    private(set) var violation: String?
    /// What this run really exercised.
    private(set) var seen: [String: Int] = [:]
    /// What has ever been committed, by anyone's knowledge, and the term of the leader that knew it first.
    private(set) var committed: [SimulatedEntry] = []
    private var committedIn: [Term] = []
    private var leaders: [Term: Int] = [:]
    private var votes: [[UInt64]: NodeID] = [:]
    private var openReads: [UInt64: (node: Int, committed: Int, time: Int)] = [:]

    /// When the read was asked that has waited longest for its answer.
    var oldestOpenRead: Int? { openReads.values.map(\.time).min() }

    mutating func saw(_ what: String) { seen[what, default: 0] += 1 }

    mutating func readAsked(_ tag: UInt64, of node: Int, at time: Int) {
        openReads[tag] = (node, committed.count, time)
    }

    mutating func crashed(_ node: Int) {
        saw("crash")
        openReads = openReads.filter { $0.value.node != node }
    }

    private mutating func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds, violation == nil { violation = what() }
    }

    // MARK: Effects

    mutating func observe(_ effect: Effect, of node: Int, among nodes: [SimulatedNode]) {
        let state = nodes[node]
        switch effect {
        case .commit(let index):
            expect(index > state.reportedCommit, "n\(node + 1): commit fell from \(state.reportedCommit) to \(index)")
            expect(
                Int(index.rawValue) <= state.diskLog.count,
                "n\(node + 1): commit \(index) reported beyond its own disk, \(state.diskLog.count)")
        case .compactionFloor(let index):
            expect(index > state.reportedFloor, "n\(node + 1): compaction floor fell")
        case .readReady(let tag, let index):
            saw("read")
            guard let read = openReads.removeValue(forKey: tag) else {
                return expect(false, "read \(tag) answered twice")
            }
            if state.raft?.status.role == .follower { saw("forwarded read") }
            expect(Int(index.rawValue) >= read.committed, "stale read \(tag): \(index) after \(read.committed)")
        case .readRefused(let tag):
            saw("read refused")
            let wasOpen = openReads.removeValue(forKey: tag) != nil
            expect(wasOpen, "read \(tag) answered twice")
        case .proposalAccepted(let first, _, let term):
            saw("proposal")
            expect(leaders[term] == node, "proposal accepted by a node that does not lead")
            expect(Int(first.rawValue) == state.memory.count + 1, "proposal accepted elsewhere than at the end")
        case .proposalRefused(.tooMuchUncommitted):
            saw("proposal over the bound")
        case .statusChanged(let status) where status.role == .leader:
            if !status.established { elected(node, in: status.term, among: nodes) }
        case .membershipChanged(let membership, _, let isCommitted):
            if membership.isJoint { saw("joint membership") }
            if isCommitted { saw("membership committed") }
        case .membershipRefused(_, let refusal): saw("change refused: \(refusal)".prefix { $0 != "(" }.description)
        case .transferEnded(_, let outcome): saw("transfer \(outcome)".prefix { $0 != "(" }.description)
        default: break
        }
    }

    private mutating func elected(_ node: Int, in term: Term, among nodes: [SimulatedNode]) {
        saw("election")
        expect(leaders[term] == nil || leaders[term] == node, "two leaders in \(term)")
        leaders[term] = node
        let log = nodes[node].memory
        for index in committed.indices where committedIn[index] < term {
            expect(
                index < log.count && log[index] == committed[index],
                "leader completeness: n\(node + 1), elected in \(term), lacks committed entry \(index + 1)")
        }
    }

    // MARK: States

    /// After every step of `node`.
    mutating func check(_ node: Int, among nodes: [SimulatedNode]) {
        let state = nodes[node]
        guard let raft = state.raft else { return }
        expect(raft.lastIndex.rawValue == UInt64(state.memory.count), "n\(node + 1): core and log differ in length")
        if raft.status.role == .leader, leaders[raft.term] == nil { elected(node, in: raft.term, among: nodes) }
        let commit = Int(raft.commitIndex.rawValue)
        expect(commit <= state.memory.count, "n\(node + 1): committed beyond its log")
        guard commit <= state.memory.count else { return }
        if commit > committed.count, raft.status.role == .leader {
            let term = state.memory[commit - 1].term
            expect(term == raft.term, "n\(node + 1) in \(raft.term) committed \(commit) of \(term) by counting")
        }
        for index in committed.count..<max(commit, committed.count) {
            let entry = state.memory[index]
            let holders = nodes.indices.filter {
                index < nodes[$0].diskLog.count && nodes[$0].diskLog[index] == entry
            }.map { NodeID(UInt64($0) + 1) }
            for voters in [raft.membership.voters, raft.membership.outgoing] where !voters.isEmpty {
                expect(
                    2 * voters.count(where: holders.contains) > voters.count,
                    "n\(node + 1) in \(raft.term) committed \(index + 1), which of \(raft.membership) \(holders) hold")
            }
            committed.append(entry)
            committedIn.append(raft.term)
        }
        // All that a node holds as committed is what everyone else committed there.
        let recent = max(0, commit - 20)
        expect(
            state.memory[recent..<commit] == committed[recent..<commit],
            "n\(node + 1): a committed entry changed before \(commit)")
        let durable = Int(raft.durableIndex.rawValue)
        let newest = max(0, durable - 20)
        expect(
            durable <= state.diskLog.count && state.memory[newest..<durable] == state.diskLog[newest..<durable],
            "n\(node + 1): takes its log to be durable up to \(durable), and the disk has something else")
        checkLogMatching(node, among: nodes)
    }

    /// Two logs with the same term at the same index are equal up to there.
    private mutating func checkLogMatching(_ node: Int, among nodes: [SimulatedNode]) {
        let mine = nodes[node].memory
        for (other, state) in nodes.enumerated() where other != node {
            var index = min(mine.count, state.memory.count) - 1
            while index >= 0, mine[index].term != state.memory[index].term { index -= 1 }
            guard index >= 0 else { continue }
            let from = max(0, index - 20)
            expect(
                mine[from...index] == state.memory[from...index],
                "log matching: n\(node + 1) and n\(other + 1) differ before \(index + 1)")
        }
    }

    /// What leaves a node must be true of its disk.
    mutating func checkSent(_ message: Message, among nodes: [SimulatedNode]) {
        let node = Int(message.from.rawValue) - 1
        let state = nodes[node]
        switch message.body {
        case .preVoteRequest, .preVoteResponse: return
        case .voteResponse(granted: true):
            let ballot = [message.from.rawValue, message.term.rawValue]
            expect(
                votes[ballot] == nil || votes[ballot] == message.to, "\(message.from) voted twice in \(message.term)")
            votes[ballot] = message.to
            expect(
                state.diskState.term > message.term || state.diskState.vote == message.to,
                "\(message.from) voted in \(message.term) before that was durable")
        case .voteRequest:
            let ballot = [message.from.rawValue, message.term.rawValue]
            expect(votes[ballot] == nil || votes[ballot] == message.from, "\(message.from) voted twice")
            votes[ballot] = message.from
        case .appendAccepted(let match):
            expect(Int(match.rawValue) <= state.diskLog.count, "\(message.from) acknowledged \(match) too early")
            if let leader = leaders[message.term], nodes[leader].raft?.term == message.term {
                let length = min(Int(match.rawValue), state.diskLog.count)
                expect(
                    state.diskLog[..<length].elementsEqual(nodes[leader].memory.prefix(length)),
                    "\(message.from) acknowledged \(match), but its disk differs from the leader's log")
            }
        default: break
        }
        expect(state.diskState.term >= message.term, "\(message.from) spoke in \(message.term) before it was durable")
    }
}
