import Chaos
import Testing

@Suite("Checkers of a run's history")
struct CheckerTests {
    private func verdict(_ checker: some Checker, _ spoil: (inout RunHistory) -> Void) -> CheckResult.Verdict {
        var history = HistoryFixture.good()
        spoil(&history)
        return checker.check(history).verdict
    }

    @Test("Find nothing where all is well")
    func good() {
        for history in [HistoryFixture.good(), HistoryFixture.withStreams()] {
            for checker in Verdict.checkers where !(checker is ExerciseChecker) {
                let result = checker.check(history)
                #expect(result.verdict == .passed, "\(result)")
            }
        }
        #expect(ExerciseChecker(leastCalls: 100).check(HistoryFixture.good()).verdict == .passed)
    }

    @Test("An acknowledged payment that one node lost is found")
    func lost() {
        #expect(
            verdict(ExactlyOnceChecker()) {
                $0.stored[1] = StoredRecord(node: 2, transactions: Array(HistoryFixture.ids.dropLast()))
            } == .failed)
    }

    @Test("A payment that is there twice is found")
    func doubled() {
        #expect(verdict(ExactlyOnceChecker()) { $0.stored[0].transactions.append(HistoryFixture.ids[0]) } == .failed)
    }

    @Test("A profile that counted a payment twice is found")
    func doubledProfile() {
        #expect(verdict(ExactlyOnceChecker()) { $0.stored[0].profiles["user"]! += 1 } == .failed)
    }

    @Test("A ledger that counts more than its table holds is found")
    func miscounted() {
        #expect(verdict(ExactlyOnceChecker()) { $0.stored[2].counted += 1 } == .failed)
    }

    @Test("A refused payment that is there is found, unless another try of it went through")
    func refused() {
        func spoil(_ history: inout RunHistory) {
            history.calls.append(HistoryFixture.call(900, .payInvalid, .refused, ["txn_bad"], at: 5_000, status: 422))
            for place in history.stored.indices {
                history.stored[place].transactions.append("txn_bad")
                history.stored[place].counted += 1
                history.stored[place].profiles = [:]
            }
        }
        #expect(verdict(ExactlyOnceChecker(), spoil) == .failed)
        #expect(
            verdict(ExactlyOnceChecker()) { history in
                spoil(&history)
                history.calls.append(HistoryFixture.call(901, .pay, .ok, ["txn_bad"], at: 6_000))
            } == .passed)
    }

    @Test("A payment of unknown outcome may be there or not, but everywhere the same")
    func unknown() {
        func spoil(_ history: inout RunHistory, nodes: [Int]) {
            history.calls.append(HistoryFixture.call(900, .pay, .unknown, ["txn_x"], at: 5_000, status: nil))
            for place in history.stored.indices where nodes.contains(history.stored[place].node) {
                history.stored[place].transactions.append("txn_x")
                history.stored[place].counted += 1
                history.stored[place].profiles = [:]
            }
        }
        #expect(verdict(ExactlyOnceChecker()) { spoil(&$0, nodes: []) } == .passed)
        #expect(verdict(ExactlyOnceChecker()) { spoil(&$0, nodes: [1, 2, 3]) } == .passed)
        #expect(verdict(ExactlyOnceChecker()) { spoil(&$0, nodes: [1]) } == .failed)
    }

    @Test("One key with two payments is found")
    func key() {
        #expect(
            verdict(ExactlyOnceChecker()) { history in
                for (number, id) in HistoryFixture.ids.prefix(2).enumerated() {
                    history.calls.append(
                        HistoryFixture.call(900 + number, .payKeyed, .ok, [id], at: 5_000, key: "order-1"))
                }
            } == .failed)
    }

    @Test("A run with hardly a payment, or without a node's content, proves nothing")
    func little() {
        #expect(verdict(ExactlyOnceChecker()) { $0.stored.removeLast() } == .failed)
        #expect(
            verdict(ExactlyOnceChecker()) { history in
                history.calls.removeAll()
                for place in history.stored.indices {
                    history.stored[place] = StoredRecord(node: place + 1, transactions: [])
                }
            } == .notExercised)
    }

    @Test("Digests that differ, or are missing, are found")
    func digests() {
        #expect(verdict(DigestChecker()) { $0.stored[0].digest = "cd" } == .failed)
        #expect(verdict(DigestChecker()) { $0.stored[0].digest = nil } == .failed)
    }

    @Test("An alert too many, or too few, is found")
    func alerts() {
        #expect(verdict(AlertChecker()) { $0.stored[0].alerts!.append(HistoryFixture.ids[1]) } == .failed)
        #expect(verdict(AlertChecker()) { $0.stored[0].alerts = [] } == .failed)
        #expect(verdict(AlertChecker()) { $0.stored[0].alerts!.append(HistoryFixture.ids[2]) } == .failed)
    }

    @Test("A read that does not know what was acknowledged before it is found")
    func staleRead() {
        #expect(verdict(PresenceChecker()) { $0.calls[70].value = "absent" } == .failed)
    }

    @Test("A read of the label before the last is found")
    func staleRegister() {
        #expect(
            verdict(RegisterChecker()) { history in
                let last = history.calls.lastIndex { $0.kind == .read }!
                history.calls[last].value = history.calls.first { $0.kind == .label }!.value
            } == .failed)
    }

    @Test("A label that says it changed nothing, and did, is found")
    func effects() {
        #expect(
            verdict(RegisterChecker()) { history in
                let second = history.calls.indices.filter { history.calls[$0].kind == .label }[1]
                history.calls[second].effect = "unchanged"
            } == .failed)
    }

    @Test("A label that nobody wrote is found in a read of one node alone")
    func phantom() {
        #expect(
            verdict(RegisterChecker()) { history in
                let last = history.calls.lastIndex { $0.kind == .read }!
                history.calls[last].kind = .readLocal
                history.calls[last].value = "fraud:nobody"
            } == .failed)
    }

    @Test("A term that goes back, and a term with two leaders, are found")
    func monotonic() {
        #expect(verdict(MonotonicChecker()) { $0.views[3].term = 0 } == .failed)
        #expect(
            verdict(MonotonicChecker()) { history in
                for place in history.views.indices where history.views[place].node == 2 {
                    history.views[place].leader = 2
                }
            } == .failed)
    }

    @Test("A 503 from a node that nothing excuses is found, one from a node that is down is not")
    func availability() {
        func failing(at: Int64, node: Int) -> CallRecord {
            HistoryFixture.call(900, .pay, .unknown, ["txn_x"], at: at, node: node, status: 503)
        }
        #expect(verdict(AvailabilityChecker()) { $0.calls.append(failing(at: 150_000, node: 2)) } == .failed)
        #expect(verdict(AvailabilityChecker()) { $0.calls.append(failing(at: 150_000, node: 1)) } == .passed)
        #expect(verdict(AvailabilityChecker()) { $0.calls.append(failing(at: 2_900_000, node: 1)) } == .failed)
    }

    @Test("Without a majority nobody is blamed")
    func noMajority() {
        #expect(
            verdict(AvailabilityChecker()) { history in
                history.faults[0].excused = [1, 3]
                history.calls.append(
                    HistoryFixture.call(900, .pay, .unknown, ["txn_x"], at: 150_000, node: 2, status: 503))
            } == .passed)
    }

    @Test("Nodes that never come back are blamed for that, and for nothing else")
    func neverReady() {
        func spoil(_ history: inout RunHistory) {
            history.faults[0].excused = [1, 3]
            history.views.removeAll { $0.ready && $0.node != 2 }
            history.calls.append(
                HistoryFixture.call(900, .pay, .unknown, ["txn_x"], at: 150_000, node: 2, status: 503))
        }
        #expect(verdict(AvailabilityChecker(), spoil) == .passed)
        #expect(verdict(RecoveryChecker(), spoil) == .failed)
    }

    @Test("A cluster that does not come back is found")
    func recovery() {
        #expect(verdict(RecoveryChecker()) { history in history.views.removeAll { $0.node == 3 } } == .failed)
        #expect(verdict(RecoveryChecker()) { $0.healed = 2_000_000 } == .failed)
    }

    @Test("A node that takes up too much is found")
    func bounds() {
        #expect(verdict(BoundsChecker()) { $0.views[0].residentBytes = 2 << 30 } == .failed)
    }

    @Test("A fault that did not bite fails the run, as do too few calls")
    func toothless() {
        #expect(verdict(ExerciseChecker(leastCalls: 10)) { $0.faults[0].evidence = nil } == .notExercised)
        #expect(verdict(ExerciseChecker(leastCalls: 10_000)) { _ in } == .notExercised)
    }
}
