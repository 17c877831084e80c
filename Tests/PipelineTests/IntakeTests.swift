import Detection
import Ledger
import Pipeline
import Raft
import Synchronization
import Testing

/// What an intake hands over, and the means to answer it.
private final class Leader: Sendable {
    struct Delivery: Sendable {
        let batch: UInt64
        let groups: [IntakeGroup]
        let leader: NodeID
    }

    private let deliveries = Mutex<[Delivery]>([])

    var all: [Delivery] { deliveries.withLock { $0 } }

    func intake(_ limits: Intake.Limits = Intake.Limits()) -> Intake {
        Intake(limits: limits) { [self] batch, work, leader, _ in
            guard case .groups(let groups) = work else { return }
            deliveries.withLock { $0.append(Delivery(batch: batch, groups: groups, leader: leader)) }
        }
    }

    /// Waits for the delivery with this number, counted from zero.
    func delivery(_ number: Int) async throws -> Delivery {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if all.count > number { return all[number] }
            await Task.yield()
        }
        throw Timeout()
    }

    struct Timeout: Error {}
}

@Suite(.timeLimit(.minutes(1))) struct IntakeTests {
    private let n1 = NodeID(1)
    private let n2 = NodeID(2)

    private func work(_ number: Int) -> Work {
        .groups([
            IntakeGroup(
                records: [
                    IntakeRecord(
                        id: TransactionID(rawValue: UInt128(number)), fingerprint: 1, userKey: 2,
                        occurredAtMicroseconds: 3, body: [4])
                ], mayBeKnown: false)
        ])
    }

    /// One offset of a stream, which the client's ids of the record make a possible repetition every other time.
    private func stretch(_ offset: Int) -> Work {
        let partition = StreamPartition(topic: "payments", number: 0)
        let place = Int64(offset)
        return .groups([
            IntakeGroup(
                stream: IntakeStream(
                    range: StreamRange(
                        partition: partition, clusterID: "kafka", expectedOffset: place, firstOffset: place,
                        lastOffset: place), offsets: [],
                    deadLetters: [DeadLetter(offset: place, reason: "malformed", detail: "", content: [])]),
                records: [], mayBeKnown: offset % 2 == 0)
        ])
    }

    @Test func `stretches of a stream keep their order, and hold up no request`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        async let first = intake.submit(stretch(0), deadline: soon)
        let alone = try await leader.delivery(0)
        async let second = intake.submit(stretch(1), deadline: soon)
        while intake.depth < 2 { await Task.yield() }
        async let third = intake.submit(stretch(2), deadline: soon)
        while intake.depth < 3 { await Task.yield() }
        // A request need not wait for them, nor they for it.
        async let request = intake.submit(work(9), deadline: soon)
        let own = try await leader.delivery(1)
        #expect(own.groups[0].stream == nil)
        // The leader falls: all of them go to the next one, still in order, and as they were.
        intake.leadershipChanged(leader: n2, term: Term(2))
        let deliveries = [try await leader.delivery(2), try await leader.delivery(3)]
        let streams = try #require(deliveries.first { $0.groups[0].stream != nil })
        #expect(streams.groups.compactMap { $0.stream?.range.firstOffset } == [0, 1, 2])
        #expect(streams.groups.map(\.mayBeKnown) == [true, false, true])
        let receipt = GroupOutcome.streamRefused(.offsetConflict(next: 1))
        intake.answered(batch: alone.batch, .committed(LogIndex(1), .groups([receipt])))
        intake.answered(batch: streams.batch, .committed(LogIndex(2), .groups([receipt, receipt, receipt])))
        let requests = try #require(deliveries.first { $0.groups[0].stream == nil })
        intake.answered(batch: requests.batch, .committed(LogIndex(3), .groups([accepted])))
        for index in try await [first.index, second.index, third.index] { #expect(index == LogIndex(2)) }
        #expect(try await request.index == LogIndex(3))
    }

    private let accepted = GroupOutcome.accepted([.accepted(decision: .approve, score: 0, reasons: [])])
    private var soon: ContinuousClock.Instant { .now + .seconds(20) }

    @Test func `a request leaves at once and is answered with its own outcome`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        async let answer = intake.submit(work(1), deadline: soon)
        let delivery = try await leader.delivery(0)
        #expect(delivery.leader == n1)
        intake.answered(batch: delivery.batch, .committed(LogIndex(9), .groups([accepted])))
        let (index, own) = try await answer
        #expect(index == LogIndex(9))
        #expect(own == .groups([accepted]))
        #expect(intake.depth == 0)
    }

    @Test func `requests that come while batches are under way leave together`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        async let first = intake.submit(work(1), deadline: soon)
        let alone = try await leader.delivery(0)
        async let second = intake.submit(work(2), deadline: soon)
        async let third = intake.submit(work(3), deadline: soon)
        while intake.depth < 3 { await Task.yield() }
        #expect(leader.all.count == 1)
        intake.answered(batch: alone.batch, .committed(LogIndex(1), .groups([accepted])))
        let together = try await leader.delivery(1)
        #expect(together.groups.count == 2)
        intake.answered(batch: together.batch, .committed(LogIndex(2), .groups([accepted, accepted])))
        _ = try await (first, second, third)
    }

    @Test func `a batch whose leader falls goes to the next one with the same ids, as a repetition`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        async let answer = intake.submit(work(7), deadline: soon)
        let first = try await leader.delivery(0)
        #expect(!first.groups[0].mayBeKnown)
        intake.leadershipChanged(leader: nil, term: Term(1))
        intake.leadershipChanged(leader: n2, term: Term(2))
        let second = try await leader.delivery(1)
        #expect(second.leader == n2)
        #expect(second.groups[0].records == first.groups[0].records)
        #expect(second.groups[0].mayBeKnown)
        // The old leader's late answer counts for nothing.
        intake.answered(batch: first.batch, .committed(LogIndex(3), .groups([accepted])))
        intake.answered(batch: second.batch, .committed(LogIndex(4), .groups([.accepted([.duplicate])])))
        #expect(try await answer.index == LogIndex(4))
    }

    @Test func `an answer that was lost with the connection is asked for again`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n2, term: Term(1))
        async let answer = intake.submit(work(7), deadline: soon)
        _ = try await leader.delivery(0)
        intake.peerLost(n2)
        #expect(leader.all.count == 1)
        intake.peerConnected(n2)
        let second = try await leader.delivery(1)
        intake.answered(batch: second.batch, .committed(LogIndex(4), .groups([accepted])))
        _ = try await answer
    }

    @Test func `without a leader a request waits until its deadline and says that nothing was taken`() async {
        let intake = Leader().intake()
        let deadline = ContinuousClock.now + .milliseconds(1)
        let answer = Task { try await intake.submit(work(1), deadline: deadline) }
        while intake.depth < 1 { await Task.yield() }
        intake.tick(now: deadline + .milliseconds(1))
        await #expect(
            throws: BackendError.unavailable(reason: "no leader: a majority may be away", retryAfterSeconds: 1)
        ) { _ = try await answer.value }
    }

    @Test func `past its deadline a request that was under way has an open outcome`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        let deadline = ContinuousClock.now + .seconds(10)
        let answer = Task { try await intake.submit(work(1), deadline: deadline) }
        _ = try await leader.delivery(0)
        intake.tick(now: deadline + .milliseconds(1))
        await #expect(throws: BackendError.deadlineExceeded) { _ = try await answer.value }
        #expect(intake.depth == 0)
    }

    @Test func `at its bound the intake refuses at once`() async throws {
        let leader = Leader()
        var limits = Intake.Limits()
        limits.groupsWaiting = 1
        let intake = leader.intake(limits)
        async let first = intake.submit(work(1), deadline: soon)
        while intake.depth < 1 { await Task.yield() }
        await #expect(throws: BackendError.self) { try await intake.submit(work(2), deadline: soon) }
        intake.leadershipChanged(leader: n1, term: Term(1))
        let delivery = try await leader.delivery(0)
        intake.answered(batch: delivery.batch, .committed(LogIndex(1), .groups([accepted])))
        _ = try await first
    }

    @Test func `a leader at its bound is said so to the client`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        let answer = Task { try await intake.submit(work(1), deadline: soon) }
        intake.answered(batch: try await leader.delivery(0).batch, .refused(.overloaded))
        await #expect(throws: BackendError.overloaded(reason: "the leader's queue is full", retryAfterSeconds: 1)) {
            _ = try await answer.value
        }
    }

    @Test func `a refusal that says nothing was taken is not passed on when a copy may have been`()
        async throws
    {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        let deadline = ContinuousClock.now + .seconds(10)
        let answer = Task { try await intake.submit(work(1), deadline: deadline) }
        _ = try await leader.delivery(0)
        intake.leadershipChanged(leader: n2, term: Term(2))
        intake.answered(batch: try await leader.delivery(1).batch, .refused(.overloaded))
        #expect(intake.depth == 1)
        intake.tick(now: deadline + .milliseconds(1))
        await #expect(throws: BackendError.deadlineExceeded) { _ = try await answer.value }
    }

    @Test func `a payment that is surely new does not wait for the look-up of a possible repetition`() async throws {
        let leader = Leader()
        let intake = leader.intake()
        intake.leadershipChanged(leader: n1, term: Term(1))
        let repeated = Task { try await intake.submit(work(1).asRepetition, deadline: soon) }
        let first = try await leader.delivery(0)
        let fresh = Task { try await intake.submit(work(2), deadline: soon) }
        let second = try await leader.delivery(1)
        intake.answered(batch: second.batch, .committed(LogIndex(1), .groups([accepted])))
        _ = try await fresh.value
        // PostgreSQL is away: the repetition waits for it, and is taken when it is back.
        intake.answered(batch: first.batch, .refused(.lookUpUnavailable))
        intake.tick()
        let third = try await leader.delivery(2)
        intake.answered(batch: third.batch, .committed(LogIndex(2), .groups([.accepted([.duplicate])])))
        _ = try await repeated.value
    }
}

extension Work {
    fileprivate var asRepetition: Work {
        guard case .groups(var groups) = self else { return self }
        groups[0].mayBeKnown = true
        return .groups(groups)
    }
}
