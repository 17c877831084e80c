import Commands
import Foundation
import Gateway
import NIOCore
import Node
import Pipeline
import Raft
import Testing

@Suite("What came of a change is told to people and programs")
struct AdministrationOutputTests {
    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test("A change that is finished tells the members, and how long a read had to wait")
    func finished() throws {
        let result = MembershipChangeResult(
            number: 3, verb: "replaced",
            receipt: MembershipReceipt(index: 57, voters: [1, 2, 3], learners: [5], isFinal: true), seconds: 4.25,
            pauseMilliseconds: 12.5)
        #expect(
            result.text == """
                Node 3 is replaced, after 4.3 s.
                Voters 1, 2, 3; learners 5, by entry 57.
                The longest that a read had to wait meanwhile: 12.5 ms.
                """)
        #expect(
            try json(result)
                == #"{"change":"replaced","final":true,"index":57,"learners":[5],"number":3,"pause_ms":12.5,"seconds":4.25,"voters":[1,2,3]}"#
        )
    }

    @Test("A change that goes on says so")
    func unfinished() {
        let result = MembershipChangeResult(
            number: 4, verb: "added",
            receipt: MembershipReceipt(index: 57, voters: [1, 2, 3], learners: [4], isFinal: false), seconds: 0.1,
            pauseMilliseconds: nil)
        #expect(result.text.hasPrefix("Node 4 is being added; `redoubt cluster status` shows how far it is.\n"))
    }

    @Test("A transfer tells its pause")
    func transfer() {
        let receipt = TransferReceipt(from: 1, to: 2, term: 9, pauseMilliseconds: 3.456)
        #expect(
            receipt.text == "Node 2 leads in term 9, in place of node 1; the cluster stood still for 3.5 ms.")
        let same = TransferReceipt(from: 2, to: 2, term: 9, pauseMilliseconds: 0)
        #expect(same.text == "Node 2 leads already, in term 9.")
    }

    @Test("A snapshot tells where it is and how far it reaches")
    func snapshot() {
        let receipt = SnapshotReceipt(
            index: 90, appliedIndex: 95, bytes: 12_340_000, path: "/data/snapshot-90", seconds: 1.26)
        #expect(receipt.text == "/data/snapshot-90: 12.3 MB up to entry 90, tables up to 95, in 1.3 s.")
    }

    @Test("Maintenance tells who leads")
    func maintenance() {
        #expect(
            MaintenanceReceipt(maintenance: true, leader: 2).text
                == "In maintenance: it does not lead. Leader: node 2.")
        #expect(
            MaintenanceReceipt(maintenance: false, leader: nil).text
                == "Not in maintenance: it may lead. No leader is known.")
    }

    @Test("The history is a table, newest first as it came")
    func history() throws {
        let answer = #"""
            {"events":[{"time":"2026-11-22T13:45:00.25Z","kind":"leader","term":8,"detail":"node 2 leads"},
            {"time":"2026-11-22T13:44:00Z","kind":"membership","term":7,"index":12,"detail":"node 4 was added"}]}
            """#
        let history = try JSONDecoder().decode(ClusterHistory.self, from: Data(answer.utf8))
        #expect(
            history.text == """
                TIME                     KIND        TERM  INDEX  WHAT
                2026-11-22T13:45:00.25Z  leader      8     -      node 2 leads
                2026-11-22T13:44:00Z     membership  7     12     node 4 was added
                """)
        #expect(ClusterHistory(events: []).text == "Nothing has happened yet.")
    }

    @Test("Every conflict has advice in the terms of this program", arguments: ConflictCode.allCases)
    func advice(code: ConflictCode) {
        let advice = AdministrationFailure.advice(code.rawValue)
        #expect(advice?.hasSuffix(".") == true)
        let failure = AdministrationFailure.refused(
            node: "https://n1:8441", status: 409, code: code.rawValue, text: "so it is")
        #expect(failure.exitStatus == 1)
        #expect(failure.description.hasPrefix("https://n1:8441 refused: so it is (409 \(code.rawValue))\n"))
        #expect(failure.description.hasSuffix(advice ?? "-"))
    }

    @Test("Exit codes tell whether something may have been changed")
    func exitCodes() {
        #expect(AdministrationFailure.unreachable(["x"]).exitStatus == 1)
        #expect(AdministrationFailure.unknown("x").exitStatus == 2)
        #expect(AdministrationFailure.unfinished("x").exitStatus == 2)
        let unknown = AdministrationFailure.refused(node: "n", status: 503, code: "outcome-unknown", text: "t")
        #expect(unknown.exitStatus == 2)
        let unauthorized = AdministrationFailure.refused(node: "n", status: 401, code: "unauthorized", text: "t")
        #expect(unauthorized.description.contains("redoubt token mint --role operator"))
        #expect(AdministrationFailure.unreachable(["x"]).description.contains("--url"))
    }

    @Test("A recovery tells what it would do, loudly, and how to go on")
    func recoveryPlan() throws {
        let plan = QuorumRecovery.Plan(
            clusterID: "local-1", node: NodeID(2), logDirectory: "/data/log", lastIndex: LogIndex(41),
            lastTerm: Term(3), hardState: HardState(term: Term(5), vote: nil), voters: [NodeID(1), NodeID(2)])
        let text = RecoveryText.plan(plan, config: "node.yaml")
        for words in [
            "last entry     41, of term t3", "voters n1, n2, by the newest membership",
            "entry 42 of term t6 is appended",
            "LOST", "must be wiped", "redoubt recover --config node.yaml --accept-data-loss --cluster-id local-1",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(RecoveryText.done(plan).contains("every other member (n1)."))
        let founding = QuorumRecovery.Plan(
            clusterID: "local-1", node: NodeID(2), logDirectory: "/data/log", lastIndex: LogIndex(41),
            lastTerm: Term(3), hardState: HardState(term: Term(5), vote: nil), voters: nil)
        #expect(RecoveryText.plan(founding, config: "node.yaml").contains("the founding members"))
        #expect(RecoveryText.done(founding).contains("every other member."))
    }
}
