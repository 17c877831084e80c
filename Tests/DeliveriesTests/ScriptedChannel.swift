import Deliveries
import Synchronization

/// A receiver that does as the test says, and keeps the books.
final class ScriptedChannel: AlertChannel {
    typealias Script = @Sendable (OutgoingAlert, Int) async -> AttemptOutcome

    struct Books {
        var attempts: [(alert: OutgoingAlert, number: Int)] = []
        var delivered: [OutgoingAlert] = []
        /// Users with an attempt under way.
        var underWay: Set<UInt64> = []
        var mostUnderWay = 0
        /// Somebody began an alert of a user before the last one had ended.
        var hasOverlapped = false
    }

    let name: String
    let revision: UInt64
    let options: ChannelOptions
    private let script: Script
    let books = Mutex(Books())

    init(
        _ name: String = "test", revision: UInt64 = 1, options: ChannelOptions = .quick(),
        script: @escaping Script = { _, _ in .delivered }
    ) {
        self.name = name
        self.revision = revision
        self.options = options
        self.script = script
    }

    var delivered: [OutgoingAlert] { books.withLock { $0.delivered } }
    var attempts: Int { books.withLock { $0.attempts.count } }

    func deliver(_ alert: OutgoingAlert, attempt: Int) async -> AttemptOutcome {
        books.withLock { books in
            books.attempts.append((alert, attempt))
            if !books.underWay.insert(alert.userKey).inserted { books.hasOverlapped = true }
            books.mostUnderWay = max(books.mostUnderWay, books.underWay.count)
        }
        let outcome = await script(alert, attempt)
        books.withLock { books in
            books.underWay.remove(alert.userKey)
            if outcome == .delivered { books.delivered.append(alert) }
        }
        return outcome
    }
}

extension ChannelOptions {
    /// Pauses that tests can wait for.
    static func quick(
        start: Start = .beginning, parallelism: Int = 4, window: Int = 100, attempts: Int = 5, failures: Int = 1_000
    ) -> ChannelOptions {
        ChannelOptions(
            start: start, parallelism: parallelism, window: window,
            retries: RetryPolicy(attempts: attempts, shortest: .milliseconds(1), longest: .milliseconds(4)),
            circuit: Circuit.Options(failures: failures, shortest: .milliseconds(5), longest: .milliseconds(40)))
    }
}

/// Without what came again, in the order it came first.
func withoutRepetitions(_ alerts: [OutgoingAlert]) -> [OutgoingAlert] {
    var seen: Set<String> = []
    return alerts.filter { seen.insert($0.id).inserted }
}

/// The order in which each user's alerts came.
func byUser(_ alerts: [OutgoingAlert]) -> [UInt64: [String]] {
    Dictionary(grouping: alerts, by: \.userKey).mapValues { $0.map(\.id) }
}
