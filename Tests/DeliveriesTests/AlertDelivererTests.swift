import Deliveries
import Ledger
import Logging
import Synchronization
import Testing

@Suite("Delivering by the leader", .serialized, .timeLimit(.minutes(1)))
struct AlertDelivererTests {
    private let source = MemoryAlerts()
    private let cursors = MemoryCursors()

    private func deliverer(of node: Int = 0) -> AlertDeliverer {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return AlertDeliverer(
            source: source, cursors: cursors.view(of: node),
            options: .init(cursorInterval: .milliseconds(3)), logger: logger)
    }

    /// Runs a deliverer that leads with these channels, for as long as the test needs it.
    private func leading(
        _ channels: [any AlertChannel], _ body: (AlertDeliverer) async throws -> Void
    ) async throws {
        let deliverer = deliverer()
        deliverer.setChannels(channels)
        deliverer.setLeading(true)
        let running = Task { await deliverer.run() }
        do { try await body(deliverer) } catch {
            running.cancel()
            await running.value
            throw error
        }
        running.cancel()
        await running.value
    }

    private var givenUp: [GivenUpDelivery] { cursors.state.withLock { $0.givenUp } }

    private func cursor(_ channel: String = "test") -> OutboxPosition? {
        cursors.state.withLock { $0.cursors[channel] }
    }

    @Test("Every alert goes through every channel once, in its user's order, and cursors follow in few commits")
    func allOfThem() async throws {
        let channels = [ScriptedChannel("a"), ScriptedChannel("b", options: .quick(parallelism: 1))]
        source.raise(250)
        try await leading(channels) { _ in
            source.raise(250)
            for channel in channels {
                try await eventually("all are delivered") { channel.delivered.count == 500 }
                #expect(byUser(channel.delivered) == byUser(source.raised))
                try await eventually("the cursor is at the end") {
                    cursor(channel.name) == source.raised.last?.position
                }
            }
        }
        #expect(channels[0].books.withLock { $0.mostUnderWay } <= 4)
        #expect(channels[1].delivered.map(\.id) == source.raised.map(\.id))
        #expect(cursors.state.withLock { $0.advances } < 500)
    }

    @Test("What fails is tried again, with its number, before the user's next alert; others go on meanwhile")
    func retries() async throws {
        let channel = ScriptedChannel { alert, attempt in
            alert.userKey == 3 && attempt < 4 ? .failed(reason: "busy", retryAfter: nil) : .delivered
        }
        source.raise(70)
        try await leading([channel]) { _ in
            try await eventually("all are delivered") { channel.delivered.count == 70 }
        }
        #expect(byUser(channel.delivered) == byUser(source.raised))
        channel.books.withLock { books in
            #expect(!books.hasOverlapped)
            let numbers = books.attempts.filter { $0.alert.userKey == 3 }.map(\.number)
            #expect(numbers == (0..<10).flatMap { _ in [1, 2, 3, 4] })
        }
        #expect(givenUp.isEmpty)
    }

    @Test("After so many attempts, or when it is refused, a delivery is given up and noted, and the cursor passes it")
    func givingUp() async throws {
        let channel = ScriptedChannel { alert, _ in
            switch alert.id {
            case "txn_4": .failed(reason: "broken", retryAfter: nil)
            case "txn_5": .refused(reason: "answered 410")
            default: .delivered
            }
        }
        source.raise(20)
        try await leading([channel]) { _ in
            try await eventually("the cursor is at the end") { cursor() == source.raised.last?.position }
        }
        #expect(channel.delivered.count == 18)
        let lost = givenUp.sorted { $0.alert.position < $1.alert.position }
        #expect(lost.map(\.alert.id) == ["txn_4", "txn_5"])
        #expect(lost.map(\.attempts) == [5, 1])
        #expect(lost.map(\.reason) == ["broken", "answered 410"])
    }

    @Test("The cursor does not pass a delivery that was given up before that is noted")
    func givingUpNeedsTheLedger() async throws {
        let channel = ScriptedChannel { [cursors] alert, _ in
            guard alert.id == "txn_0" else { return .delivered }
            cursors.state.withLock { $0.leader = 1 }
            return .refused(reason: "never")
        }
        cursors.state.withLock { $0.cursors["test"] = .start }
        source.raise(10, users: 10)
        try await leading([channel]) { _ in
            try await eventually("the others are delivered") { channel.delivered.count == 9 }
            #expect(cursor() == .start)
            cursors.state.withLock { $0.leader = 0 }
            try await eventually("the cursor is at the end") { cursor() == source.raised.last?.position }
        }
        #expect(givenUp.map(\.alert.id) == ["txn_0"])
    }

