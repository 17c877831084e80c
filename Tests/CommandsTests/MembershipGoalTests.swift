import Commands
import Foundation
import HTTPSClient
import Testing

extension NodeReport.Member {
    static func example(
        id: UInt64, role: String, address: String = "h:1", url: String? = nil, reachable: Bool = true,
        lag: UInt64? = nil, snapshot: (Int, Int)? = nil
    ) -> NodeReport.Member {
        var object: [String: Any] = ["id": id, "life": "0", "role": role, "address": address, "reachable": reachable]
        object["url"] = url
        object["lag"] = lag
        object["snapshot"] = snapshot.map { ["sent_bytes": $0.0, "total_bytes": $0.1] }
        let data = try! JSONSerialization.data(withJSONObject: object)
        return try! JSONDecoder().decode(NodeReport.Member.self, from: data)
    }
}

@Suite("A change of the members is waited for until it is finished")
struct MembershipGoalTests {
    /// A report as a node sends it.
    private func report(
        node: Int = 1, leader: Int? = 1, term: Int = 5, commit: Int = 1000, voters: [Int] = [1, 2, 3],
        outgoing: [Int] = [], learners: [Int] = [], committed: Bool = true, members: String = ""
    ) throws -> NodeReport {
        let text = """
            {"cluster_id":"c","node":\(node),"maintenance":false,\(leader.map { "\"leader\":\($0)," } ?? "")"term":\(term),
            "commit_index":\(commit),"applied_index":\(commit),"postgres":{"state":"connected"},
            "membership":{"voters":\(voters),"outgoing":\(outgoing),"learners":\(learners),"index":9,
            "committed":\(committed)},"members":[\(members)]}
            """
        return try JSONDecoder().decode(NodeReport.self, from: Data(text.utf8))
    }

    private func member(_ id: Int, _ role: String, _ more: String = "", reachable: Bool = true) -> String {
        #"{"id":\#(id),"life":"0","role":"\#(role)","address":"h:1","reachable":\#(reachable)\#(more)}"#
    }

    private let voter = MembershipGoal(number: 4, state: .voter)

    private func words(_ progress: MembershipGoal.Progress) -> String? {
        if case .waiting(let text, _) = progress { text } else { nil }
    }

    @Test("A voter is one once the change is committed and nothing is outgoing")
    func voterReached() throws {
        let row = member(4, "voter")
        let done = try report(voters: [1, 2, 3, 4], members: row)
        #expect(voter.progress([done]) == .reached)
        let joint = try report(voters: [1, 2, 3, 4], outgoing: [1, 2, 3], members: row)
        #expect(voter.progress([joint]) != .reached)
        let uncommitted = try report(voters: [1, 2, 3, 4], committed: false, members: row)
        #expect(voter.progress([uncommitted]) != .reached)
    }

    @Test("While a new life of a number is a learner, the old one's vote does not count for it")
    func twoLives() throws {
        let rows = member(4, "voter", reachable: false) + "," + member(4, "learner", #","lag":5"#)
        let both = try report(voters: [1, 2, 4], learners: [4], members: rows)
        #expect(voter.progress([both]) != .reached)
    }

    @Test("Who has come back in another life is told from who was there all the time")
    func otherLife() throws {
        let old = try report(members: member(4, "voter"))
        let new = try report(members: member(4, "voter").replacing(#""life":"0""#, with: #""life":"7f3a""#))
        #expect(!old.members.haveLife(of: 4, besides: "0"))
        #expect(new.members.haveLife(of: 4, besides: "0"))
        #expect(!new.members.haveLife(of: 3, besides: "0"))
    }

    @Test("Lag, snapshots and silence are told")
    func progress() throws {
        let lagging = try report(learners: [4], members: member(4, "learner", #","lag":250"#))
        #expect(voter.progress([lagging]) == .waiting("node 4 is 250 entries behind", fraction: 0.75))
        let row = member(4, "learner", #","lag":9,"snapshot":{"sent_bytes":1000000,"total_bytes":4000000}"#)
        let snapshot = try report(learners: [4], members: row)
        #expect(voter.progress([snapshot]) == .waiting("node 4 gets a snapshot: 1.0 of 4.0 MB", fraction: 0.25))
        let silent = try report(learners: [4], members: member(4, "learner", reachable: false))
        #expect(words(voter.progress([silent])) == "node 4 cannot be reached: does it run?")
        #expect(words(voter.progress([try report()])) == "node 4 is being admitted")
        #expect(words(voter.progress([try report(leader: nil)])) == "no leader is known")
        #expect(words(voter.progress([])) == "no node answers")
    }

    @Test("A learner is one when it is committed as such")
    func learner() throws {
        let goal = MembershipGoal(number: 4, state: .learner)
        let done = try report(learners: [4], members: member(4, "learner", #","lag":250"#))
        #expect(goal.progress([done]) == .reached)
        #expect(goal.progress([try report()]) != .reached)
    }

    @Test("A member is gone when nobody of its number is left and the change is committed")
    func absent() throws {
        let goal = MembershipGoal(number: 3, state: .absent)
        #expect(goal.progress([try report(voters: [1, 2])]) == .reached)
        #expect(goal.progress([try report(voters: [1, 2], outgoing: [1, 2, 3])]) != .reached)
        #expect(goal.progress([try report(voters: [1, 2], committed: false)]) != .reached)
        #expect(goal.progress([try report(voters: [1, 2], members: member(3, "learner"))]) != .reached)
    }

    @Test("The leader of the highest term is believed")
    func latest() throws {
        let old = try report(node: 1, leader: 1, term: 5, voters: [1, 2, 3, 4], members: member(4, "voter"))
        let follower = try report(node: 2, leader: 3, term: 6, voters: [1, 2, 3, 4], members: member(4, "voter"))
        let leader = try report(node: 3, leader: 3, term: 6, voters: [1, 2, 3], members: "")
        #expect(voter.progress([old, follower, leader]) != .reached)
        #expect(voter.progress([leader, follower, old]) != .reached)
    }

    @Test("The table of the status has members, learners and what is amiss")
    func summary() throws {
        let endpoints = try ["https://n1:8441", "https://n4:8444"].map { try #require(HTTPSEndpoint($0)) }
        let rows = [
            member(1, "leader"), member(2, "voter", #","url":"https://n2:8442""#, reachable: false),
            member(4, "learner", #","lag":250"#),
        ].joined(separator: ",")
        let first = try report(voters: [1, 2], learners: [4], committed: false, members: rows)
        let summary = ClusterSummary([
            NodeObservation(endpoint: endpoints[0], report: .success(first), isReady: true),
            NodeObservation(endpoint: endpoints[1], report: .failure(.timeout(endpoints[1])), isReady: false),
        ])
        let lines = summary.text.components(separatedBy: "\n")
        #expect(lines[1].hasPrefix("1     leader       5     1000    1000     0    connected   yes"))
        #expect(lines[2].hasPrefix("-     unreachable  -"))
        #expect(lines.contains("https://n4:8444: no answer in time"))
        #expect(lines.contains("Node 2, https://n2:8442, is a member and has not answered here"))
        #expect(lines.contains("Node 4 is 250 entries behind"))
        #expect(lines.contains("Not committed yet: Voters 1, 2; learners 4, by entry 9."))
        #expect(lines.last == "Leader: node 1, term 5")
    }
}
