import Ledger
import Pipeline
import Raft
import Synchronization
import Testing

/// Stretches of streams on their way through the sequencer.
@Suite(.timeLimit(.minutes(1))) struct SequencerStreamTests {
    private let desk = Desk()
    private let answers = Answers()
    private let partition = StreamPartition(topic: "payments", number: 0)

    private func lead(_ sequencer: Sequencer, term: UInt64) {
        sequencer.statusChanged(Status(role: .leader, term: Term(term), leader: NodeID(1), established: false))
        sequencer.committed(through: desk.append(noop: Term(term)))
        sequencer.statusChanged(Status(role: .leader, term: Term(term), leader: NodeID(1), established: true))
    }

    /// The payments of these numbers at offsets of the same numbers.
    private func stretch(_ numbers: ClosedRange<Int>) -> IntakeGroup {
        let range = StreamRange(
            partition: partition, clusterID: "kafka", expectedOffset: Int64(numbers.lowerBound),
            firstOffset: Int64(numbers.lowerBound), lastOffset: Int64(numbers.upperBound))
        return IntakeGroup(
            stream: IntakeStream(range: range, offsets: numbers.map(Int64.init), deadLetters: []),
            records: numbers.flatMap { desk.group($0).records }, mayBeKnown: false)
    }

    private func next(_ sequencer: Sequencer) async throws -> Int64? {
        let partition = partition
        return try await sequencer.read { state, _ in state.streams[partition]?.nextOffset }
    }

    /// Everything that was asked before has been looked at.
    private func pass(_ sequencer: Sequencer) async {
        await withCheckedContinuation { continuation in sequencer.committedFold { _ in continuation.resume() } }
    }

    @Test func `what was not committed is taken again by the next leader, and nothing twice`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([stretch(0...1)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.committed(through: desk.lastIndex)
        guard case .committed(_, let first) = await answers.wait(for: 1) else { Issue.record("not taken"); return }
        let receipt = StreamReceipt(nextOffset: 2, accepted: 2, duplicates: 0, deadLetters: 0)
        #expect(first == .groups([.streamed(receipt)]))
        // The next one is lost with the office.
        sequencer.submit(.groups([stretch(2...3)]), reply: answers.reply(2))
        #expect(await desk.eventually { $0.log.count == 3 })
        sequencer.statusChanged(Status(role: .follower, term: Term(2), leader: nil, established: false))
        guard case .refused(.leadershipLost) = await answers.wait(for: 2) else { Issue.record("answered"); return }
        desk.state.withLock { _ = $0.log.removeLast() }
        #expect(try await next(sequencer) == 2)
        lead(sequencer, term: 3)
        // A copy of the first, and the lost one twice: by the worker, and by one that does not know that it was replaced.
        sequencer.submit(
            .groups([stretch(0...1), stretch(2...3), stretch(2...3), stretch(4...4)]), reply: answers.reply(3))
        #expect(await desk.eventually { $0.log.count == 4 })
        sequencer.committed(through: desk.lastIndex)
        guard case .committed(_, .groups(let outcomes)) = await answers.wait(for: 3) else {
            Issue.record("not taken")
            return
        }
        #expect(
            outcomes == [
                .streamRefused(.offsetConflict(next: 2)),
                .streamed(StreamReceipt(nextOffset: 4, accepted: 2, duplicates: 0, deadLetters: 0)),
                .streamRefused(.offsetConflict(next: 4)),
                .streamed(StreamReceipt(nextOffset: 5, accepted: 1, duplicates: 0, deadLetters: 0)),
            ])
        #expect(try await next(sequencer) == 5)
        sequencer.stop()
    }

    @Test func `a stretch out of place is answered without an entry`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        sequencer.submit(.groups([stretch(0...1)]), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        // Told only when what it says is committed: by then both have been looked at.
        sequencer.submit(.groups([stretch(0...1)]), reply: answers.reply(2))
        for _ in 0..<2 { await pass(sequencer) }
        #expect(answers[2] == nil)
        sequencer.committed(through: desk.lastIndex)
        guard case .committed(_, .groups(let outcomes)) = await answers.wait(for: 2) else {
            Issue.record("no answer")
            return
        }
        #expect(outcomes == [.streamRefused(.offsetConflict(next: 2))])
        #expect(desk.lastIndex == LogIndex(2))
        sequencer.stop()
    }

    @Test func `an operator's word moves a stream`() async throws {
        let sequencer = try desk.sequencer()
        lead(sequencer, term: 1)
        let change = StreamChange(
            partition: partition, position: StreamPosition(clusterID: "kafka", nextOffset: 40))
        sequencer.submit(.stream(author: "ada", change), reply: answers.reply(1))
        #expect(await desk.eventually { $0.log.count == 2 })
        sequencer.committed(through: desk.lastIndex)
        guard case .committed(_, .stream(let outcome)) = await answers.wait(for: 1) else {
            Issue.record("no answer")
            return
        }
        #expect(outcome == .changed(previous: nil))
        sequencer.submit(.stream(author: "ada", change), reply: answers.reply(2))
        guard case .committed(_, .stream(.unchanged)) = await answers.wait(for: 2) else {
            Issue.record("no answer")
            return
        }
        #expect(try await next(sequencer) == 40)
        sequencer.stop()
    }
}
