import Chaos
import Testing

@Suite("The checker of what a receiver of alerts got")
struct DeliveryCheckerTests {
    private func verdict(_ spoil: (inout RunHistory) -> Void) -> CheckResult.Verdict {
        var history = HistoryFixture.withStreams()
        spoil(&history)
        return DeliveryChecker().check(history).verdict
    }

    @Test("An alert that never came is found")
    func missing() {
        #expect(verdict { $0.received!.removeLast() } == .failed)
        #expect(verdict { $0.received = [] } == .failed)
    }

    @Test("An alert of a payment that was approved, or that nobody made, is found")
    func foreign() {
        #expect(
            verdict {
                $0.received!.append(
                    ReceivedAlert(at: 1, alert: HistoryFixture.streamIDs[1], position: "90.0", user: "streamer"))
            } == .failed)
    }

    @Test("Alerts may come again, also after later ones")
    func repetition() {
        #expect(verdict { $0.received!.append($0.received![3]) } == .passed)
    }

    @Test("An alert that comes again from another place of the ledger is found")
    func moved() {
        #expect(
            verdict {
                var again = $0.received![3]
                again.position = "900.0"
                $0.received!.append(again)
            } == .failed)
    }

    @Test("A user's alerts in another order than the ledger's are found; different users' may overtake each other")
    func order() {
        #expect(verdict { $0.received!.swapAt(4, 5) } == .failed)
        #expect(verdict { $0.received!.swapAt(0, 1) } == .passed)
        // 9.10 is after 9.9.
        #expect(
            verdict {
                $0.received![1].position = "8.10"
                $0.received![2].position = "8.9"
            } == .failed)
    }

    @Test("A delivery that is not signed with the secret is found")
    func forged() {
        #expect(verdict { $0.received![3].genuine = false } == .failed)
    }

    @Test("A position that is none is found")
    func malformed() {
        #expect(verdict { $0.received![3].position = "9" } == .failed)
    }

    @Test("A run with hardly an alert proves nothing")
    func little() {
        #expect(
            verdict { history in
                history.received = []
                for place in history.stored.indices { history.stored[place].suspicious = [] }
            } == .notExercised)
    }
}
