import Metrics

/// The numbers of one channel.
final class ChannelMetrics: Sendable {
    private let delivered: Counter
    private let failed: Counter
    private let givenUp: Counter
    private let attemptTimer: Timer
    private let inFlight: Gauge
    private let oldest: Gauge
    private let circuit: Gauge

    init(channel: String) {
        let name = [("channel", channel)]
        func attempts(_ outcome: String) -> Counter {
            Counter(label: "redoubt_delivery_attempts_total", dimensions: name + [("outcome", outcome)])
        }
        delivered = attempts("delivered")
        failed = attempts("failed")
        givenUp = attempts("given_up")
        attemptTimer = Timer(label: "redoubt_delivery_attempt_seconds", dimensions: name)
        inFlight = Gauge(label: "redoubt_delivery_in_flight", dimensions: name)
        oldest = Gauge(label: "redoubt_delivery_oldest_seconds", dimensions: name)
        circuit = Gauge(label: "redoubt_delivery_circuit", dimensions: name)
    }

    func noteAttempt(took duration: Duration, delivered isDelivered: Bool) {
        attemptTimer.record(duration: duration)
        if isDelivered { delivered.increment() } else { failed.increment() }
    }

    func noteGivenUp() { givenUp.increment() }

    /// `oldest`: how long the cursor has waited for an alert.
    func note(inFlight count: Int, oldest age: Duration) {
        inFlight.record(count)
        oldest.record(age / .seconds(1))
    }

    /// The channel is no longer this node's.
    func noteEnd() {
        note(inFlight: 0, oldest: .zero)
        note(.closed(failures: 0))
    }

    func note(_ state: Circuit.State) {
        switch state {
        case .closed: circuit.record(0)
        case .halfOpen: circuit.record(1)
        case .open: circuit.record(2)
        }
    }
}
