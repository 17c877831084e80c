import Ledger

/// One subscriber's stream, as pieces of a `text/event-stream` to be written one after the other. The next piece is asked for
/// when the last one is written: whoever reads slowly makes nobody else wait and takes no memory.
public struct AlertSubscription: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    private let place: Place

    init(_ stream: AlertStream, after position: OutboxPosition?, until end: ContinuousClock.Instant) {
        place = Place(stream, position, end)
    }

    /// To be made once.
    public func makeAsyncIterator() -> Iterator { Iterator(place: place) }

    /// The seat that a subscriber has until it is gone.
    fileprivate final class Place: Sendable {
        let stream: AlertStream
        let position: OutboxPosition?
        let end: ContinuousClock.Instant

        init(_ stream: AlertStream, _ position: OutboxPosition?, _ end: ContinuousClock.Instant) {
            self.stream = stream
            self.position = position
            self.end = end
        }

        deinit { stream.leave() }
    }

    public struct Iterator: AsyncIteratorProtocol {
        private enum Phase {
            case beginning
            /// `isLive`: it has been among what is kept.
            case reading(after: OutboxPosition, isLive: Bool)
            case ended
        }

        /// Alerts in one piece.
        private static let pieceLimit = 64

        private let place: Place
        private var phase = Phase.beginning

        fileprivate init(place: Place) { self.place = place }

        /// Nil: the stream has ended; its last piece said why. Throws `CancellationError` alone.
        public mutating func next() async throws -> [UInt8]? {
            switch phase {
            case .beginning: return try await begin()
            case .reading(let position, let isLive): return try await go(on: position, isLive: isLive)
            case .ended: return nil
            }
        }

        /// The client learns where it is at once: should it lose the connection before the first alert, it misses none.
        private mutating func begin() async throws -> [UInt8] {
            let stream = place.stream
            var text = ServerSentEvent.retry(stream.options.retry)
            do {
                let position: OutboxPosition
                if let known = place.position { position = known } else { position = try await stream.source.newest() }
                ServerSentEvent(id: position.description).append(to: &text)
                phase = .reading(after: position, isLive: false)
                return text
            } catch {
                try Task.checkCancellation()
                return text + end("error", because: "unavailable", at: place.position)
            }
        }

        private mutating func go(on position: OutboxPosition, isLive: Bool) async throws -> [UInt8] {
            let stream = place.stream
            var position = position
            let heartbeat = ContinuousClock.now + stream.options.heartbeat
            if ContinuousClock.now >= place.end { return end("end", because: "token_expired", at: position) }
            while true {
                switch stream.look(after: position, limit: Self.pieceLimit) {
                case .closed: return end("end", because: "stopping", at: position)
                case .alerts(let alerts): return piece(alerts, isLive: true)
                case .older where isLive:
                    stream.noteDropped()
                    return end("dropped", because: "too_slow", at: position)
                case .older(let start):
                    do {
                        let older = try await stream.source.alerts(after: position, limit: Self.pieceLimit)
                        if !older.alerts.isEmpty { return piece(older.alerts[...], isLive: false) }
                        if older.through > position { position = older.through }
                        // A database that fell back in a crash gets there again.
                        if position < start {
                            if let beat = beat(after: position, isLive: isLive, due: heartbeat) { return beat }
                            try await Task.sleep(for: AlertStream.patience)
                        }
                    } catch {
                        try Task.checkCancellation()
                        return end("error", because: "unavailable", at: position)
                    }
                case .nothing:
                    if let beat = beat(after: position, isLive: isLive, due: heartbeat) { return beat }
                    try await wait(beyond: position, until: heartbeat)
                case .unknown:
                    if let beat = beat(after: position, isLive: isLive, due: heartbeat) { return beat }
                    try await Task.sleep(for: AlertStream.patience)
                }
            }
        }

        private mutating func beat(
            after position: OutboxPosition, isLive: Bool, due: ContinuousClock.Instant
        ) -> [UInt8]? {
            guard ContinuousClock.now >= due else { return nil }
            phase = .reading(after: position, isLive: isLive)
            return ServerSentEvent.heartbeat
        }

        /// Until there is news or it is time for a heartbeat.
        private func wait(beyond position: OutboxPosition, until heartbeat: ContinuousClock.Instant) async throws {
            let news = place.stream.news
            do {
                try await withTimeLimit(heartbeat - .now) { try await news.wait(beyond: position) }
            } catch is TimeLimitExceeded {
                // The next look tells.
            }
        }

        private mutating func piece(_ alerts: ArraySlice<OutgoingAlert>, isLive: Bool) -> [UInt8] {
            var text: [UInt8] = []
            for alert in alerts {
                ServerSentEvent(id: alert.position.description, name: "alert", data: alert.document).append(to: &text)
            }
            phase = .reading(after: alerts.last!.position, isLive: isLive)
            return text
        }

        private mutating func end(_ name: String, because reason: String, at position: OutboxPosition?) -> [UInt8] {
            phase = .ended
            let last = position.map { ",\"last_event_id\":\"\($0)\"" } ?? ""
            var text: [UInt8] = []
            ServerSentEvent(name: name, data: Array("{\"reason\":\"\(reason)\"\(last)}".utf8)).append(to: &text)
            return text
        }
    }
}
