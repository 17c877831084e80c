import Chaos
import Testing

@Suite("Checkers of payments that came through Kafka")
struct StreamCheckerTests {
    private func verdict(_ checker: some Checker, _ spoil: (inout RunHistory) -> Void) -> CheckResult.Verdict {
        var history = HistoryFixture.withStreams()
        spoil(&history)
        return checker.check(history).verdict
    }

    @Test("A payment that the brokers acknowledged and one node lost is found")
    func lost() {
        #expect(
            verdict(ExactlyOnceChecker()) {
                $0.stored[1].transactions.removeAll { $0 == HistoryFixture.streamIDs[5] }
                $0.stored[1].counted -= 1
                $0.stored[1].profiles["streamer"]! -= 1
            } == .failed)
    }

    @Test("A payment of the topic that is there twice is found, though its record was there twice")
    func doubled() {
        let id = HistoryFixture.streamIDs[5]
        func again(_ history: inout RunHistory) {
            history.calls.append(
                HistoryFixture.record(2_900, .stream, .ok, id, at: 700_000, place: "payments/1@90"))
        }
        #expect(verdict(ExactlyOnceChecker(), again) == .passed)
        #expect(
            verdict(ExactlyOnceChecker()) { history in
                again(&history)
                for place in history.stored.indices {
                    history.stored[place].transactions.append(id)
                    history.stored[place].counted += 1
                    history.stored[place].profiles["streamer"]! += 1
                }
            } == .failed)
    }

    @Test("A record that is no payment and no dead letter, or is one twice, is found on any node")
    func poison() {
        #expect(verdict(StreamChecker()) { $0.stored[2].deadLetters!.removeLast() } == .failed)
        #expect(
            verdict(StreamChecker()) { $0.stored[0].deadLetters!.append(HistoryFixture.poisonPlaces[0]) } == .failed)
        #expect(verdict(StreamChecker()) { $0.stored[1].deadLetters = nil } == .failed)
    }

    @Test("A dead letter that was a payment is found")
    func stranger() {
        #expect(verdict(StreamChecker()) { $0.stored[0].deadLetters!.append("payments/1@5") } == .failed)
    }

    @Test("A poison record of unknown fate may be a dead letter or not")
    func unknown() {
        func doubt(_ history: inout RunHistory) {
            history.calls.append(HistoryFixture.record(3_900, .poison, .unknown, nil, at: 700_000))
        }
        #expect(verdict(StreamChecker(), doubt) == .passed)
        #expect(
            verdict(StreamChecker()) { history in
                doubt(&history)
                for place in history.stored.indices { history.stored[place].deadLetters!.append("payments/5@9") }
            } == .passed)
    }

    @Test("A run with Kafka and hardly a record on the topic, or none that is no payment, proves nothing")
    func little() {
        #expect(
            verdict(StreamChecker()) { history in
                history.calls.removeAll { $0.kind == .stream || $0.kind == .poison }
                for place in history.stored.indices { history.stored[place].deadLetters = [] }
            } == .notExercised)
        #expect(
            verdict(StreamChecker()) { history in
                history.calls.removeAll { $0.kind == .poison }
                for place in history.stored.indices { history.stored[place].deadLetters = [] }
            } == .notExercised)
    }

    @Test("What only the brokers have acknowledged need not be in the ledger yet, but stays once it was seen")
    func presence() {
        let id = HistoryFixture.streamIDs[5]
        func read(_ number: Int, _ value: String, at: Int64) -> CallRecord {
            HistoryFixture.call(number, .read, .ok, [id], at: at, value: value, status: 200)
        }
        #expect(verdict(PresenceChecker()) { $0.calls.append(read(4_000, "absent", at: 800_000)) } == .passed)
        #expect(
            verdict(PresenceChecker()) {
                $0.calls.append(read(4_000, "none", at: 800_000))
                $0.calls.append(read(4_001, "absent", at: 900_000))
            } == .failed)
    }

    @Test("A node that is ready and still can't give payments to the brokers is found, after a while")
    func withoutBrokers() {
        func refused(at microseconds: Int64) -> CheckResult.Verdict {
            verdict(AvailabilityChecker()) { history in
                var call = HistoryFixture.call(4_000, .pay, .refused, ["txn_x"], at: microseconds, status: 503)
                call.acknowledger = .brokers
                history.calls.append(call)
            }
        }
        #expect(refused(at: 5_900_000) == .failed)
        #expect(refused(at: 2_900_000) == .passed)
    }

    @Test("That brokers acknowledge says nothing of the nodes' recovery, nor do they answer for their availability")
    func brokers() {
        #expect(
            verdict(RecoveryChecker()) { history in
                history.healed = 2_000_000
                history.calls.append(HistoryFixture.record(2_900, .stream, .ok, "txn_s0", at: 2_100_000))
            } == .failed)
        #expect(
            verdict(AvailabilityChecker()) {
                $0.calls.append(HistoryFixture.record(2_900, .stream, .unknown, "txn_s0", at: 150_000))
            } == .passed)
    }
}
