import Deliveries
import Synchronization
import Testing

@Suite("Replaying what was given up")
struct ReplayTests {
    private func deliveries(_ count: UInt64, users: UInt64) -> [GivenUpDelivery] {
        (1...count).map { number in
            GivenUpDelivery(
                channel: "test",
                alert: OutgoingAlert(
                    position: place(number, 0), id: "txn_\(number)", userKey: number % users,
                    document: []),
                attempts: 5, reason: "down")
        }
    }

    private func replay(
        _ deliveries: [GivenUpDelivery], through channel: ScriptedChannel
    ) async throws -> (Replay.Report, [String]) {
        let settled = Mutex<[String]>([])
        let report = try await Replay.run(deliveries, through: channel) { delivery in
            settled.withLock { $0.append(delivery.alert.id) }
        }
        return (report, settled.withLock { $0 })
    }

    @Test("What goes through is taken off the list, in order, with the attempt's number going on")
    func all() async throws {
        let channel = ScriptedChannel()
        let (report, settled) = try await replay(deliveries(6, users: 2).reversed(), through: channel)
        #expect(report == Replay.Report(delivered: 6, reason: nil, left: 0))
        #expect(settled == (1...6).map { "txn_\($0)" })
        #expect(channel.books.withLock { $0.attempts.allSatisfy { $0.number == 6 } })
    }

    @Test("After one that fails, later ones of the same user are left, and those of others go on")
    func order() async throws {
        let channel = ScriptedChannel { alert, _ in alert.id == "txn_2" ? .refused(reason: "answered 410") : .delivered
        }
        let (report, settled) = try await replay(deliveries(6, users: 2), through: channel)
        #expect(report == Replay.Report(delivered: 3, reason: "answered 410", left: 3))
        #expect(settled == ["txn_1", "txn_3", "txn_5"])
    }

    @Test("A receiver that is not there is not asked for every one of them")
    func down() async throws {
        let channel = ScriptedChannel { _, _ in .failed(reason: "down", retryAfter: nil) }
        let (report, settled) = try await replay(deliveries(100, users: 100), through: channel)
        #expect(report == Replay.Report(delivered: 0, reason: "down", left: 100))
        #expect(settled.isEmpty && channel.attempts == Replay.failureLimit)
    }
}
