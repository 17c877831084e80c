import Detection
import Ledger
import Pipeline
import Raft
import Synchronization
import Testing

/// Labels, and changes of what payments are judged by, on their way through the sequencer.
@Suite(.timeLimit(.minutes(1))) struct SequencerDetectionTests {
    private let desk = Desk()
    private let answers = Answers()

    private static let twoForReview = """
        rules:
          - id: everything
            when: amount > 0
            decision: review
            reason: everything is looked at
        """

    private func lead(_ sequencer: Sequencer, term: UInt64) {
        sequencer.statusChanged(Status(role: .leader, term: Term(term), leader: NodeID(1), established: false))
        sequencer.committed(through: desk.append(noop: Term(term)))
        sequencer.statusChanged(Status(role: .leader, term: Term(term), leader: NodeID(1), established: true))
    }

    /// Has work committed and gives the answer.
    private func commit(_ work: Work, _ sequencer: Sequencer, number: Int) async throws -> WorkAnswer {
        let last = desk.lastIndex
        sequencer.submit(work, reply: answers.reply(number))
        #expect(await desk.eventually { UInt64($0.log.count) > last.rawValue } || answers[number] != nil)
        sequencer.committed(through: desk.lastIndex)
        guard case .committed(_, let answer) = await answers.wait(for: number) else {
            Issue.record("answered \(String(describing: answers[number]))")
            throw NoAnswer()
        }
        return answer
    }

    private struct NoAnswer: Error {}

    private func label(_ number: Int, _ verdict: Verdict = .fraud) -> IntakeLabel {
        IntakeLabel(
            id: TransactionID(rawValue: UInt128(number)), verdict: verdict, source: "test",
            labelledAtMicroseconds: 2_000_000_000)
    }

    @Test func `a label is answered by what it comes to, and the same again changes nothing`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        _ = try await commit(.groups([desk.group(1), desk.group(2)]), sequencer, number: 1)
        let work = Work.labels([label(1), label(7), label(1, .legitimate), label(2)])
        let first = try await commit(work, sequencer, number: 2)
        #expect(first == .labels([.accepted, .unknownTransaction, .changed, .accepted]))
        let entries = desk.lastIndex
        sequencer.submit(.labels([label(1, .legitimate), label(2)]), reply: answers.reply(3))
        guard case .committed(_, let again) = await answers.wait(for: 3) else { throw NoAnswer() }
        #expect(again == .labels([.unchanged, .unchanged]))
        #expect(desk.lastIndex == entries)
        sequencer.stop()
    }

    @Test func `new rules judge what comes after them, and undone ones don't`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        let change = Work.change(
            author: "ada",
            .putRules(text: Self.twoForReview, comment: "", restores: nil, expecting: 0))
        #expect(try await commit(change, sequencer, number: 1) == .change(.changed(version: 1)))
        #expect(try await decision(of: 1, sequencer) == .review)
        // The next change is lost with the office.
        let back = Work.change(
            author: "ada", .putRules(text: RuleProgram.standardText, comment: "", restores: 0, expecting: nil))
        let last = desk.lastIndex
        sequencer.submit(back, reply: answers.reply(2))
        #expect(await desk.eventually { UInt64($0.log.count) > last.rawValue })
        sequencer.statusChanged(Status(role: .follower, term: Term(2), leader: nil, established: false))
        guard case .refused(.leadershipLost) = await answers.wait(for: 2) else { throw NoAnswer() }
        desk.state.withLock { _ = $0.log.removeLast() }
        lead(sequencer, term: 3)
        #expect(try await decision(of: 3, sequencer) == .review)
        let version = try await sequencer.read { state, _ in state.registry.activeRules }
        #expect(version == 1)
        #expect(try await commit(back, sequencer, number: 4) == .change(.changed(version: 2)))
        #expect(try await decision(of: 5, sequencer) == .approve)
        sequencer.stop()
    }

    private func decision(of number: Int, _ sequencer: Sequencer) async throws -> Decision? {
        let answer = try await commit(.groups([desk.group(number)]), sequencer, number: 100 + number)
        guard case .groups(let groups) = answer, case .accepted(let records) = groups.first,
            case .accepted(let decision, _, _) = records.first
        else { return nil }
        return decision
    }

    @Test func `a change that can't be made is refused with its reason`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        let unknown = ModelID(rawValue: 7)
        sequencer.submit(.change(author: "ada", .activateModel(unknown)), reply: answers.reply(1))
        guard case .committed(_, .change(let outcome)) = await answers.wait(for: 1) else { throw NoAnswer() }
        #expect(outcome == .refused(.unknownModel(unknown)))
        #expect(desk.lastIndex == LogIndex(1))
        sequencer.stop()
    }

    @Test func `what is read of the fold is told when it is committed`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([desk.group(1)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        async let count = sequencer.read { state, _ in state.transactionCount }
        // Undone: the reader sees what is left.
        sequencer.statusChanged(Status(role: .follower, term: Term(2), leader: nil, established: false))
        #expect(try await count == 0)
        sequencer.stop()
    }
}
