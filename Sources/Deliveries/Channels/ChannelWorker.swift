import Ledger
import Logging

/// Delivers the alerts of one channel from its cursor on, for as long as its task runs.
struct ChannelWorker: Sendable {
    private enum Event: Sendable {
        case read([OutgoingAlert])
        case finished(OutgoingAlert)
        /// A second has passed: numbers must be told even if nothing happens.
        case tick
    }

    private static let pageLimit = 500

    let channel: any AlertChannel
    let source: any AlertSource
    let cursors: any DeliveryCursors
    let keeper: CursorKeeper
    let logger: Logger
    private let metrics: ChannelMetrics
    private let breaker: CircuitBreaker

    init(
        _ channel: any AlertChannel, source: any AlertSource, cursors: any DeliveryCursors, keeper: CursorKeeper,
        logger: Logger
    ) {
        self.channel = channel
        self.source = source
        self.cursors = cursors
        self.keeper = keeper
        var logger = logger
        logger[metadataKey: "channel"] = "\(channel.name)"
        self.logger = logger
        metrics = ChannelMetrics(channel: channel.name)
        breaker = CircuitBreaker(channel.options.circuit, metrics: metrics)
    }

    /// Ends when the task is cancelled.
    func run() async {
        defer { metrics.noteEnd() }
        do {
            try await work(from: try await start())
        } catch {
            // Cancellation: nothing else ends it.
        }
    }

    /// The channel's cursor. A new channel gets one at once: it must not begin later if the next leader has to.
    private func start() async throws -> OutboxPosition {
        try await persistently(logger, "its cursor can't be read") {
            if let cursor = try await cursors.cursor(of: channel.name) { return cursor }
            let cursor = channel.options.start == .now ? try await source.newest() : .start
            try await cursors.advance([channel.name: cursor])
            return cursor
        }
    }

    private func work(from cursor: OutboxPosition) async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            var lanes = ChannelLanes(parallelism: channel.options.parallelism, window: channel.options.window)
            do {
                try await work(from: cursor, lanes: &lanes, in: &group)
            } catch {
                // What went through at the last moment needs no repetition.
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .success(.finished(let alert)) = result { finish(alert, in: &lanes) }
                }
                throw error
            }
        }
    }

    private func work(
        from cursor: OutboxPosition, lanes: inout ChannelLanes, in group: inout ThrowingTaskGroup<Event, any Error>
    ) async throws {
        var lastRead = cursor
        var isReading = false
        var moved = ContinuousClock.now
        group.addTask { try await tick() }
        while true {
            if !isReading, lanes.room > 0 {
                isReading = true
                let from = lastRead
                let limit = min(lanes.room, Self.pageLimit)
                group.addTask { .read(try await read(after: from, limit: limit)) }
            }
            while let alert = lanes.next() {
                group.addTask {
                    try await deliver(alert)
                    return .finished(alert)
                }
            }
            metrics.note(inFlight: lanes.count, oldest: lanes.count == 0 ? .zero : ContinuousClock.now - moved)
            guard let event = try await group.next() else { return }
            switch event {
            case .tick: group.addTask { try await tick() }
            case .read(let alerts):
                isReading = false
                if lanes.count == 0 { moved = .now }
                lanes.add(alerts)
                lastRead = alerts.last?.position ?? lastRead
            case .finished(let alert):
                if finish(alert, in: &lanes) { moved = .now }
            }
        }
    }

    private func tick() async throws -> Event {
        try await Task.sleep(for: .seconds(1))
        return .tick
    }

    /// True if the cursor has moved.
    @discardableResult
    private func finish(_ alert: OutgoingAlert, in lanes: inout ChannelLanes) -> Bool {
        guard let cursor = lanes.finish(alert) else { return false }
        keeper.note(cursor, of: channel.name)
        return true
    }

    /// Waits until there are some.
    private func read(after position: OutboxPosition, limit: Int) async throws -> [OutgoingAlert] {
        try await persistently(logger, "alerts can't be read") {
            try await source.nextAlerts(after: position, limit: limit)
        }
    }

    /// Tries until the alert is delivered or given up.
    private func deliver(_ alert: OutgoingAlert) async throws {
        let policy = channel.options.retries
        var generator = SystemRandomNumberGenerator()
        var attempts = 0
        while true {
            try await breaker.admit()
            attempts += 1
            switch try await attempt(alert, attempts) {
            case .delivered: return
            case .refused(let reason): return try await giveUp(alert, after: attempts, because: reason)
            case .failed(let reason, let retryAfter):
                logger.debug("a delivery failed", metadata: ["alert": "\(alert.id)", "reason": "\(reason)"])
                guard attempts < policy.attempts else {
                    return try await giveUp(alert, after: attempts, because: reason)
                }
                try await Task.sleep(for: policy.pause(after: attempts, askedFor: retryAfter, using: &generator))
            }
        }
    }

    private func attempt(_ alert: OutgoingAlert, _ number: Int) async throws -> AttemptOutcome {
        let begin = ContinuousClock.now
        let outcome = await channel.deliver(alert, attempt: number)
        guard !Task.isCancelled || outcome == .delivered else {
            breaker.abandoned()
            throw CancellationError()
        }
        metrics.noteAttempt(took: ContinuousClock.now - begin, delivered: outcome == .delivered)
        switch outcome {
        // Whoever refuses an alert is there and answers.
        case .delivered, .refused: breaker.succeeded()
        case .failed(_, let retryAfter): breaker.failed(quiet: retryAfter)
        }
        return outcome
    }

    private func giveUp(_ alert: OutgoingAlert, after attempts: Int, because reason: String) async throws {
        let delivery = GivenUpDelivery(
            channel: channel.name, alert: alert, attempts: attempts, reason: DeliveryReason.shortened(reason))
        logger.warning(
            "a delivery was given up",
            metadata: ["alert": "\(alert.id)", "attempts": "\(attempts)", "reason": "\(delivery.reason)"])
        try await persistently(logger, "a delivery that was given up can't be noted") {
            try await cursors.giveUp(delivery)
        }
        metrics.noteGivenUp()
    }
}

/// Why a delivery was given up, in words.
enum DeliveryReason {
    static let byteLimit = 256

    /// Whole characters of it, as many as fit.
    static func shortened(_ reason: String) -> String {
        guard reason.utf8.count > byteLimit else { return reason }
        var result = ""
        for character in reason {
            guard result.utf8.count + character.utf8.count <= byteLimit - 3 else { break }
            result.append(character)
        }
        return result + "…"
    }
}