    @Test("Who does not lead delivers nothing, and who leads no more stops in the middle of an attempt")
    func leadership() async throws {
        let hangs = Mutex(true)
        let channel = ScriptedChannel { _, _ in
            while hangs.withLock({ $0 }), !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
            return Task.isCancelled ? .failed(reason: "cut short", retryAfter: nil) : .delivered
        }
        source.raise(10, users: 1)
        try await leading([channel]) { deliverer in
            try await eventually("an attempt is under way") { channel.attempts == 1 }
            deliverer.setLeading(false)
            try await eventually("it is cut short") { channel.books.withLock { $0.underWay.isEmpty } }
            hangs.withLock { $0 = false }
            source.raise(10, users: 1)
            try await Task.sleep(for: .milliseconds(50))
            #expect(channel.attempts == 1 && channel.delivered.isEmpty)
            deliverer.setLeading(true)
            try await eventually("all are delivered") { channel.delivered.count == 20 }
        }
        // An attempt that was cut short is none: the next one is the first again.
        #expect(channel.books.withLock { $0.attempts.allSatisfy { $0.number == 1 } })
    }

    @Test("Who leads again at once goes on, after what was cut short has ended")
    func leadingAgain() async throws {
        let channel = ScriptedChannel(options: .quick(parallelism: 2, attempts: 1_000)) { _, _ in
            try? await Task.sleep(for: .microseconds(300))
            // Not every receiver can be interrupted at once.
            if Task.isCancelled { await Task { try? await Task.sleep(for: .milliseconds(2)) }.value }
            return .delivered
        }
        source.raise(400)
        try await leading([channel]) { deliverer in
            for _ in 0..<20 {
                try await Task.sleep(for: .milliseconds(3))
                deliverer.setLeading(false)
                deliverer.setLeading(true)
            }
            try await eventually("the cursor is at the end") { cursor() == source.raised.last?.position }
        }
        #expect(!channel.books.withLock { $0.hasOverlapped })
        #expect(byUser(withoutRepetitions(channel.delivered)) == byUser(source.raised))
    }

    @Test("A node stops soon even if a receiver can't be interrupted, and its cursors are committed if it can")
    func stopping() async throws {
        let hanging = ScriptedChannel("hanging") { _, _ in
            await Task { try? await Task.sleep(for: .seconds(5)) }.value
            return .delivered
        }
        source.raise(10)
        let begin = ContinuousClock.now
        try await leading([hanging]) { _ in
            try await eventually("attempts are under way") { hanging.attempts > 0 }
        }
        #expect(ContinuousClock.now - begin < .seconds(4))
        let quick = ScriptedChannel("quick")
        let deliverer = AlertDeliverer(
            source: source, cursors: cursors.view(of: 0), options: .init(cursorInterval: .seconds(60)),
            logger: Logger(label: "test"))
        deliverer.setChannels([quick])
        deliverer.setLeading(true)
        let running = Task { await deliverer.run() }
        try await eventually("all are delivered") { quick.delivered.count == 10 }
        running.cancel()
        await running.value
        #expect(cursor("quick") == source.raised.last?.position)
    }

