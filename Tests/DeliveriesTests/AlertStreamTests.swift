import Deliveries
import Ledger
import Logging
import Testing

@Suite("The live stream of alerts", .serialized, .timeLimit(.minutes(1)))
struct AlertStreamTests {
    private let source = MemoryAlerts()

    private func running(
        _ options: AlertStream.Options = AlertStream.Options(), _ body: (AlertStream) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let stream = AlertStream(source: source, options: options, logger: logger)
        let task = Task { await stream.run() }
        do { try await body(stream) } catch {
            task.cancel()
            await task.value
            throw error
        }
        task.cancel()
        await task.value
    }

    /// What a client would make of the stream.
    private struct Client {
        var iterator: AlertSubscription.Iterator
        var ids: [String] = []
        var lastEventID: String?
        var events: [String] = []

        init(_ subscription: AlertSubscription) { iterator = subscription.makeAsyncIterator() }

        /// Reads until so many alerts are there.
        mutating func read(until count: Int) async throws {
            while ids.count < count {
                guard try await read() else { throw StreamEnded() }
            }
        }

        /// False: the stream has ended.
        mutating func read() async throws -> Bool {
            guard let piece = try await iterator.next() else { return false }
            for event in String(decoding: piece, as: UTF8.self).split(separator: "\n\n") {
                var name: String?
                var data: String?
                for line in event.split(separator: "\n") {
                    if line.hasPrefix("id: ") { lastEventID = String(line.dropFirst(4)) }
                    if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
                    if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
                    if line.hasPrefix(":") { events.append("heartbeat") }
                }
                if let name, let data {
                    events.append(name)
                    if name == "alert" { ids.append(String(data.dropFirst(19).dropLast(2))) }
                }
            }
            return true
        }
    }

    private struct StreamEnded: Error {}

    private func ids(_ range: Range<Int>) -> [String] { range.map { "txn_\($0)" } }

    @Test("Who comes without a place gets what comes from now on; all get the same")
    func live() async throws {
        source.raise(5)
        try await running { stream in
            var clients = [Client(try stream.subscribe()), Client(try stream.subscribe())]
            for place in clients.indices { _ = try await clients[place].read() }
            #expect(clients[0].lastEventID == source.raised.last?.position.description)
            source.raise(20)
            for place in clients.indices {
                try await clients[place].read(until: 20)
                #expect(clients[place].ids == ids(5..<25))
                #expect(clients[place].lastEventID == source.raised.last?.position.description)
            }
        }
    }

    @Test("Who comes back with Last-Event-ID misses none and gets none twice, however far back it was")
    func resume() async throws {
        source.raise(700)
        try await running(.init(kept: 50)) { stream in
            for start in [-1, 0, 350, 698] {
                let begun = source.raised.count
                let position = start < 0 ? OutboxPosition.start : source.raised[start].position
                var client = Client(try stream.subscribe(after: position))
                let feeding = Task { [source] in
                    for _ in 0..<10 {
                        source.raise(3)
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                }
                try await client.read(until: begun + 30 - start - 1)
                await feeding.value
                #expect(client.ids == ids(start + 1..<begun + 30))
            }
        }
    }

    @Test("Who was there and falls behind is told so and dropped, and can go on from where it was")
    func slow() async throws {
        try await running(.init(kept: 40)) { stream in
            var slow = Client(try stream.subscribe())
            var quick = Client(try stream.subscribe())
            _ = try await slow.read()
            _ = try await quick.read()
            // From now on alerts come from what is kept: nobody has anything to catch up with.
            try await eventually("the stream reads") { source.questions > 0 }
            source.raise(10)
            try await slow.read(until: 10)
            try await quick.read(until: 10)
            for _ in 0..<10 {
                source.raise(10)
                let wanted = source.raised.count
                try await quick.read(until: wanted)
            }
            while try await slow.read() {}
            #expect(slow.events.last == "dropped" && slow.ids == ids(0..<10))
            var again = Client(try stream.subscribe(after: OutboxPosition(try #require(slow.lastEventID))))
            try await again.read(until: 100)
            #expect(again.ids == ids(10..<110))
            #expect(quick.ids == ids(0..<110))
        }
    }

    @Test("A silent stream has heartbeats")
    func heartbeat() async throws {
        try await running(.init(heartbeat: .milliseconds(20))) { stream in
            var client = Client(try stream.subscribe())
            for _ in 0..<4 { _ = try await client.read() }
            #expect(client.events == ["heartbeat", "heartbeat", "heartbeat"])
            source.raise(1)
            try await client.read(until: 1)
            #expect(client.ids == ["txn_0"])
        }
    }

    @Test("There are so many subscribers and no more, until one leaves")
    func limit() async throws {
        try await running(.init(subscribers: 2)) { stream in
            var subscriptions = [try stream.subscribe(), try stream.subscribe()]
            #expect(throws: AlertStreamError.tooManySubscribers(limit: 2)) { try stream.subscribe() }
            subscriptions.removeLast()
            subscriptions.append(try stream.subscribe())
            #expect(subscriptions.count == 2)
        }
    }

    @Test("When the node stops, streams end and say so, those that wait too")
    func end() async throws {
        try await running { stream in
            var client = Client(try stream.subscribe())
            _ = try await client.read()
            let waiting = Task { [client] in
                var client = client
                while try await client.read() {}
                return client.events
            }
            try await Task.sleep(for: .milliseconds(20))
            stream.close()
            #expect(try await waiting.value == ["end"])
            #expect(throws: AlertStreamError.closed) { try stream.subscribe() }
        }
    }

    @Test("While the source fails streams wait, and miss nothing when it is back")
    func failingSource() async throws {
        source.raise(10)
        try await running { stream in
            var live = Client(try stream.subscribe())
            _ = try await live.read()
            source.raise(1)
            try await live.read(until: 1)
            source.fail(2)
            source.raise(10)
            try await live.read(until: 11)
            #expect(live.ids == ids(10..<21))
        }
    }
}
