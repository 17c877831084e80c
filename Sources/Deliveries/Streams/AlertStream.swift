import DequeModule
public import Ledger
public import Logging
import Metrics
import Synchronization

/// The live stream of alerts on one node: what the node applies goes to all subscribers. The newest alerts are kept, once for
/// all; each subscriber has a place among them and no queue of its own. One that is not there yet reads what is older from
/// the source; one that was there and falls behind what is kept is told so and dropped: it may come back and go on.
public final class AlertStream: Sendable {
    public struct Options: Sendable {
        /// Alerts that are kept for all.
        public var kept: Int
        public var subscribers: Int
        /// A silent connection hears something so often.
        public var heartbeat: Duration
        /// What clients are told to wait before they come back.
        public var retry: Duration

        public init(
            kept: Int = 4_096, subscribers: Int = 256, heartbeat: Duration = .seconds(15),
            retry: Duration = .seconds(2)
        ) {
            precondition(kept > 0 && subscribers > 0 && heartbeat > .zero, "a stream has room and a heartbeat")
            self.kept = kept
            self.subscribers = subscribers
            self.heartbeat = heartbeat
            self.retry = retry
        }
    }

    /// How things are for a subscriber at a position.
    enum Look {
        case alerts(ArraySlice<OutgoingAlert>)
        /// Nothing new.
        case nothing
        /// Not known: reading from the source has not begun.
        case unknown
        /// What comes next is not kept any more; what is kept comes after this position.
        case older(than: OutboxPosition)
        case closed
    }

    private struct State {
        /// Complete after `start`; nil: nobody reads from the source.
        var start: OutboxPosition?
        var kept: Deque<OutgoingAlert> = []
        var subscribers = 0
        var isClosed = false
    }

    private static let pageLimit = 500
    static let patience = Duration.milliseconds(100)
    private static let trouble = "the stream of alerts can't be read"

    let source: any AlertSource
    let options: Options
    private let logger: Logger
    private let state = Mutex(State())
    /// Of what is kept.
    let news = AlertNews()
    private let demands: AsyncStream<Void>
    private let demanded: AsyncStream<Void>.Continuation
    private let subscriberGauge = Gauge(label: "redoubt_alert_stream_subscribers")
    private let droppedCounter = Counter(label: "redoubt_alert_stream_dropped_total")

    public init(source: any AlertSource, options: Options = Options(), logger: Logger) {
        self.source = source
        self.options = options
        self.logger = logger
        (demands, demanded) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        subscriberGauge.record(0)
    }

    /// Reads from the source while there are subscribers, until the task is cancelled; run once.
    public func run() async {
        for await _ in demands {
            do {
                while hasSubscribers { try await follow() }
            } catch {
                break
            }
        }
        close()
    }

    /// All streams end; there will be no new ones.
    public func close() {
        state.withLock { $0.isClosed = true }
        news.end()
    }

    /// All alerts after the position, which is what the client has last seen; nil: those that come from now on. It ends soon
    /// after `end`: so long the client may listen.
    public func subscribe(
        after position: OutboxPosition? = nil, until end: ContinuousClock.Instant = .now + .seconds(1 << 31)
    ) throws(AlertStreamError) -> AlertSubscription {
        let outcome = state.withLock { state -> Result<Int, AlertStreamError> in
            guard !state.isClosed else { return .failure(.closed) }
            guard state.subscribers < options.subscribers else {
                return .failure(.tooManySubscribers(limit: options.subscribers))
            }
            state.subscribers += 1
            return .success(state.subscribers)
        }
        subscriberGauge.record(try outcome.get())
        demanded.yield()
        return AlertSubscription(self, after: position, until: end)
    }

    func noteDropped() { droppedCounter.increment() }

    func leave() {
        let count = state.withLock { state in
            state.subscribers -= 1
            return state.subscribers
        }
        subscriberGauge.record(count)
    }

    func look(after position: OutboxPosition, limit: Int) -> Look {
        state.withLock { state in
            if state.isClosed { return .closed }
            guard let start = state.start else { return .unknown }
            guard position >= start else { return .older(than: start) }
            // Nearly always the place is at the end.
            var place = state.kept.count
            while place > 0, state.kept[place - 1].position > position { place -= 1 }
            guard place < state.kept.count else { return .nothing }
            return .alerts(ArraySlice(state.kept[place..<min(place + limit, state.kept.count)]))
        }
    }

    private var hasSubscribers: Bool { state.withLock { $0.subscribers > 0 && !$0.isClosed } }

    /// Keeps what the source has from now on, for as long as there are subscribers. Throws `CancellationError` alone.
    private func follow() async throws {
        var last = try await persistently(logger, Self.trouble) { try await source.newest() }
        state.withLock { $0.start = last }
        while !endIfUnwatched() {
            let from = last
            // While the source can't be read, what is kept stays, and reading goes on where it was.
            let alerts = try await persistently(logger, Self.trouble) {
                try await source.nextAlerts(after: from, limit: Self.pageLimit)
            }
            last = alerts.last!.position
            keep(alerts)
            news.announce(last)
        }
    }

    /// Nobody is there: nothing is kept any more. True then.
    private func endIfUnwatched() -> Bool {
        state.withLock { state in
            guard state.subscribers == 0 || state.isClosed else { return false }
            state.start = nil
            state.kept = []
            return true
        }
    }

    private func keep(_ alerts: [OutgoingAlert]) {
        state.withLock { state in
            state.kept.append(contentsOf: alerts)
            while state.kept.count > options.kept { state.start = state.kept.removeFirst().position }
        }
    }
}

/// Why there is no stream.
public enum AlertStreamError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooManySubscribers(limit: Int)
    /// The node is stopping.
    case closed

    public var description: String {
        switch self {
        case .tooManySubscribers(let limit): "there are \(limit) subscribers already"
        case .closed: "the node is stopping"
        }
    }
}