    @Test("Through leaders that are killed every alert arrives, and without repetitions in its user's order")
    func leaderKills() async throws {
        let nodes = (0..<3).map { deliverer(of: $0) }
        let channel = ScriptedChannel(options: .quick(parallelism: 3, attempts: 50)) { _, attempt in
            try? await Task.sleep(for: .microseconds(Int.random(in: 0...800)))
            return Int.random(in: 0..<4) == 0 ? .failed(reason: "busy", retryAfter: nil) : .delivered
        }
        let running = nodes.map { node in Task { await node.run() } }
        for node in nodes { node.setChannels([channel]) }
        let feeding = Task { [source] in
            for _ in 0..<60 {
                source.raise(20)
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        for leader in [0, 1, 2, 1, 0, 2] {
            cursors.state.withLock { $0.leader = leader }
            nodes[leader].setLeading(true)
            try await Task.sleep(for: .milliseconds(60))
            // The others hear of it before the old leader does.
            cursors.state.withLock { $0.leader = -1 }
            try await Task.sleep(for: .milliseconds(10))
            nodes[leader].setLeading(false)
            try await eventually("it has stopped") { channel.books.withLock { $0.underWay.isEmpty } }
        }
        await feeding.value
        cursors.state.withLock { $0.leader = 1 }
        nodes[1].setLeading(true)
        try await eventually("the cursor is at the end") { cursor() == source.raised.last?.position }
        for task in running { task.cancel() }
        for task in running { await task.value }
        #expect(source.raised.count == 1_200)
        #expect(channel.delivered.count > 1_200)
        #expect(byUser(withoutRepetitions(channel.delivered)) == byUser(source.raised))
    }

    @Test("A receiver that is down is left alone but for probes, and gets everything when it is back")
    func circuit() async throws {
        let isUp = Mutex(false)
        let channel = ScriptedChannel(options: .quick(parallelism: 8, attempts: 10_000, failures: 3)) { _, _ in
            isUp.withLock { $0 } ? .delivered : .failed(reason: "down", retryAfter: nil)
        }
        source.raise(100, users: 50)
        try await leading([channel]) { _ in
            try await eventually("some attempts were made") { channel.attempts >= 6 }
            let before = channel.attempts
            try await Task.sleep(for: .milliseconds(200))
            // Without the circuit eight lanes with pauses of 4 ms would make hundreds; probes are 40 ms apart by now.
            #expect(channel.attempts - before < 20)
            isUp.withLock { $0 = true }
            try await eventually("all are delivered") { channel.delivered.count == 100 }
        }
        #expect(byUser(channel.delivered) == byUser(source.raised))
    }

    @Test("While the oldest alert hangs, no more than the window are read, and then all go on")
    func window() async throws {
        let hangs = Mutex(true)
        let channel = ScriptedChannel(options: .quick(window: 30)) { alert, _ in
            while alert.id == "txn_0", hangs.withLock({ $0 }), !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(1))
            }
            return Task.isCancelled ? .failed(reason: "cut short", retryAfter: nil) : .delivered
        }
        source.raise(200, users: 200)
        try await leading([channel]) { _ in
            try await eventually("the window is full") { channel.delivered.count == 29 }
            try await Task.sleep(for: .milliseconds(50))
            #expect(channel.delivered.count == 29 && cursor() == .start)
            hangs.withLock { $0 = false }
            try await eventually("all are delivered") { channel.delivered.count == 200 }
        }
    }

    @Test("A new channel begins where it says, and keeps that place; one that is gone is not delivered to")
    func comingAndGoing() async throws {
        source.raise(10)
        let old = ScriptedChannel("old")
        let now = ScriptedChannel("now", options: .quick(start: .now))
        try await leading([old, now]) { deliverer in
            try await eventually("the old one has all") { old.delivered.count == 10 }
            try await eventually("the new one has its place") { cursor("now") == source.raised.last?.position }
            source.raise(5)
            try await eventually("the new one has the new ones") { now.delivered.count == 5 }
            try await eventually("cursors are at the end") { cursor("old") == source.raised.last?.position }
            let changed = ScriptedChannel("now", revision: 2, options: .quick(start: .now))
            deliverer.setChannels([changed])
            source.raise(5)
            try await eventually("it has taken over") {
                if changed.delivered.isEmpty { source.raise(1) }
                return !changed.delivered.isEmpty
            }
            let before = (old.delivered.count, now.delivered.count)
            source.raise(5)
            try await eventually("the cursor is at the end") { cursor("now") == source.raised.last?.position }
            #expect(withoutRepetitions(now.delivered + changed.delivered).count == source.raised.count - 10)
            #expect((old.delivered.count, now.delivered.count) == before)
        }
    }

    @Test("A source that fails for a while is asked again, and no alert is missed")
    func failingSource() async throws {
        let channel = ScriptedChannel()
        source.fail(4)
        source.raise(50)
        try await leading([channel]) { _ in
            try await eventually("half is there") { channel.delivered.count == 50 }
            source.fail(3)
            source.raise(50)
            try await eventually("all are delivered") { channel.delivered.count == 100 }
        }
        #expect(byUser(channel.delivered) == byUser(source.raised))
    }
}
