import Deliveries
import Ledger
import Synchronization

/// A ledger's alerts, in memory.
final class MemoryAlerts: AlertSource {
    struct Unavailable: Error {}

    private let all = Mutex<[OutgoingAlert]>([])
    private let failuresLeft = Mutex(0)
    private let asked = Mutex(0)
    let news = AlertNews()

    /// How often somebody asked for alerts.
    var questions: Int { asked.withLock { $0 } }

    var raised: [OutgoingAlert] { all.withLock { $0 } }

    /// Of that many users, in turns; some entries raise two alerts.
    func raise(_ count: Int, users: UInt64 = 7) {
        let last = all.withLock { all in
            for _ in 0..<count {
                let number = UInt64(all.count)
                let position = place(10 + number - number % 3 / 2, UInt32(number % 3 / 2))
                all.append(
                    OutgoingAlert(
                        position: position, id: "txn_\(number)", userKey: number % users,
                        document: Array("{\"transaction_id\":\"txn_\(number)\"}".utf8)))
            }
            return all.last!.position
        }
        news.announce(last)
    }

    /// The next so many questions are answered with an error.
    func fail(_ times: Int) { failuresLeft.withLock { $0 = times } }

    func alerts(after position: OutboxPosition, limit: Int) async throws -> OutgoingAlerts {
        asked.withLock { $0 += 1 }
        try check()
        let found = all.withLock { all in Array(all.drop { $0.position <= position }.prefix(limit)) }
        return OutgoingAlerts(found, through: found.last?.position ?? position)
    }

    func newest() async throws -> OutboxPosition {
        try check()
        return all.withLock { $0.last?.position ?? .start }
    }

    private func check() throws {
        let fails = failuresLeft.withLock { left in
            left -= left > 0 ? 1 : 0
            return left > 0
        }
        if fails { throw Unavailable() }
    }
}

/// The replicated cursors, in memory, with nodes that may or may not be heard.
final class MemoryCursors: Sendable {
    struct NotHeard: Error {}

    struct State {
        var cursors: [String: OutboxPosition] = [:]
        var givenUp: [GivenUpDelivery] = []
        var advances = 0
        var leader = 0
    }

    let state = Mutex(State())

    /// As one node sees them: only the leader can change anything.
    func view(of node: Int) -> any DeliveryCursors { View(shared: self, node: node) }

    private struct View: DeliveryCursors {
        let shared: MemoryCursors
        let node: Int

        func cursor(of channel: String) async throws -> OutboxPosition? {
            try shared.state.withLock { state in
                guard state.leader == node else { throw NotHeard() }
                return state.cursors[channel]
            }
        }

        func advance(_ cursors: [String: OutboxPosition]) async throws {
            try shared.state.withLock { state in
                guard state.leader == node else { throw NotHeard() }
                state.advances += 1
                state.cursors.merge(cursors, uniquingKeysWith: max)
            }
        }

        func giveUp(_ delivery: GivenUpDelivery) async throws {
            try shared.state.withLock { state in
                guard state.leader == node else { throw NotHeard() }
                state.givenUp.append(delivery)
            }
        }
    }
}
