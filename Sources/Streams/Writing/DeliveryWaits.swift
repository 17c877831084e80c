import Kafka
import Synchronization

/// Requests that wait for the brokers, each until its deadline.
final class DeliveryWaits: Sendable {
    typealias Settlement = Result<[Result<KafkaDelivery, KafkaError>], KafkaError>

    enum Outcome: Sendable {
        case settled(Settlement)
        /// The deadline came first; what becomes of the records is open.
        case late
    }

    private struct State {
        var waits: [UInt64: (deadline: ContinuousClock.Instant, continuation: CheckedContinuation<Outcome, Never>)] =
            [:]
        var lastTicket: UInt64 = 0
        /// None is earlier.
        var earliest: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// `send` is called at once, and is to call what it is given when the records are settled.
    func wait(
        until deadline: ContinuousClock.Instant, _ send: (@escaping @Sendable (Settlement) -> Void) -> Void
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            let ticket = state.withLock { state in
                state.lastTicket += 1
                state.waits[state.lastTicket] = (deadline, continuation)
                state.earliest = min(state.earliest ?? deadline, deadline)
                return state.lastTicket
            }
            send { [self] settlement in take(ticket)?.resume(returning: .settled(settlement)) }
        }
    }

    /// To be called every few milliseconds.
    func expire(_ now: ContinuousClock.Instant) {
        let late = state.withLock { state -> [CheckedContinuation<Outcome, Never>] in
            guard let earliest = state.earliest, earliest <= now else { return [] }
            let late = state.waits.filter { $0.value.deadline <= now }
            for ticket in late.keys { state.waits[ticket] = nil }
            state.earliest = state.waits.values.lazy.map(\.deadline).min()
            return late.values.map(\.continuation)
        }
        for continuation in late { continuation.resume(returning: .late) }
    }

    private func take(_ ticket: UInt64) -> CheckedContinuation<Outcome, Never>? {
        state.withLock { $0.waits.removeValue(forKey: ticket)?.continuation }
    }
}
