import EventLoop
import Glibc
import Testing

import class Foundation.Thread

@Suite struct EventLoopTests {
    /// Its state is reached from jobs, from callbacks and from other actors of the same loop.
    private actor Counter {
        nonisolated let loop: EventLoop
        private(set) var count = 0
        private var timer: Timer?

        init(on loop: EventLoop) { self.loop = loop }

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        func increment() -> Bool {
            count += 1
            return loop.isCurrent
        }

        nonisolated func incrementFromCallback() { assumeIsolated { $0.count += 1 } }

        func tick() throws {
            let timer = try Timer(loop: loop) { self.count += 1 }
            timer.start(afterMilliseconds: 1, everyMilliseconds: 1)
            self.timer = timer
        }

        func incrementTogether(with other: Counter) async {
            count += 1
            _ = await other.increment()
        }
    }

    @Test func `an actor on the loop runs on the loop's thread, from any task`() async throws {
        try await withLoop { loop in
            let counter = Counter(on: loop)
            let onLoop = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 { group.addTask { await counter.increment() } }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(onLoop)
            #expect(await counter.count == 100)
            #expect(!loop.isCurrent)
        }
    }

    @Test func `callbacks of the loop may enter its actors without a hop`() async throws {
        try await withLoop { loop in
            let counter = Counter(on: loop)
            try await loop.run { counter.incrementFromCallback() }
            #expect(await counter.count == 1)
            try await counter.tick()
            let deadline = ContinuousClock.now + .seconds(60)
            while await counter.count < 5, ContinuousClock.now < deadline {}
            #expect(await counter.count >= 5)
        }
    }

    @Test func `two actors of one loop call each other`() async throws {
        try await withLoop { loop in
            let first = Counter(on: loop)
            let second = Counter(on: loop)
            for _ in 0..<100 { await first.incrementTogether(with: second) }
            #expect(await first.count == 100)
            #expect(await second.count == 100)
        }
    }

    @Test func `work from one thread runs in its order, whoever else sends`() async throws {
        try await withLoop { loop in
            let seen = Confined<[[Int]]>([[], [], [], []])
            let total = Shared(0)
            await withTaskGroup(of: Void.self) { group in
                for sender in 0..<4 {
                    group.addTask {
                        for number in 0..<5000 {
                            loop.execute {
                                seen.value[sender].append(number)
                                total.update { $0 += 1 }
                            }
                        }
                    }
                }
            }
            #expect(await eventually { total.value == 20_000 })
            let all = try await loop.run { seen.value }
            for sender in all { #expect(sender == Array(0..<5000)) }
        }
    }

    @Test func `a sleeping loop wakes for each piece of work`() async throws {
        try await withLoop { loop in
            for _ in 0..<500 { try await loop.run {} }
        }
    }

    @Test func `work that begets work leaves timers their turn`() async throws {
        try await withLoop { loop in
            let isDone = Shared(false)
            let deadline = ContinuousClock.now + .seconds(60)
            @Sendable func again() { if !isDone.value, ContinuousClock.now < deadline { loop.execute { again() } } }
            try await loop.run {
                let timer = try Timer(loop: loop) { isDone.update { $0 = true } }
                timer.start(afterMilliseconds: 5)
                again()
            }
            #expect(await eventually { isDone.value })
        }
    }

    @Test func `work at the end of a turn runs once, after the turn's jobs`() async throws {
        try await withLoop { loop in
            let order = Shared<[String]>([])
            try await loop.run {
                loop.atEndOfTurn {
                    order.update { $0.append("end") }
                    loop.atEndOfTurn { order.update { $0.append("next end") } }
                }
                loop.execute { order.update { $0.append("job") } }
            }
            #expect(await eventually { order.value.count == 3 })
            #expect(order.value == ["job", "end", "next end"])
        }
    }

    @Test func `stopping runs what is queued, also what that queues`() async throws {
        let loop = try EventLoop(name: "stop")
        let count = Shared(0)
        for _ in 0..<10_000 {
            loop.execute {
                count.update { $0 += 1 }
                loop.execute { count.update { $0 += 1 } }
            }
        }
        loop.start()
        loop.stop()
        #expect(count.value == 20_000)
    }

    @Test func `a loop that never started stops too`() throws {
        let loop = try EventLoop(name: "idle")
        let count = Shared(0)
        loop.execute { count.update { $0 += 1 } }
        loop.stop()
        #expect(count.value == 1)
        _ = try EventLoop(name: "forgotten")
    }

    @Test func `an actor of a stopped loop still answers, one caller at a time`() async throws {
        let loop = try EventLoop(name: "late")
        loop.start()
        let counter = Counter(on: loop)
        #expect(await counter.increment())
        loop.stop()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 { group.addTask { _ = await counter.increment() } }
        }
        #expect(await counter.count == 501)
        #expect(!loop.isCurrent)
    }

    @Test func `work brought to a stopped loop runs one piece at a time, whoever brings it`() async throws {
        let loop = try EventLoop(name: "late")
        loop.stop()
        let count = Confined(0)
        let threads = Shared(0)
        for _ in 0..<4 {
            Thread.detachNewThread {
                for _ in 0..<500 {
                    loop.execute {
                        // Loses counts if two threads are here at once.
                        let before = count.value
                        for _ in 0..<10 { sched_yield() }
                        count.value = before + 1
                    }
                }
                threads.update { $0 += 1 }
            }
        }
        #expect(await eventually { threads.value == 4 })
        #expect(count.value == 2000)
    }

    @Test func `stopping while others send loses nothing and hangs nobody`() async throws {
        for _ in 0..<50 {
            let loop = try EventLoop(name: "race")
            let count = Shared(0)
            loop.start()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { for _ in 0..<100 { loop.execute { count.update { $0 += 1 } } } }
                }
                group.addTask { loop.stop() }
            }
            #expect(await eventually { count.value == 300 })
        }
    }

    @Test func `a stopped loop opens nothing more`() async throws {
        let loop = try EventLoop(name: "closed")
        loop.start()
        let refused = Shared<[EventLoopError]>([])
        loop.stop()
        loop.execute {
            do throws(EventLoopError) { _ = try Timer(loop: loop) {} } catch { refused.update { $0.append(error) } }
            do throws(EventLoopError) { _ = try TCPConnection(loop: loop) } catch {
                refused.update { $0.append(error) }
            }
        }
        #expect(refused.value == [.stopped, .stopped])
    }

    @Test func `errors carry the system's words`() {
        let error = EventLoopError.system(operation: "connecting to db:1", code: -111)
        #expect("\(error)" == "connecting to db:1: connection refused (ECONNREFUSED)")
    }
}
